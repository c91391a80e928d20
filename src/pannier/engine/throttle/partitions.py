"""The partitions of a table or index, simulated: who shares whose throughput.

Rules, and what is assumed where AWS says nothing:

| rule | evidence |
|---|---|
| a partition serves 1,000 write and 3,000 read units a second, and burst does not lift that | Developer Guide, "Burst and adaptive capacity" |
| a table has the partitions that its throughput needs, one more for each 10 GB of its size | Developer Guide, "Partitions and data distribution" |
| partitions split, and are never joined again | Developer Guide |
| items belong to a partition by the hash of their partition key | Developer Guide |
| a partition that is throttled for five minutes on end splits, unless one key makes the heat | "split for heat" is documented, the time is assumed |

A partition is a range of the hashes by which rows are ordered, so its items are one range of rows.
"""  # noqa: E501  # a table's row can't be wrapped

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pannier.engine.rows import HASH_SPAN, SPACE_BYTES
from pannier.engine.throttle.bucket import Bucket
from pannier.limits import PARTITION_BYTES, PARTITION_READ_UNITS, PARTITION_WRITE_UNITS

_SPLIT_AFTER_S: Final = 300.0
_QUIET_S: Final = 60.0  # without a throttled event for so long, a partition has cooled down
_PARTITIONS_MAX: Final = 4096
_HASH: Final = slice(SPACE_BYTES, SPACE_BYTES + 4)


class Partition:
    """One partition.

    Attributes:
        reads: its bucket of read units, which holds one second's.
        writes: its bucket of write units, likewise.
    """

    __slots__ = ("_highest", "_hot_since_s", "_hot_until_s", "_lowest", "reads", "writes")

    def __init__(self, now_s: float) -> None:
        self.reads = Bucket(PARTITION_READ_UNITS, PARTITION_READ_UNITS, now_s)
        self.writes = Bucket(PARTITION_WRITE_UNITS, PARTITION_WRITE_UNITS, now_s)
        self._cool_down()

    def _cool_down(self) -> None:
        self._hot_since_s: float | None = None
        self._hot_until_s = 0.0
        self._lowest = HASH_SPAN
        self._highest = -1

    def heat(self, row_key: bytes, now_s: float) -> int | None:
        """Note that an item of a partition was throttled.

        Returns:
            The hash at which the partition shall split, or None.
        """
        hashed = int.from_bytes(row_key[_HASH], "big")
        if self._hot_since_s is None or now_s - self._hot_until_s > _QUIET_S:
            self._cool_down()
            self._hot_since_s = now_s
        self._hot_until_s = now_s
        self._lowest = min(self._lowest, hashed)
        self._highest = max(self._highest, hashed)
        if now_s - self._hot_since_s < _SPLIT_AFTER_S or self._lowest == self._highest:
            return None
        return (self._lowest + self._highest + 1) // 2


class Partitions:
    """All partitions of a table or index."""

    __slots__ = ("_each", "_starts")

    def __init__(self, count: int, now_s: float) -> None:
        count = min(max(count, 1), _PARTITIONS_MAX)
        self._starts = [_bound(HASH_SPAN * number // count) for number in range(count)]
        self._each = [Partition(now_s) for _ in self._starts]

    def __len__(self) -> int:
        return len(self._starts)

    def number(self, row_key: bytes) -> int:
        """The number of the partition in which a row lies."""
        return bisect_right(self._starts, row_key[_HASH]) - 1

    def of(self, row_key: bytes) -> Partition:
        """The partition in which a row lies."""
        return self._each[bisect_right(self._starts, row_key[_HASH]) - 1]

    def shares(
        self, row_keys: Sequence[bytes], units: Sequence[float]
    ) -> list[tuple[Partition, float]]:
        """How the units of several rows fall on their partitions."""
        if len(self._starts) == 1:
            return [(self._each[0], sum(units))]
        starts = self._starts
        numbers = [bisect_right(starts, row_key[_HASH]) for row_key in row_keys]
        sums: Mapping[int, float]
        if len(set(units)) == 1:
            sums = Counter(numbers)
            return [(self._each[number - 1], sums[number] * units[0]) for number in sums]
        sums = defaultdict(float)
        for number, one in zip(numbers, units, strict=True):
            sums[number] += one
        return [(self._each[number - 1], sums[number]) for number in sums]

    def grow(self, count: int, now_s: float) -> None:
        """Split the widest partitions until there are so many."""
        while len(self._starts) < min(count, _PARTITIONS_MAX):
            starts = [int.from_bytes(start, "big") for start in self._starts]
            ends = [*starts[1:], HASH_SPAN]
            widths = [end - start for start, end in zip(starts, ends, strict=True)]
            widest = widths.index(max(widths))
            self._split(starts[widest] + widths[widest] // 2, now_s)

    def throttled(self, row_key: bytes, now_s: float) -> None:
        """Note that an item was throttled by its partition, which may split in time."""
        middle = self.of(row_key).heat(row_key, now_s)
        if middle is not None and len(self._starts) < _PARTITIONS_MAX:
            self._split(middle, now_s)

    def describe(self, now_s: float) -> list[dict[str, Any]]:
        """The partitions, each with its first hash and the units that are left in this second."""
        shown = []
        for start, partition in zip(self._starts, self._each, strict=True):
            for bucket in (partition.reads, partition.writes):
                bucket.fill(now_s)
            shown.append(
                {
                    "first_hash": int.from_bytes(start, "big"),
                    "read_units_left": partition.reads.units,
                    "write_units_left": partition.writes.units,
                }
            )
        return shown

    def _split(self, start: int, now_s: float) -> None:
        position = bisect_right(self._starts, _bound(start))
        self._starts.insert(position, _bound(start))
        self._each[position - 1 : position] = [Partition(now_s), Partition(now_s)]


def _bound(hashed: int) -> bytes:
    return hashed.to_bytes(4, "big")


def partitions_needed(read_units: float, write_units: float, size_bytes: int) -> int:
    """How many partitions a throughput and a size need."""
    by_throughput = read_units / PARTITION_READ_UNITS + write_units / PARTITION_WRITE_UNITS
    by_size = size_bytes / PARTITION_BYTES
    return max(1, -int(-by_throughput // 1), -int(-by_size // 1))


def partitions_on_demand(read_units: float, write_units: float, size_bytes: int) -> int:
    """How many partitions on-demand throughput needs: it serves either reads or writes."""
    return max(
        partitions_needed(read_units, 0, size_bytes), partitions_needed(0, write_units, size_bytes)
    )
