"""The servers that are measured: how to get, start, prepare, hold and end each."""
