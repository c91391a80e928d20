"""What was found: summed up, told in tables, kept as JSON and read again."""
