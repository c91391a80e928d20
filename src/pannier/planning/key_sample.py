"""A sample of keys out of a stream of any length, each key with the same chance.

The keys with the smallest digests are taken. So a key that comes twice counts once, the sample is
the same each time, and it takes the memory of its own size only. If the stream has no more keys
than the sample has room for, it holds all of them.
"""

import heapq
from dataclasses import dataclass
from typing import Any

from pannier.cost.write_cost import ItemState
from pannier.model.attribute_value import Item


@dataclass(frozen=True, slots=True)
class SampledKey:
    """A key in the sample.

    Attributes:
        table: its table's name.
        key: in the API's JSON form.
        state: what the first operation on it makes of it; None if that is a delete, or a read.
    """

    table: str
    key: Item
    state: ItemState | None


class KeySample:
    """The keys with the smallest digests.

    Args:
        size: how many at most.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._heap: list[int] = []  # negative: the largest digest is in front
        self.keys: dict[bytes, SampledKey] = {}

    def offer(self, digest: bytes, table: str, key: Any, state: ItemState | None) -> None:
        """Take a key into the sample, if its digest is among the smallest; the first time only."""
        if digest in self.keys:
            return
        number = -int.from_bytes(digest)
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, number)
        elif number > self._heap[0]:
            largest = heapq.heapreplace(self._heap, number)
            del self.keys[(-largest).to_bytes(len(digest))]
        else:
            return
        self.keys[digest] = SampledKey(table, key, state)
