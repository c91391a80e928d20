"""Data frames that are written: the batch engine in every task, one report of all."""
