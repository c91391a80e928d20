"""The units, calls and bytes of a write, found by going through its input as the job will.

The operations are checked, superseded and packed by the code of the batch engine itself: the same
window, the same lanes, the same batches. What is sent is noted in a `KeyLedger`, which tells at the
end what each write finds in the table of what the input wrote before. What the table had before
that is not in the input: `tallies` has the units if it had nothing, and if it had an item.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, Self

import orjson

from pannier.batch.operation import Kind, Operation
from pannier.batch.prepared import Lane, PreparedWrite, prepare_write
from pannier.batch.report import Failure
from pannier.batch.writes.ordering import Lanes
from pannier.batch.writes.packing import fill
from pannier.cost.key_ledger import KEY_BYTES, Change, KeyLedger
from pannier.cost.size_histogram import SizeHistogram
from pannier.cost.storage_cost import Stored
from pannier.cost.table_shape import TableShape
from pannier.cost.write_cost import Entry, ItemState, state_of, write_cost
from pannier.errors import ServiceError
from pannier.limits import BATCH_WRITE_OPERATIONS_MAX, MIB
from pannier.model.attribute_value import check_item
from pannier.planning.key_sample import KeySample
from pannier.planning.plan import Plan

# As the write job keeps them: `batch/writes/write_job.py`.
WINDOW: Final = 2000
_WINDOW_BYTES: Final = 64 * MIB
_REASONS_MAX: Final = 100
_OTHER_KEY: Final = b"moved"
_OTHER_CONTENT: Final = b"changed"

ShapeOf = Callable[[str], TableShape]


def key_digest(lane: Lane) -> bytes:
    """A digest of a key over all tables."""
    table, key = lane
    text = table.encode() + b"\0" + key
    return blake2b(text, digest_size=KEY_BYTES).digest()


@dataclass(slots=True)
class Tally:
    """What the writes to one table come to. Lists have the table's figure first, then each index's.

    Attributes:
        shape: the table.
        later: units of writes to keys that the input wrote before: certain.
        first_puts: how many puts are the first of their key.
        first_deletes: how many deletes are the first of their key.
        puts_new: units of those puts if they overwrite nothing.
        puts_over: units if each overwrites an item with the same index keys.
        puts_moved: units if each overwrites an item with other index keys.
    """

    shape: TableShape
    later: list[float]
    puts_new: list[float]
    puts_over: list[float]
    puts_moved: list[float]
    first_puts: int = 0
    first_deletes: int = 0

    @classmethod
    def of(cls, shape: TableShape) -> Self:
        """An empty one."""
        later, new, over, moved = ([0.0] * (len(shape.indexes) + 1) for _ in range(4))
        return cls(shape, later, new, over, moved)

    @property
    def keys(self) -> int:
        """How many keys the input writes."""
        return self.first_puts + self.first_deletes


@dataclass(slots=True)
class WriteCounts:
    """What the input holds, and what is sent of it."""

    read: int = 0
    puts: int = 0
    deletes: int = 0
    superseded: int = 0
    failed: int = 0
    calls: int = 0
    sent_bytes: int = 0
    sizes: SizeHistogram = field(default_factory=SizeHistogram)
    stored: Stored = field(default_factory=Stored)
    reasons: Counter[str] = field(default_factory=Counter)

    def put_into(self, plan: Plan) -> None:
        """Have them in a plan."""
        plan.items = {
            "read": self.read,
            "written": self.puts,
            "deleted": self.deletes,
            "superseded": self.superseded,
            "failed": self.failed,
        }
        plan.calls = self.calls
        plan.single_calls = self.puts + self.deletes
        plan.sent_bytes = self.sent_bytes
        plan.sizes = self.sizes
        plan.stored = self.stored
        plan.reasons = self.reasons


class WritePlanner:
    """Goes through the input of a write. Use it as a context: it has temporary files.

    Args:
        shape_of: the shape of a table, by name; asked once for each.
        every_write: whether each write of a key is sent, or only the last of those that wait.
        sample: gets keys; None for no sample.
        old_bytes: the size of an item that a put overwrites; None for that of the new one.
    """

    def __init__(
        self,
        shape_of: ShapeOf,
        *,
        every_write: bool = False,
        sample: KeySample | None = None,
        old_bytes: int | None = None,
    ) -> None:
        self.counts = WriteCounts()
        self.tallies: list[Tally] = []
        self._shape_of = shape_of
        self._sample = sample
        self._old_bytes = old_bytes
        self._numbers: dict[str, int] = {}
        self._indexes: list[int] = []
        self._lanes = Lanes(every_write=every_write)
        self._ledger = KeyLedger(self._indexes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ledger.__exit__()

    def feed(self, operation: Operation | Failure) -> None:
        """Take the next element of the input.

        Raises:
            UserError: nobody knows the shape of its table, or the disk is full.
        """
        counts = self.counts
        counts.read += 1
        if isinstance(operation, Failure):
            self._failed(operation.reason)
            return
        shape = self._shape(operation.table)
        try:
            write = prepare_write(operation, shape.schema)
        except ServiceError as error:
            self._failed(f"{error.code}: {error.message}")
            return
        if self._lanes.add(write):
            counts.superseded += 1
        while self._lanes.kept >= WINDOW or self._lanes.held_bytes >= _WINDOW_BYTES:
            self._send()

    def end(self) -> None:
        """The input has ended: fills `tallies` and what `counts` says of storage."""
        while not self._lanes.empty:
            self._send()
        for change, old, is_first in self._ledger.by_key():
            self._add(change, old, is_first=is_first)

    def _shape(self, table: str) -> TableShape:
        number = self._numbers.get(table)
        if number is None:
            shape = self._shape_of(table)
            number = self._numbers[table] = len(self.tallies)
            self.tallies.append(Tally.of(shape))
            self._indexes.append(len(shape.indexes))
        return self.tallies[number].shape

    def _send(self) -> None:
        writes = fill(self._lanes.peek(), BATCH_WRITE_OPERATIONS_MAX)
        self._lanes.depart(writes)
        self.counts.calls += 1
        for write in writes:
            self._lanes.settle(write)
            self.counts.sent_bytes += len(write.payload)
            self._note(write)

    def _note(self, write: PreparedWrite) -> None:
        number = self._numbers[write.table]
        shape = self.tallies[number].shape
        ((_, content),) = orjson.loads(write.payload).items()
        state = None
        if write.operation.kind is Kind.PUT:
            item = content["Item"]
            size_bytes = check_item(item)
            try:
                state = state_of(shape, item, size_bytes)
            except ServiceError as error:
                self._failed(f"{error.code}: {error.message}")
                return
            self.counts.sizes.add(size_bytes)
            self.counts.puts += 1
            key = shape.schema.key_of(item)
        else:
            self.counts.deletes += 1
            key = content["Key"]
        digest = key_digest(write.lane)
        if self._sample is not None:
            self._sample.offer(digest, shape.name, key, state)
        self._ledger.note(Change(number, digest, state))

    def _failed(self, reason: str) -> None:
        self.counts.failed += 1
        if reason in self.counts.reasons or len(self.counts.reasons) < _REASONS_MAX:
            self.counts.reasons[reason] += 1

    def _add(self, change: Change, old: ItemState | None, *, is_first: bool) -> None:
        tally = self.tallies[change.table]
        new = change.state
        _store(self.counts.stored, old, -1)
        _store(self.counts.stored, new, 1)
        indexes = len(tally.shape.indexes)
        if not is_first:
            _increase(tally.later, write_cost(old, new, indexes))
        elif new is None:
            tally.first_deletes += 1
        else:
            tally.first_puts += 1
            _increase(tally.puts_new, write_cost(None, new, indexes))
            size = self._old_bytes or new.size_bytes
            over, moved = (_older(new, size, key) for key in (None, _OTHER_KEY))
            _increase(tally.puts_over, write_cost(over, new, indexes))
            _increase(tally.puts_moved, write_cost(moved, new, indexes))


def _older(new: ItemState, size_bytes: int, key: bytes | None) -> ItemState:
    """An item that a put may overwrite; if `key` is given, with other index keys."""
    return ItemState(
        size_bytes,
        tuple(
            Entry(
                size_bytes
                if each.size_bytes == new.size_bytes
                else min(each.size_bytes, size_bytes),
                key or each.key,
                _OTHER_CONTENT,
            )
            if each is not None
            else None
            for each in new.entries
        ),
    )


def _increase(sums: list[float], units: list[int]) -> None:
    for position, each in enumerate(units):
        sums[position] += each


def _store(stored: Stored, state: ItemState | None, sign: int) -> None:
    if state is None:
        return
    stored.items += sign
    stored.size_bytes += sign * state.size_bytes
    for entry in state.entries:
        if entry is not None:
            stored.entries += sign
            stored.size_bytes += sign * entry.size_bytes
