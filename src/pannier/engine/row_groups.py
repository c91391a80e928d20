"""Rows of a space in groups of a bounded size, for work on whole tables.

Rows are read first and written then, since a range must be used up before the next write.
"""

from collections.abc import Iterator
from typing import Final

from pannier.engine.rows import SPACE_BYTES, space_prefix
from pannier.limits import MIB
from pannier.storage.store import Entry, View

ROWS_MAX: Final = 500
BYTES_MAX: Final = 4 * MIB


def space_end(prefix: bytes) -> bytes:
    """The first key behind a space."""
    return space_prefix(int.from_bytes(prefix[:SPACE_BYTES], "big") + 1)


def next_rows(view: View, prefix: bytes, after: bytes) -> tuple[list[Entry], bool]:
    """The next rows of a space, and whether they are the last.

    Args:
        view: where to read.
        prefix: the space.
        after: the row behind which to begin; empty for the first.
    """
    rows: list[Entry] = []
    size_bytes = 0
    for entry in view.range(after + b"\0" if after else prefix, space_end(prefix)):
        if len(rows) == ROWS_MAX or size_bytes >= BYTES_MAX:
            return rows, False
        rows.append(entry)
        size_bytes += len(entry[1])
    return rows, True


def all_rows(view: View, prefix: bytes) -> Iterator[tuple[list[Entry], bool]]:
    """All rows of a space, group by group; the caller may write between two groups."""
    after = b""
    last = False
    while not last:
        rows, last = next_rows(view, prefix, after)
        yield rows, last
        if rows:
            after = rows[-1][0]
