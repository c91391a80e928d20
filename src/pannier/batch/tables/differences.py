"""What a comparison of two tables asks for, and what it finds."""

from dataclasses import dataclass, field
from typing import Any, Final

from pannier.batch.reads.projection import Projection
from pannier.batch.tables.canonical_item import different_attributes
from pannier.model.attribute_value import Item

SIDES: Final = ("a", "b")


@dataclass(frozen=True, slots=True)
class Difference:
    """A key whose items are not the same.

    Attributes:
        key: in the API's JSON form.
        a: the item of the first table; None if it has none.
        b: of the second.
    """

    key: Item
    a: Item | None
    b: Item | None

    def to_json(self) -> dict[str, Any]:
        """The difference as plain values: where the item is, or in which attributes it differs."""
        if self.a is None or self.b is None:
            return {"key": self.key, "only_in": "a" if self.b is None else "b"}
        names = different_attributes(self.a, self.b)
        values = {
            side: {name: item[name] for name in names if name in item}
            for side, item in (("a", self.a), ("b", self.b))
        }
        return {"key": self.key, "differs": names, **values}


@dataclass(slots=True)
class Summary:
    """What a comparison found.

    Attributes:
        items: how many items were seen in each table.
        only_in: how many keys only one of them has.
        different: how many items differ.
        resolved: how many seemed to differ, and did not at a second look.
        read_units: of both tables.
    """

    items: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SIDES, 0))
    only_in: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SIDES, 0))
    different: int = 0
    resolved: int = 0
    read_units: float = 0.0

    @property
    def is_equal(self) -> bool:
        """Whether there is no difference."""
        return not (self.different or any(self.only_in.values()))


@dataclass(frozen=True, slots=True)
class Extract:
    """What is compared of two tables.

    Attributes:
        projection: of each item, beside its key; None for whole items.
        keys_only: only which keys there are.
        sample: about how many items of each table are looked up in both; None for all.
    """

    projection: Projection = Projection()  # noqa: RUF009  # a frozen value
    keys_only: bool = False
    sample: int | None = None
