"""The library: connections, tables, and the seed's `BatchProcessor`, on top of the batch engine."""
