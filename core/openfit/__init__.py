"""OpenFit: a self-hosted hub for health and fitness data."""
