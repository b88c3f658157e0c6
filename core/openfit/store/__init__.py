"""Everything that is kept, in SQLite or PostgreSQL: one function a question, no ORM."""
