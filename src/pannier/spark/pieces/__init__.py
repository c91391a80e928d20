"""Files cut into pieces that are worth a task."""
