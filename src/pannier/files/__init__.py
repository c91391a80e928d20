"""Formats, streaming in: request JSON as `aws` takes it, and JSON lines, plain or DynamoDB's.

What can't be read in a stream of records is a `Failure` with its file and line, not a stop. A
document that is wrong as a whole is a `FileError`, before anything is sent.
"""
