"""Items made up for a table: the same ones for the same seed, each by its number."""
