"""Bytes on disk: ordered keys, atomic groups, snapshots, and what survives a crash.

The durability promise, kept by `rocks` and `group_commit` together:

* A group of changes is atomic: after any crash all of it is there or none of it.
* Once `GroupCommit.wait` has returned for a group, the group survives the end of the process
  (`kill -9`) and a power cut: its log record was synced to disk.
* Before that, a written group already survives the end of the process (the record is with the
  operating system), but not a power cut. `durability="relaxed"` answers at that point.
* Groups survive in the order in which they were written: a later one is never there without the
  earlier ones.

`memory` keeps the same contract but for survival: nothing outlives the process.
"""
