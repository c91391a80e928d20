"""Key values of made-up items: unique by the item's number, spread over partitions or skewed.

A table with a sort key has partitions of so many items each, in turn, so that neighbours in the
input are in different partitions, as a good load is. Skewed, the partition is drawn by Zipf's law,
and the sort key is the item's number. Without a sort key each item is a partition of its own;
skewed, the keys repeat, and items overwrite each other.
"""

import random
from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Final

from pannier.errors import UserError
from pannier.generating.templates import Place
from pannier.generating.zipf import Zipf
from pannier.model.attribute_value import Item
from pannier.model.key_schema import KeyAttribute, KeySchema

_DIGITS: Final = 9  # so that texts sort as numbers do
_NUMBER_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """How items are spread over partitions.

    Attributes:
        count: of items.
        per_partition: items of a partition.
        exponent: of Zipf's law; 0 for no skew.
    """

    count: int
    per_partition: int = 10
    exponent: float = 0.0

    @classmethod
    def of(cls, count: int, per_partition: int, skew: str | None) -> "Layout":
        """Read what a user wrote.

        Raises:
            UserError: the skew is none.
        """
        if skew is None:
            return cls(count, per_partition)
        kind, _, exponent = skew.partition(":")
        try:
            number = float(exponent or "1.1")
        except ValueError:
            number = 0.0
        if kind != "zipf" or not 0 < number <= 10:  # steeper ones are one key
            raise UserError(f"{skew!r} is no skew", "Write it as zipf:1.1.")
        return cls(count, per_partition, number)


class Keys:
    """Places and key values of items.

    Args:
        schema: of the table.
        layout: how items are spread.
    """

    def __init__(self, schema: KeySchema, layout: Layout) -> None:
        self._schema = schema
        per_partition = layout.per_partition if schema.sort else 1
        self._partitions = max(1, -(-layout.count // per_partition))
        self._zipf = Zipf(self._partitions, layout.exponent) if layout.exponent else None

    def place(self, number: int, chance: random.Random) -> Place:
        """Where an item goes."""
        if self._zipf is not None:
            return Place(number, self._zipf.draw(chance) - 1, number)
        return Place(number, number % self._partitions, number // self._partitions)

    def values(self, place: Place) -> Item:
        """The key of an item."""
        (partition,) = self._schema.partition
        key = {partition.name: key_value(partition, place.partition)}
        for sort in self._schema.sort:
            key[sort.name] = key_value(sort, place.position)
        return key


def key_value(attribute: KeyAttribute, number: int) -> dict[str, Any]:
    """A key value out of a number; texts begin with the attribute's name: `pk-000000017`."""
    match attribute.kind:
        case "N":
            return {"N": str(number)}
        case "B":
            return {"B": b64encode(number.to_bytes(_NUMBER_BYTES)).decode()}
    return {"S": f"{attribute.name.lower()}-{number:0{_DIGITS}}"}
