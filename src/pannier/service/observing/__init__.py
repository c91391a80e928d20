"""What a server tells of itself: its log, how it is, what it was slow at.

Nothing here is on a request's way unless it was asked for: see `sight`.
"""
