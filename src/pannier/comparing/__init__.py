"""Single calls beside batches, on the same keys, both measured."""
