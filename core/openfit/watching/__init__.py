"""How the hub does: log and figures for those who run it, a live channel for those who wait."""
