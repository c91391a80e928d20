"""Care for a database's folder as a whole: checks, backups, and what can be saved of a damaged one.

| module | what it does |
|---|---|
| `checked` | looks at everything in a folder, and writes nothing |
| `backing_up` | copies the state of one moment, while the database is in use or not |
| `repairing` | saves into a new folder what can be read of a damaged one |
| `rebuilding` | the rows and records of that, with indexes and counts made anew |
"""
