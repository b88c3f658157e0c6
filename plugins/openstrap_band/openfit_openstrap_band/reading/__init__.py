"""Records out of frames: one at a time, and very many as arrays."""
