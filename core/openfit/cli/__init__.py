"""`openfit`: `commands` holds the program; what its commands do lives where its name says."""
