"""Whether a database keeps its own laws: every row, count, index entry and record is looked at.

| module | what it looks at |
|---|---|
| `checker` | all of it, in the order of the store |
| `records` | the catalog: tables, counts, streams, backups, tokens |
| `rows` | the items of one table, and what follows from them: index entries, expiry times, counts |
| `streams` | the records of streams |
| `metrics` | series, points, alarms |
| `findings` | what is wrong, by kind, the first of each in full |

Memory is bounded, whatever the size: rows pass by in groups, and what belongs to them is looked up.
"""

from pannier.engine.checking.checker import check_store
from pannier.engine.checking.findings import Finding, Findings

__all__ = ["Finding", "Findings", "check_store"]
