"""Wrong requests by the million, over the wire: no 5xx, no hang, no death, no growing memory.

    python -m tests.fuzz --requests 1000000 --seed 1
    python -m tests.fuzz --replay fuzz-failures/000.json

A bounded run of the same is in `test_wire_fuzz.py`.
"""
