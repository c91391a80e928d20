"""Write units of one change, of its table and of each index, from what was there to what will be.

Rules:

- a put costs `ceil(bytes / 1024)`; one that overwrites counts the larger of old and new; a delete
  counts the deleted item; deleting what is not there costs 1. Source: service model and Developer
  Guide, "Read and write operations".
- an index pays for its projected entry: the new one if inserted, the old one if removed, the larger
  if changed in place, both if its key moved, nothing if unchanged. Source: captured on AWS.

Items are not kept, only what decides the cost: sizes, and digests of keys and contents.
"""

from hashlib import blake2b
from typing import Final, NamedTuple

import orjson

from pannier.cost.table_shape import TableShape
from pannier.errors import ValidationException
from pannier.model.attribute_value import Item, check_item
from pannier.model.units import write_units

DIGEST_BYTES: Final = 8


class Entry(NamedTuple):
    """An item's entry in an index: its size, and digests of its key and its content."""

    size_bytes: int
    key: bytes
    content: bytes


class ItemState(NamedTuple):
    """An item as it is: its size, and its entry in each index of the table, None where it has none.

    The entries are in the order of the table's indexes.
    """

    size_bytes: int
    entries: tuple[Entry | None, ...] = ()


def state_of(shape: TableShape, item: Item, size_bytes: int, *, stored: bool = False) -> ItemState:
    """What decides the cost of an item.

    Args:
        shape: its table.
        item: checked and canonical.
        size_bytes: its size.
        stored: whether the table has it; it may be older than an index, and not fit that.

    Raises:
        ValidationException: an index attribute is of the wrong type, empty or too long.
    """
    if not shape.indexes:
        return ItemState(size_bytes)
    entries: list[Entry | None] = []
    for index in shape.indexes:
        try:
            key = index.schema.index_key(item, index.name)
        except ValidationException:
            if not stored:
                raise
            key = None
        if key is None:
            entries.append(None)
            continue
        projected = index.project(item)
        content = orjson.dumps(projected, option=orjson.OPT_SORT_KEYS)
        size = size_bytes if index.projected is None else check_item(projected)
        entries.append(Entry(size, _digest(b"".join(key)), _digest(content)))
    return ItemState(size_bytes, tuple(entries))


def write_cost(old: ItemState | None, new: ItemState | None, indexes: int) -> list[int]:
    """Write units of a change.

    Args:
        old: the item before, or None.
        new: the item after, or None for a delete.
        indexes: how many the table has.

    Returns:
        The table's units, then those of each index.
    """
    sizes = (old.size_bytes if old else 0, new.size_bytes if new else 0)
    units = [write_units(max(sizes))]
    for position in range(indexes):
        before = old.entries[position] if old else None
        after = new.entries[position] if new else None
        units.append(_entry_cost(before, after))
    return units


def _entry_cost(before: Entry | None, after: Entry | None) -> int:
    if before is None:
        return 0 if after is None else write_units(after.size_bytes)
    if after is None:
        return write_units(before.size_bytes)
    if before.key != after.key:
        return write_units(before.size_bytes) + write_units(after.size_bytes)
    if before.content == after.content:
        return 0
    return write_units(max(before.size_bytes, after.size_bytes))


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=DIGEST_BYTES).digest()
