"""The same random requests to Pannier and to another server; every difference is shown.

    python -m tests.differential --endpoint http://127.0.0.1:8001 --count 5000 --seed 1

Requests are legal and illegal, of all kinds. Both sides see the same ones in the same order, so
their states stay the same for as long as their answers do. What differs is a question, not a
verdict: which side AWS is on is decided by hand, and written into `docs/differences.md`.
"""
