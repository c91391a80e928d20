"""Malformed requests by the thousand, over the wire: no 5xx, no closed server, no lost neighbour.

    python -m tests.fuzz --minutes 10 --seed 1

A bounded run of the same is in `test_wire_fuzz.py`.
"""
