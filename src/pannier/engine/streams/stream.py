"""One stream: its shard, its sequence numbers, and its rows.

```
key    space (4) | sequence number (8)
value  creation in milliseconds since 1970 (8) | the record as JSON
```

A stream has one shard, open until the stream is disabled: all records are in the order of their
changes, those of one item among them. Sequence numbers count from 1 within the stream and only
grow; creation times never go back, whatever the clock does, so both order the rows alike.

Records of 24 hours and more are trimmed: no read shows them, from that millisecond on. Their rows
are removed later, by the database's sweep, every five minutes: to remove a range of rows makes the
store forget all that it keeps in memory.
"""

from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from pannier.engine.rows import space_prefix
from pannier.engine.streams.record import record_json, sequence_text, unchanged
from pannier.storage.store import Group, View

if TYPE_CHECKING:
    from pannier.engine.writing import ItemChange

RETENTION_MS: Final = 24 * 60 * 60 * 1000
_TRIM_EVERY_MS: Final = 5 * 60 * 1000
_TIME_BYTES: Final = 8
_NUMBER_BYTES: Final = 8
# Spaces of tables and indexes are numbered from 1; those of streams are far above them.
_SPACE_BASE: Final = 0x8000_0000


class Stream:
    """A stream, live or disabled.

    Args:
        record: what the store keeps of it, see `to_record`.
        clock: seconds since 1970.

    Attributes:
        first: the sequence number below which nothing is stored any more.
        next: the sequence number of the next record.
        ended_ms: when it was disabled, or None.
    """

    __slots__ = (
        "_clock", "_last_ms", "_prefix", "_trimmed_ms", "arn", "created_ms", "ended_ms", "first",
        "key_schema", "label", "next", "number", "table_name", "view_type",
    )  # fmt: skip

    def __init__(self, record: dict[str, Any], clock: Callable[[], float]) -> None:
        self._clock = clock
        self.number: int = record["number"]
        self._prefix = space_prefix(_SPACE_BASE + self.number)
        self.arn: str = record["arn"]
        self.label: str = record["label"]
        self.table_name: str = record["table_name"]
        self.key_schema: list[dict[str, str]] = record["key_schema"]
        self.view_type: str = record["view_type"]
        self.created_ms: int = record["created_ms"]
        self.ended_ms: int | None = record["ended_ms"]
        self.first: int = record["first"]
        self.next: int = record["next"]
        self._last_ms = self.created_ms
        self._trimmed_ms: int | None = None

    def to_record(self) -> dict[str, Any]:
        """What the store keeps, besides the rows."""
        return {
            "number": self.number,
            "arn": self.arn,
            "label": self.label,
            "table_name": self.table_name,
            "key_schema": self.key_schema,
            "view_type": self.view_type,
            "created_ms": self.created_ms,
            "ended_ms": self.ended_ms,
            "first": self.first,
            "next": self.next,
        }

    def load(self, view: View) -> None:
        """Find out which number is the next, from the rows."""
        last = next(view.range(self._prefix, self._end(), reverse=True), None)
        if last is not None:
            self.next = max(self.next, _number(last[0]) + 1)
            self._last_ms = _created_ms(last[1])

    @property
    def shard_id(self) -> str:
        """The one shard's id, in AWS's form."""
        suffix = blake2b(self.arn.encode(), digest_size=4).hexdigest()
        return f"shardId-{self.created_ms:020d}-{suffix}"

    def shards(self) -> list[dict[str, Any]]:
        """The shards as DescribeStream shows them."""
        numbers = {"StartingSequenceNumber": sequence_text(1)}
        if self.ended_ms is not None:
            numbers["EndingSequenceNumber"] = sequence_text(max(1, self.next - 1))
        return [{"ShardId": self.shard_id, "SequenceNumberRange": numbers}]

    def append(
        self, change: "ItemChange", old_row: bytes | None, new_row: bytes | None, group: Group
    ) -> None:
        """Add the record of a change to the group that makes it, if it changes anything."""
        if new_row is None:
            if old_row is None:
                return
        elif old_row is not None and unchanged(old_row, new_row):
            return
        self._last_ms = max(self._last_ms, int(self._clock() * 1000))
        attributes = change.attributes
        record = record_json(
            arn=self.arn,
            number=self.next,
            view_type=self.view_type,
            created_s=self._last_ms // 1000,
            keys={name: attributes[name] for name in change.table.schema.names},
            old_row=old_row,
            new_row=new_row,
            by_service=change.by_service,
        )
        group.put(self._key(self.next), self._last_ms.to_bytes(_TIME_BYTES, "big") + record)
        self.next += 1

    def records(self, view: View, position: int) -> Iterator[tuple[int, bytes]]:
        """Sequence numbers and records from a position on; records as JSON."""
        for key, row in view.range(self._key(position), self._end()):
            yield _number(key), row[_TIME_BYTES:]

    def horizon(self, view: View, now_ms: int) -> int:
        """The oldest sequence number that is not trimmed; `next` where all are."""
        return self.created_since(view, now_ms - RETENTION_MS + 1)

    def created_since(self, view: View, time_ms: int) -> int:
        """The sequence number of the first record created at a time or later.

        By bisection. Numbers that no row has, since their group was refused, do no harm.
        """
        low, high = self.first, self.next
        while low < high:
            middle = (low + high) // 2
            found = next(view.range(self._key(middle), self._key(high)), None)
            if found is None or _created_ms(found[1]) >= time_ms:
                high = middle
            else:
                low = _number(found[0]) + 1
        return low

    def trim(self, view: View, now_ms: int, group: Group) -> bool:
        """Add the removal of trimmed rows to a group; the caller keeps the stream's record."""
        last_ms = self._trimmed_ms
        if last_ms is not None and abs(now_ms - last_ms) < _TRIM_EVERY_MS:
            return False
        self._trimmed_ms = now_ms
        horizon = self.horizon(view, now_ms)
        if horizon == self.first:
            return False
        group.delete_range(self._key(self.first), self._key(horizon))
        self.first = horizon
        return True

    def remove(self, group: Group) -> None:
        """Add the removal of all rows to a group."""
        group.delete_range(self._prefix, self._end())

    def is_over(self, now_ms: int) -> bool:
        """Whether it was disabled so long ago that nobody may read it any more."""
        return self.ended_ms is not None and now_ms - self.ended_ms >= RETENTION_MS

    def _key(self, number: int) -> bytes:
        return self._prefix + number.to_bytes(_NUMBER_BYTES, "big")

    def _end(self) -> bytes:
        return space_prefix(_SPACE_BASE + self.number + 1)


def stream_space(number: int) -> int:
    """The number of the space of a stream's rows."""
    return _SPACE_BASE + number


def parsed_row(key: bytes, row: bytes) -> tuple[int, int, bytes]:
    """A row's sequence number, its creation in milliseconds since 1970, and its record as JSON."""
    return _number(key), _created_ms(row), row[_TIME_BYTES:]


def _number(key: bytes) -> int:
    return int.from_bytes(key[-_NUMBER_BYTES:], "big")


def _created_ms(row: bytes) -> int:
    return int.from_bytes(row[:_TIME_BYTES], "big")
