"""Items for a table: keys, the keys of its indexes, attributes, and a filling up to a size.

Item `n` depends on the seed and on `n` only. So the same items come each time, a job that was ended
goes on with the first number that is not done, and any item can be made without those before it.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from pannier.batch.operation import Kind, Operation, Origin
from pannier.batch.report import Failure
from pannier.cost.table_shape import TableShape
from pannier.errors import PannierError, UserError
from pannier.generating.keys import Keys, Layout, key_value
from pannier.generating.size_distribution import SizeDistribution
from pannier.generating.templates import LETTERS, Template
from pannier.model.attribute_value import Item, check_item
from pannier.model.plain import to_item

Maker = Callable[[int, random.Random], Mapping[str, Any]]
"""A user's own generator: the item's number from 0, and the chance to use."""

SOURCE: Final = "generated"
DEFAULT_SIZE: Final = SizeDistribution(200, 1000)
_FILLING: Final = "text"
_INDEX_VALUES: Final = 100  # different values of an index's partition key
_DEFAULT: Final = {
    "name": {"words": [2, 4]},
    "price": {"number": [1, 500], "decimals": 2},
    "created_at": {"timestamp": ["2025-01-01", "2026-01-01"]},
    "active": {"bool": 0.9},
}
_BLOCK: Final = 4096


@dataclass(frozen=True, slots=True)
class Wanted:
    """What items to make.

    Attributes:
        seed: other seeds make other items.
        layout: how many, and how they are spread over partitions.
        size: how large they are filled up to; None leaves them as they are.
        template: of attributes; None for a few usual ones.
        maker: the user's own generator.
    """

    seed: int
    layout: Layout
    size: SizeDistribution | None = None
    template: Template | None = None
    maker: Maker | None = None


class ItemGenerator:
    """Makes items that fit a table.

    Args:
        shape: the table.
        wanted: what to make.
    """

    def __init__(self, shape: TableShape, wanted: Wanted) -> None:
        self._shape = shape
        self._seed = wanted.seed
        self._count = wanted.layout.count
        self._maker = wanted.maker
        self._keys = Keys(shape.schema, wanted.layout)
        own = wanted.template is None and wanted.maker is None
        self._template = Template(_DEFAULT) if own else wanted.template or Template({})
        self._size = wanted.size or (DEFAULT_SIZE if own else None)
        self._letters = "".join(random.Random(wanted.seed).choices(LETTERS, k=_BLOCK))

    def item(self, number: int) -> Item:
        """Item `number`, from 0.

        Raises:
            UserError: the template or the user's own generator makes something that is no item.
        """
        chance = random.Random(_seed(self._seed, number))
        place = self._keys.place(number, chance)
        try:
            made = self._template.make(place, chance)
            if self._maker is not None:
                made = {**made, **self._maker(number, chance)}
            item = {**self._keys.values(place), **self._index_keys(chance), **to_item(made)}
            self._fill_up(item, chance)
        except PannierError:
            raise
        except Exception as error:  # the user's own code may raise anything
            raise UserError(
                f"item {number} can't be made: {type(error).__name__}: {error}",
                "See what the generator does with this number: pannier fill ... --dry-run",
            ) from error
        return item

    def operations(self, first: int = 0) -> Iterator[Operation | Failure]:
        """Puts of all items from number `first` on."""
        for number in range(first, self._count):
            yield Operation(
                self._shape.name,
                Kind.PUT,
                self.item(number),
                Origin(SOURCE, number + 1),
                is_own=True,
            )

    def _index_keys(self, chance: random.Random) -> Item:
        """The key attributes of indexes, that are not the table's own."""
        values: Item = {}
        for index in self._shape.indexes:
            for attribute in index.schema.attributes:
                if attribute.name in self._shape.schema.names or attribute.name in values:
                    continue
                is_partition = attribute in index.schema.partition
                bound = _INDEX_VALUES if is_partition else 10 * self._count
                values[attribute.name] = key_value(attribute, chance.randrange(bound))
        return values

    def _fill_up(self, item: Item, chance: random.Random) -> None:
        if self._size is None:
            return
        size_bytes = self._size.draw(chance)
        missing = size_bytes - check_item(item) - len(_FILLING)
        if missing > 0 and _FILLING not in item:
            start = chance.randrange(_BLOCK)
            repeated = self._letters[start:] + self._letters * (missing // _BLOCK + 1)
            item[_FILLING] = {"S": repeated[:missing]}


def _seed(seed: int, number: int) -> int:
    return int.from_bytes(blake2b(b"%d/%d" % (seed, number), digest_size=8).digest())
