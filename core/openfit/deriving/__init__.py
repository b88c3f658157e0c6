"""What follows from what is stored: sources merged, daily values, analyses; all of it can be thrown
away and made again."""
