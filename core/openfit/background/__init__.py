"""Work that nobody waits for: what is due (`work`), who does it (`worker`), how it takes turns."""
