"""The items of one client: what each is now, by a few numbers, from which it can be made again.

A client owns its keys, and its calls follow one another. So it knows what every read must show.
"""

from __future__ import annotations

import random
from typing import Final

from benchmarks.soak.calling import Json

TABLE: Final = "soak"
INDEX: Final = "by-color"
COLORS: Final = 5
_SHELF_ITEMS: Final = 100
_TEXT: Final = "".join(
    random.Random("soak").choices("abcdefghijklmnopqrstuvwxyz0123456789", k=500_000)
)
# How many of a hundred items are how large, in bytes of their text.
_SIZES: Final = ((700, 100, 800), (250, 800, 6_000), (49, 6_000, 40_000), (1, 100_000, 380_000))

Version = tuple[int, int]
"""Which text an item has, and how often its number was raised since."""


class OwnedItems:
    """What one client's items are.

    Args:
        client: the client's number.
        keys: how many keys it owns.
    """

    def __init__(self, client: int, keys: int) -> None:
        self.client = client
        self.keys = keys
        self._versions: list[Version | None] = [None] * keys
        self._newest = 0

    def key(self, number: int) -> Json:
        """The key of an item."""
        shelf, place = divmod(number, _SHELF_ITEMS)
        return {"p": {"S": f"{self.client}#{shelf}"}, "s": {"S": f"{place:03d}"}}

    def shelf(self, number: int) -> str:
        """The partition key that an item shares with its neighbours."""
        return f"{self.client}#{number // _SHELF_ITEMS}"

    def is_there(self, number: int) -> bool:
        """Whether an item exists."""
        return self._versions[number] is not None

    def fresh(self, number: int) -> tuple[Version, Json]:
        """A new version of an item, and the item."""
        self._newest += 1
        version = (self._newest, 0)
        return version, self._item(number, version)

    def raised(self, number: int) -> Version:
        """The version of an item once its number is raised; of one that is not there, too."""
        there = self._versions[number]
        assert there is not None  # only items that are there are raised
        return there[0], there[1] + 1

    def put(self, number: int, version: Version | None) -> None:
        """Note what an item is from now on; None for nothing."""
        self._versions[number] = version

    def version(self, number: int) -> Version | None:
        """What an item is."""
        return self._versions[number]

    def item(self, number: int) -> Json | None:
        """An item as it must be read; None if there must be none."""
        version = self._versions[number]
        return None if version is None else self._item(number, version)

    def on_shelf(self, number: int) -> list[Json]:
        """The items that share a partition key, as a query must answer them."""
        first = number - number % _SHELF_ITEMS
        found = [self.item(each) for each in range(first, min(first + _SHELF_ITEMS, self.keys))]
        return [each for each in found if each is not None]

    def of_color(self, color: int) -> int:
        """How many items the index must show under a color."""
        return sum(
            version is not None and version[0] % COLORS == color for version in self._versions
        )

    def color(self, color: int) -> str:
        """The index's partition key of a color of this client."""
        return f"{self.client}-{color}"

    def all_items(self) -> dict[tuple[str, str], Json]:
        """All items, by their keys."""
        items = (self.item(number) for number in range(self.keys))
        return {(item["p"]["S"], item["s"]["S"]): item for item in items if item is not None}

    def _item(self, number: int, version: Version) -> Json:
        written, raised = version
        chance = random.Random(f"{self.client}/{number}/{written}")
        [(_, least, most)] = chance.choices(_SIZES, [size[0] for size in _SIZES])
        size_bytes = chance.randrange(least, most)
        begin = chance.randrange(len(_TEXT) - size_bytes)
        return {
            **self.key(number),
            "color": {"S": self.color(written % COLORS)},
            "version": {"N": str(written)},
            "raised": {"N": str(raised)},
            "text": {"S": _TEXT[begin : begin + size_bytes]},
            "more": {"M": {"flag": {"BOOL": bool(written % 2)}, "list": {"L": [{"NULL": True}]}}},
        }
