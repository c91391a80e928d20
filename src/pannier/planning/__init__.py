"""What a job will take, before it is begun: the batch engine's packing, and `cost`'s arithmetic.

Nothing is written. What can't be known is assumed, and every assumption has a name.
"""
