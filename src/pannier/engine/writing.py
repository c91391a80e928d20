"""Item changes: rows, index entries, counts and units, in one atomic group.

Units (captured on AWS; Developer Guide, "Write capacity units"): the table pays for the larger of
the old and the new item, and 1 for a delete that finds nothing. Each index pays for its projected
entry: the new one if inserted, the old one if removed, the larger if changed in place, both if its
key moved, nothing if unchanged.
"""

from typing import ClassVar

from pannier.engine.capacity import Consumed
from pannier.engine.catalog import Index, Table
from pannier.engine.rows import entry_key, row_item, row_key, row_size, to_row
from pannier.errors import ValidationException
from pannier.limits import ITEM_BYTES_MAX
from pannier.model import messages
from pannier.model.attribute_value import Item, check_item
from pannier.model.key_schema import KeyBytes
from pannier.model.units import write_units
from pannier.storage.store import Group


class ItemChange:
    """One put or delete, checked against its table and ready to be applied.

    Attributes:
        table: the table.
        attributes: the item or the key, as it came.
        key: the item's key as sortable bytes.
        row_key: the key of its row.
        item: the new item, or None for a delete.
        size_bytes: the new item's size.
        index_keys: the new item's key in each index of the table; None where it has none.
    """

    __slots__ = ("attributes", "index_keys", "item", "key", "row_key", "size_bytes", "table")

    by_service: ClassVar[bool] = False  # an item that expires is deleted by nobody else

    def __init__(
        self, table: Table, key: KeyBytes, attributes: Item, item: Item | None, size_bytes: int
    ) -> None:
        self.table = table
        self.attributes = attributes
        self.key = key
        self.row_key = row_key(table.space.prefix, key)
        self.item = item
        self.size_bytes = size_bytes
        self.index_keys: tuple[KeyBytes | None, ...] = ()
        if item is not None and table.indexes:
            self.index_keys = tuple(
                index.schema.index_key(item, index.name) for index in table.indexes
            )


def put_change(table: Table, item: Item) -> ItemChange:
    """Check an item that is to be put, and make it canonical in place.

    Raises:
        ValidationException: the item is not acceptable.
    """
    return sized_put_change(table, item, checked_size(item))


def checked_size(item: Item) -> int:
    """Check the values of an item, make them canonical in place; returns the size in bytes.

    Raises:
        ValidationException: a value is not acceptable, or the item is too large.
    """
    size_bytes = check_item(item)
    if size_bytes > ITEM_BYTES_MAX:
        raise ValidationException(messages.ITEM_SIZE)
    return size_bytes


def sized_put_change(table: Table, item: Item, size_bytes: int) -> ItemChange:
    """The change that puts an item whose values and size were checked.

    Raises:
        ValidationException: its key is not acceptable.
    """
    return ItemChange(table, table.schema.item_key(item), item, item, size_bytes)


def delete_change(table: Table, key: Item) -> ItemChange:
    """Check a key that is to be deleted.

    Raises:
        ValidationException: the key does not match the table's schema.
    """
    return ItemChange(table, table.schema.exact_key(key), key, None, 0)


def apply_change(
    change: ItemChange, old_row: bytes | None, group: Group, consumed: Consumed
) -> None:
    """Add a change to a group, and its units to what is consumed.

    The caller writes the group, and saves the table's counts in it: see `save_counts`.
    """
    table = change.table
    space = table.space
    new_row = None
    old_size = 0
    if old_row is not None:
        old_size = row_size(old_row)
        space.item_count -= 1
        space.size_bytes -= old_size
    if change.item is not None:
        new_row = to_row(change.item, change.size_bytes)
        group.put(change.row_key, new_row)
        space.item_count += 1
        space.size_bytes += change.size_bytes
    elif old_row is not None:
        group.delete(change.row_key)
    consumed.units += write_units(max(change.size_bytes, old_size))
    if table.indexes and (old_row is not None or new_row is not None):
        _change_indexes(change, old_row, new_row, group, consumed)
    if table.stream is not None:
        table.stream.append(change, old_row, new_row, group)
    if table.expiry is not None:
        table.expiry.change(change, old_row, group)


def save_counts(table: Table, group: Group) -> None:
    """Add the counts of a changed table and its indexes to the group that changes it."""
    for space in table.spaces():
        space.save(group)


def _change_indexes(
    change: ItemChange,
    old_row: bytes | None,
    new_row: bytes | None,
    group: Group,
    consumed: Consumed,
) -> None:
    old_item = row_item(old_row) if old_row is not None else None
    for position, index in enumerate(change.table.indexes):
        if index.built_to is not None and change.row_key > index.built_to:
            continue  # the backfill has yet to come by, and will take the item as it is then
        new_key = change.index_keys[position] if change.item is not None else None
        old_key = index.stored_key(old_item) if old_item is not None else None
        old_entry = new_entry = None
        if old_key is not None and old_item is not None:
            old_entry = index.project(old_item)
        if new_key is not None and change.item is not None:
            new_entry = index.project(change.item)
        if old_key == new_key and old_entry == new_entry:
            continue
        units = 0
        if old_key is not None and old_entry is not None:
            units = _remove_entry(index, change.key, old_key, old_entry, old_row, group)
        if new_key is not None and new_entry is not None:
            new_units = _add_entry(index, change.key, new_key, new_entry, new_row, group)
            units = max(units, new_units) if old_key == new_key else units + new_units
        consumed.indexes[index] += units


def _remove_entry(
    index: Index, base: KeyBytes, key: KeyBytes, entry: Item, row: bytes | None, group: Group
) -> int:
    entry_row = _entry_row(index, entry, row)
    size_bytes = row_size(entry_row)
    index.space.item_count -= 1
    index.space.size_bytes -= size_bytes
    group.delete(entry_key(index.space.prefix, key, base))
    return write_units(size_bytes)


def _add_entry(
    index: Index, base: KeyBytes, key: KeyBytes, entry: Item, row: bytes | None, group: Group
) -> int:
    entry_row = _entry_row(index, entry, row)
    size_bytes = row_size(entry_row)
    index.space.item_count += 1
    index.space.size_bytes += size_bytes
    group.put(entry_key(index.space.prefix, key, base), entry_row)
    return write_units(size_bytes)


def _entry_row(index: Index, entry: Item, row: bytes | None) -> bytes:
    """An entry's row; the item's own row where the index projects everything."""
    if index.projected is None and row is not None:
        return row
    return to_row(entry, check_item(entry))
