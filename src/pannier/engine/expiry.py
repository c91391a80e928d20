"""When the items of one table expire: an index of times, kept in the group that changes an item.

```
key    space (4) | expiry in seconds since 1970 (8) | key of the item's row (all of it)
value  empty
```

Which values count (Developer Guide, "Using DynamoDB Time to Live"): a top-level attribute of type
N, in seconds since 1970. All else is ignored. A fraction counts as the next whole second; times
before 1970 and beyond 64 bits never come, so they have no entry.

What was deleted is still searched through until RocksDB has cleared it away, so each index knows
where there is nothing any more: else a sweep of many items would be slower with each step.

A table whose items were there before has them indexed bit by bit: see `backfill` in `ttl`. Until
an item's turn has come it just expires later.
"""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any, Final, Self

from pannier.engine.rows import row_item, space_prefix
from pannier.model.attribute_value import Item
from pannier.storage.store import Group, View

if TYPE_CHECKING:
    from pannier.engine.writing import ItemChange

_TIME_BYTES: Final = 8
_TIME_MAX: Final = 2**63
# Spaces of tables and indexes are numbered from 1, those of streams from 0x80000000.
_SPACE_BASE: Final = 0x4000_0000


class Expiry:
    """How the items of one table expire.

    Attributes:
        attribute: the attribute that holds the time.
        prefix: of the keys of all entries.
    """

    __slots__ = ("_gone_from", "_gone_to", "_number", "attribute", "prefix")

    def __init__(self, attribute: str, table_space: int) -> None:
        self.attribute = attribute
        self._number = expiry_space(table_space)
        self.prefix = space_prefix(self._number)
        # No entry lies between these two.
        self._gone_from = self._gone_to = self.prefix

    @classmethod
    def of(cls, table_record: dict[str, Any]) -> Self | None:
        """What a table's record says, or None where items do not expire."""
        settings = table_record.get("ttl")
        return None if settings is None else cls(settings["attribute"], table_record["space"])

    def expiry_s(self, item: Item) -> int | None:
        """When an item expires, in whole seconds since 1970, or None for never."""
        value = item.get(self.attribute)
        text = value.get("N") if value is not None else None
        if text is None:
            return None
        seconds = Decimal(text)
        if not 0 <= seconds < _TIME_MAX:
            return None
        return int(seconds.to_integral_value(ROUND_CEILING))

    def change(self, change: "ItemChange", old_row: bytes | None, group: Group) -> None:
        """Add to a group what a change of an item does to the index."""
        old = None if old_row is None else self.expiry_s(row_item(old_row))
        new = None if change.item is None else self.expiry_s(change.item)
        if old == new:
            return
        if old is not None:
            group.delete(self.key(old, change.row_key))
        if new is not None:
            self._put(new, change.row_key, group)

    def add(self, row_key: bytes, row: bytes, group: Group) -> None:
        """Add an item that was there before to the index."""
        time_s = self.expiry_s(row_item(row))
        if time_s is not None:
            self._put(time_s, row_key, group)

    def expired(self, view: View, start_s: int, stop_s: int) -> Iterator[tuple[int, bytes]]:
        """Expiry times from `start_s` up to, not including, `stop_s`, with keys of rows."""
        start, stop = (self.prefix + _time(each) for each in (start_s, stop_s))
        if self._gone_from <= start < self._gone_to:
            start = self._gone_to
        skipped = len(self.prefix)
        for key, _ in view.range(start, stop):
            time = key[skipped : skipped + _TIME_BYTES]
            yield int.from_bytes(time, "big"), key[skipped + _TIME_BYTES :]

    def swept(self, start_s: int, to: tuple[int, bytes] | int) -> None:
        """Say that there are no entries any more from a time up to another.

        Args:
            start_s: from there.
            to: the last entry that is gone, or the time up to which all are.
        """
        self._gone_from = self.prefix + _time(start_s)
        self._gone_to = self.prefix + _time(to) if isinstance(to, int) else self.key(*to) + b"\0"

    def remove(self, group: Group) -> None:
        """Add the removal of the whole index to a group."""
        group.delete_range(self.prefix, space_prefix(self._number + 1))

    def key(self, time_s: int, row_key: bytes) -> bytes:
        """The key of an item's entry."""
        return self.prefix + _time(time_s) + row_key

    def _put(self, time_s: int, row_key: bytes, group: Group) -> None:
        key = self.key(time_s, row_key)
        if self._gone_from <= key < self._gone_to:
            self._gone_to = key
        group.put(key, b"")


def expiry_space(table_space: int) -> int:
    """The number of the space of a table's expiry times."""
    return _SPACE_BASE + table_space


def _time(time_s: int) -> bytes:
    return max(0, min(time_s, _TIME_MAX)).to_bytes(_TIME_BYTES, "big")
