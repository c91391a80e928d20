"""Jobs that write: one key, one lane; full legal batches; what comes back goes first."""
