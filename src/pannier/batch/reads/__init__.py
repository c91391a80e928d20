"""Jobs that read by key: full batches of keys, and what was found under each."""
