"""Running PartiQL statements: what they read and write, with the engine's own reads and writes.

`reading` has SELECT's pages, `writing` the writes, `single_reads` the reads of batches and
transactions; `keys` and `ranges` find in WHERE what names items or parts of tables.
"""
