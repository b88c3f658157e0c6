"""What a person says of himself and of his data: corrections, entries, profile, tags, rankings."""
