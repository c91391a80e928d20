"""Jobs that a command has Spark run: its session, and the work of each task."""
