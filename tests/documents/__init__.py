"""Documents that can't go stale: what they show is run, and what they list is compared."""
