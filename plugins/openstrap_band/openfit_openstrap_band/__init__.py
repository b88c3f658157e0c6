"""OpenStrap band: frames of its own, decoded."""
