"""The yardstick: Pannier and its peers, loaded with the same bytes, in one run.

A figure alone says little on a noisy machine. What counts here is the ratio of two
servers measured in turn, seconds apart, by a generator that costs far less than they do.
`python -m benchmarks --quick` takes it; README.md says how to read it.
"""
