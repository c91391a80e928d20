"""What a request costs by stage, in one process, and what HTTP adds to it.

    python -m benchmarks.stages [--against PATH]

Measured only where a request passes a seam that stays: JSON in, the check of an item and its key,
the store, the recorder of metrics. Everything between them is *the rest*. So two versions can be
compared whose insides differ.
"""
