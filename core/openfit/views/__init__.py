"""What the API shows of a person's data: one module a page, each a few questions to the store."""
