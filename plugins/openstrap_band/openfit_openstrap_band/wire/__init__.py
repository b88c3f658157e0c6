"""Frames and what is in them that is no record: commands, answers, events, marks."""
