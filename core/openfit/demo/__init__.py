"""A made-up athlete for a first look. Nothing here is imported but by `openfit demo`."""
