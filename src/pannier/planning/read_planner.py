"""The units and calls of a read by key: how many are fetched, and what an item is taken to cost.

BatchGetItem is metered as so many GetItems: each item is rounded up for itself, half of it if the
read is eventually consistent, and a missing key costs the minimum (service model; Developer Guide,
"Read and write operations"). What the items weigh is not in the keys: it is looked up in a sample,
given, or taken from the table's mean.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from pannier.batch.prepared import prepare_key
from pannier.batch.reads.asked_keys import AskedKeys
from pannier.batch.reads.read import Key
from pannier.batch.report import Failure
from pannier.cost.table_shape import TableShape
from pannier.errors import ServiceError
from pannier.limits import (
    BATCH_GET_KEYS_MAX,
    BATCH_GET_PARTITION_BYTES_MAX,
    BATCH_GET_RESPONSE_BYTES_MAX,
)
from pannier.model.units import read_units
from pannier.planning.assumptions import Assumption
from pannier.planning.key_sample import KeySample
from pannier.planning.write_planner import ShapeOf, key_digest

# As the read job keeps them: `batch/reads/read_job.py`.
WINDOW: Final = 8000
_Z_95: Final = 1.96
_REASONS_MAX: Final = 100

IsConsistent: TypeAlias = Callable[[str], bool]


@dataclass(slots=True)
class Fetched:
    """Keys of one table: how many are fetched."""

    shape: TableShape
    consistent: bool
    keys: int = 0


@dataclass(frozen=True, slots=True)
class ItemsSaid:
    """What the user says of the items: their size, and the share of keys that are not there."""

    size_bytes: int | None = None
    missing: float = 0.0


@dataclass(slots=True)
class ReadUnits:
    """Units and bytes of one table's keys.

    Attributes:
        units: read units.
        margin: by how much a sample may have missed them, with 95 % confidence.
        found_bytes: the size of what is found.
        found_keys: how many of the keys are found.
        assumptions: what they depend on.
    """

    units: float
    margin: float
    found_bytes: float
    found_keys: float
    assumptions: list[Assumption]


class ReadPlanner:
    """Goes through the keys of a read.

    Args:
        shape_of: the shape of a table, by name.
        is_consistent: how a table is read, by name.
        sample: gets keys; None for no sample.
    """

    def __init__(
        self, shape_of: ShapeOf, is_consistent: IsConsistent, sample: KeySample | None = None
    ) -> None:
        self.read = 0
        self.failed = 0
        self.calls = 0
        self.sent_bytes = 0
        self.repeated = 0
        self.reasons: Counter[str] = Counter()
        self.tables: dict[str, Fetched] = {}
        self._shape_of = shape_of
        self._is_consistent = is_consistent
        self._sample = sample
        self._keys = AskedKeys()

    def feed(self, key: Key | Failure) -> None:
        """Take the next key.

        Raises:
            UserError: nobody knows the shape of its table.
        """
        self.read += 1
        if isinstance(key, Failure):
            self._failed(key.reason)
            return
        fetched = self.tables.get(key.table)
        if fetched is None:
            shape = self._shape_of(key.table)
            fetched = self.tables[key.table] = Fetched(shape, self._is_consistent(key.table))
        try:
            prepared = prepare_key(key.table, key.attributes, fetched.shape.schema)
        except ServiceError as error:
            self._failed(f"{error.code}: {error.message}")
            return
        self._keys.add(prepared)
        while self._keys.count >= WINDOW:
            self._send()

    def end(self) -> None:
        """The keys have ended."""
        while not self._keys.empty:
            self._send()

    def _send(self) -> None:
        keys = []
        for key in self._keys.peek(list(self._keys.tables)):
            keys.append(key)
            if len(keys) == BATCH_GET_KEYS_MAX:
                break
        self._keys.depart(keys)
        self.calls += 1
        for key in keys:
            self.sent_bytes += len(key.payload)
            self.tables[key.table].keys += 1
            self.repeated += len(self._keys.answer(key)) - 1
            if self._sample is not None:
                self._sample.offer(key_digest(key.lane), key.table, key.attributes, None)

    def _failed(self, reason: str) -> None:
        self.failed += 1
        if reason in self.reasons or len(self.reasons) < _REASONS_MAX:
            self.reasons[reason] += 1


def units_of(fetched: Fetched, said: ItemsSaid, sizes: Sequence[int] | None) -> ReadUnits:
    """The read units of one table's keys.

    Args:
        fetched: the keys.
        said: what the user says of the items.
        sizes: of the sampled keys' items, 0 for a missing one; None without a sample.
    """
    keys, consistent = fetched.keys, fetched.consistent
    if sizes:
        return _sampled(fetched, sizes)
    name, holds = fetched.shape.name, fetched.shape.holds
    size, source = said.size_bytes, "as given"
    if size is None:
        size, source = math.ceil(holds.mean_bytes), "the table's mean"
    found = keys * (1 - said.missing)
    units = found * read_units(size, consistent=consistent)
    units += (keys - found) * read_units(0, consistent=consistent)
    text = f"an item of {name} has {size:,} bytes ({source}): --item-size, --against-table"
    missing = f"{said.missing:.0%} of the keys are missing; a missing key costs the minimum"
    return ReadUnits(
        units,
        0.0,
        found * size,
        found,
        [Assumption("item-size", "units", text), Assumption("missing-keys", "units", missing)],
    )


def _sampled(fetched: Fetched, sizes: Sequence[int]) -> ReadUnits:
    keys, count = fetched.keys, len(sizes)
    each = [read_units(size, consistent=fetched.consistent) for size in sizes]
    mean = sum(each) / count
    spread = sum((units - mean) ** 2 for units in each) / max(1, count - 1)
    margin = _Z_95 * keys * math.sqrt(spread / count * max(0.0, 1 - count / keys))
    found_bytes = keys * sum(sizes) / count
    found = keys * sum(size > 0 for size in sizes) / count
    if count >= keys:
        return ReadUnits(keys * mean, 0.0, found_bytes, found, [])
    text = (
        f"{count:,} of {keys:,} keys of {fetched.shape.name} were looked up, "
        f"{sum(size > 0 for size in sizes):,} are there; the others are taken to be alike "
        f"(95 % confidence: +/- {margin:,.0f} units)"
    )
    assumed = [Assumption("sample", "units", text)]
    return ReadUnits(keys * mean, margin, found_bytes, found, assumed)


def calls_of(planner: ReadPlanner, found_bytes: float) -> tuple[int, list[Assumption]]:
    """How many calls the keys take, with those that a full answer costs."""
    by_bytes = math.ceil(found_bytes / BATCH_GET_RESPONSE_BYTES_MAX)
    keys = sum(each.keys for each in planner.tables.values())
    mean = found_bytes / keys if keys else 0.0
    assumptions = []
    if mean * BATCH_GET_KEYS_MAX > BATCH_GET_PARTITION_BYTES_MAX:
        text = (
            "items of a call are spread over partitions; a call answers at most 1 MB of one "
            "partition and leaves the other keys for more calls, at the same units"
        )
        assumptions.append(Assumption("spread-keys", "calls", text))
    return max(planner.calls, by_bytes), assumptions
