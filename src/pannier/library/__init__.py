"""The library: connections, tables, and the workshop's `BatchProcessor`, on top of the batch engine."""
