"""Whether the server stays as it is, hour after hour, under a mixed load.

    python -m benchmarks.soak --minutes 60

One `pannier serve` on a fresh folder, synced. Clients that own their keys write, read, query and
transact at a given rate, well below what the machine can do; beside them items expire, a stream is
read, tables and indexes come and go, CloudWatch and `/metrics` are asked, and connections are
opened, dropped and broken off. Every answer is compared with what its client knows.

Every ten seconds a sample is taken: memory, files, threads, the folder, latencies. At the end every
item is compared, the server is stopped, started again, and compared once more. What is judged:

- memory: less than 5 % of growth from the first quarter after warming up to the last;
- open files, those of the folder aside, and threads: no more than before;
- the folder: less than 10 % of growth from the second quarter to the last, though the stream keeps
  all its records, as it must for 24 hours;
- errors that nothing explains, and items that are not as their clients wrote them: none.

Growth is judged only where ten minutes or more follow the warming up. The exit status is 1 where
anything failed.
"""
