"""What is going on: the CloudWatch metrics of a target, and the jobs that run on this machine.

It reads and computes; `pannier monitor` and whoever else shows it decide what it looks like.
Everything here blocks: call it in a thread, where something else has to go on.
"""
