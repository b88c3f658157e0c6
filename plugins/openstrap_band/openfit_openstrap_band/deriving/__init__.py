"""What becomes of records: series, events, steps; and what is said of those that are none."""
