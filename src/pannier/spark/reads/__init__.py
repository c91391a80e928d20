"""Tables and keys that are read."""
