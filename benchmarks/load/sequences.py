"""Requests for tables too large to prebuild all of it: made when they are sent, or sampled."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from typing import overload

from benchmarks.load import wire
from benchmarks.load.workloads import BatchWrite25

_STRIDE = 2_654_435_761
_BATCH_ITEMS = 25


class Loading(Sequence[bytes]):
    """Batches that put the products from `begin` up to `end` into a table, without locality.

    Each is made when it is asked for, so that ten million items need no memory; a server is busy
    for far longer with it.
    """

    def __init__(self, table: str, begin: int, end: int) -> None:
        self._table = table
        self._begin = begin
        self._count = end - begin
        self._stride = _STRIDE % self._count or 1
        while math.gcd(self._stride, self._count) != 1:
            self._stride += 1
        self._batch = BatchWrite25()

    def __len__(self) -> int:
        return math.ceil(self._count / _BATCH_ITEMS)

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[bytes]: ...
    def __getitem__(self, place: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        if not 0 <= place < len(self):
            raise IndexError(place)
        first = place * _BATCH_ITEMS
        numbers = [
            self._begin + each * self._stride % self._count
            for each in range(first, min(first + _BATCH_ITEMS, self._count))
        ]
        return wire.stamped([self._batch.request(numbers)], self._table)[0]


def samples(below: int, size: int, count: int, seed: int) -> Iterator[list[int]]:
    """*count* lists of *size* different numbers below *below*, others for each *seed*."""
    chance = random.Random(seed)
    for _ in range(count):
        yield chance.sample(range(below), size)


def batches(begin: int, end: int) -> Iterator[list[int]]:
    """The numbers from *begin* up to *end*, shuffled, as full batches."""
    numbers = list(range(begin, end))
    random.Random(begin).shuffle(numbers)
    for start in range(0, len(numbers) - _BATCH_ITEMS + 1, _BATCH_ITEMS):
        yield numbers[start : start + _BATCH_ITEMS]
