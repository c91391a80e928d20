"""One budget over all tasks of a job."""
