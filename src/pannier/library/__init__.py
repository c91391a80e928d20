"""The library: connections, tables and `BatchProcessor`, on top of the batch engine."""
