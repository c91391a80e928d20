"""What a check found: how much of each kind, and the first of each in full."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

LISTED_MAX: Final = 10

KINDS: Final = {
    "file": "files that are damaged or missing",
    "lost": "stretches that can't be read",
    "record": "records of the catalog that are wrong",
    "row": "items that are wrong",
    "count": "counts that are wrong",
    "index": "index entries that are wrong, missing or too many",
    "expiry": "expiry times that are wrong, missing or too many",
    "stream": "stream records that are wrong or missing",
    "backup": "on-demand backups that are not complete",
    "metrics": "metrics that can't be read",
    "orphan": "rows that belong to nothing",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        kind: one of `KINDS`.
        place: the table, index, stream or file.
        what: what is wrong, with the key where there is one.
    """

    kind: str
    place: str
    what: str


class Findings:
    """All that is wrong with a database, and how much was looked at.

    Args:
        progress: called now and then, with how many rows were looked at.

    Attributes:
        counts: how many findings there are of each kind.
        listed: the first of each kind.
        rows: how many rows were looked at, of whatever sort.
        tables: items and their size in bytes by table, as counted.
        notes: what is worth saying and not wrong.
    """

    def __init__(self, progress: Callable[[int], None] = lambda _: None) -> None:
        self.counts: Counter[str] = Counter()
        self.listed: list[Finding] = []
        self.rows = 0
        self.tables: dict[str, tuple[int, int]] = {}
        self.notes: list[str] = []
        self._progress = progress

    def add(self, kind: str, place: str, what: str) -> None:
        """Something is wrong."""
        self.counts[kind] += 1
        if self.counts[kind] <= LISTED_MAX:
            self.listed.append(Finding(kind, place, what))

    def looked_at(self, rows: int) -> None:
        """So many rows more were looked at."""
        self.rows += rows
        self._progress(self.rows)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.counts

    def to_document(self) -> dict[str, Any]:
        """All of it as plain values."""
        return {
            "sound": self.sound,
            "rows": self.rows,
            "tables": {
                name: {"items": items, "size_bytes": size_bytes}
                for name, (items, size_bytes) in self.tables.items()
            },
            "counts": dict(self.counts),
            "findings": [
                {"kind": each.kind, "place": each.place, "what": each.what} for each in self.listed
            ],
            "notes": self.notes,
        }
