"""The batch engine: any number of operations, few calls, every one accounted for.

```
source -> Operation -> ordering (one key, one lane) -> packing (full legal batches)
       -> target -> answer -> leftovers back to packing, the rest to the report
```

`write_job` and `read_job` decide and do no I/O: they are given the time, the answers and the
chance. `sessions` brings them together with a target and an event loop.
"""
