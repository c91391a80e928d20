"""How fast the server is as its table grows: writes and reads, memory, folder.

    python -m benchmarks.growth --sizes 10000,100000,1000000,10000000

One `pannier serve` on disk, synced. At each size, some windows of a fixed time each, over 8
connections: batches of 25 new items, batches of 25 that overwrite, reads of 100 random keys.
Medians of the windows, and ratios to the first size.

The table is loaded over 32 connections, synced too, and goes on being loaded from size to size. A
window of new items would let a small table grow to many times its size; below 500,000 items each
such window gets a table of its own, loaded to that size and deleted afterwards. In a larger one it
ends early where it has added a tenth.

With `--folder` the database stays, and the same command goes on after the last size that was done.
"""
