"""One DynamoDB-compatible database in one folder, or in memory.

`database.Database` is the way in: it takes an operation's name and a request, and gives back an
answer. Each operation of the API is one module under `operations`.
"""
