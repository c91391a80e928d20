"""Item changes: rows, index entries, counts and units, in one atomic group.

Units (captured on AWS; Developer Guide, "Write capacity units"): the table pays for the larger of
the old and the new item, and 1 for a delete that finds nothing. Each index pays for its projected
entry: the new one if inserted, the old one if removed, the larger if changed in place, both if its
key moved, nothing if unchanged.
"""

from collections.abc import Sequence

import orjson

from pannier.engine.admission import Admission
from pannier.engine.capacity import Consumed
from pannier.engine.catalog import Index, Table
from pannier.engine.rows import encoded_row, entry_key, row_item, row_key, row_size, to_row
from pannier.errors import ValidationException
from pannier.limits import ITEM_BYTES_MAX
from pannier.model import messages
from pannier.model.attribute_value import Item, check_item
from pannier.model.key_schema import KeyBytes
from pannier.model.units import write_units
from pannier.storage.store import Group


class ItemChange:
    """One put or delete, checked against its table and ready to be applied.

    Args:
        attributes: the item or the key, as it came; None if only its JSON is at hand.
        encoded: the canonical JSON of `attributes`; empty if that is to be made.

    Attributes:
        table: the table.
        key: the item's key as sortable bytes.
        row_key: the key of its row.
        is_put: whether it is a put.
        size_bytes: the new item's size; 0 for a delete.
        index_keys: the new item's key in each index of the table; None where it has none.
        by_service: whether the item expired, and nobody else deletes it.
    """

    __slots__ = (
        "_attributes", "_encoded", "by_service", "index_keys", "is_put", "key", "row_key",
        "size_bytes", "table",
    )  # fmt: skip

    def __init__(
        self,
        table: Table,
        key: KeyBytes,
        attributes: Item | None,
        size_bytes: int,
        *,
        is_put: bool,
        encoded: bytes = b"",
        by_service: bool = False,
    ) -> None:
        self.table = table
        self._attributes = attributes
        self._encoded = encoded
        self.key = key
        self.row_key = row_key(table.space.prefix, key)
        self.is_put = is_put
        self.size_bytes = size_bytes
        self.by_service = by_service
        self.index_keys: list[KeyBytes | None] = []
        if is_put and table.indexes:
            item = self.attributes
            self.index_keys = [index.schema.index_key(item, index.name) for index in table.indexes]

    @property
    def attributes(self) -> Item:
        """The item or the key."""
        attributes = self._attributes
        if attributes is None:
            attributes = self._attributes = orjson.loads(self._encoded)
        return attributes

    @property
    def item(self) -> Item | None:
        """The new item, or None for a delete."""
        return self.attributes if self.is_put else None

    def new_row(self) -> bytes | None:
        """The new item's row, or None for a delete."""
        if not self.is_put:
            return None
        if self._encoded:
            return encoded_row(self._encoded, self.size_bytes)
        return to_row(self.attributes, self.size_bytes)


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
    return ItemChange(table, table.schema.item_key(item), item, size_bytes, is_put=True)


def delete_change(table: Table, key: Item) -> ItemChange:
    """Check a key that is to be deleted.

    Raises:
        ValidationException: the key does not match the table's schema.
    """
    return ItemChange(table, table.schema.exact_key(key), key, 0, is_put=False)


def apply_change(
    change: ItemChange,
    old_row: bytes | None,
    group: Group,
    consumed: Consumed,
    admission: Admission | None = None,
) -> bool:
    """Add a change to a group, and its units to what is consumed.

    The caller writes the group, and saves the table's counts in it: see `save_counts`.

    Args:
        change: the change.
        old_row: the item's row as it is, if there is one.
        group: gets the rows.
        consumed: gets the units.
        admission: lets the change pass or not; None lets it pass.

    Returns:
        Whether it passed. What did not pass has changed nothing.
    """
    table = change.table
    old_size = row_size(old_row) if old_row is not None else 0
    new_row = change.new_row()
    units = write_units(max(change.size_bytes, old_size))
    entries: list[IndexChange] = []
    if table.indexes and (old_row is not None or new_row is not None):
        entries = _entries(change, old_row, new_row)
    if admission is not None and not admission.admits_write(
        table, change.row_key, change.attributes, units, entries
    ):
        return False
    space = table.space
    if old_row is not None:
        space.item_count -= 1
        space.size_bytes -= old_size
    if new_row is not None:
        group.put(change.row_key, new_row)
        space.item_count += 1
        space.size_bytes += change.size_bytes
    elif old_row is not None:
        group.delete(change.row_key)
    consumed.units += units
    for entry in entries:
        _apply_entry(entry, group, consumed)
    if table.stream is not None:
        table.stream.append(change, old_row, new_row, group)
    if table.expiry is not None:
        table.expiry.change(change, old_row, group)
    return True


def save_counts(table: Table, group: Group) -> None:
    """Add the counts of a changed table and its indexes to the group that changes it."""
    for space in table.spaces():
        space.save(group)


class IndexChange:
    """What a change does to one entry of an index.

    Attributes:
        index: the index.
        key: the key of the entry's row.
        units: write units.
        row: the entry, or None where it goes.
        added: by how many entries the index grows.
        added_bytes: and by how many bytes.
    """

    __slots__ = ("added", "added_bytes", "index", "key", "row", "units")

    def __init__(
        self, index: Index, key: bytes, units: int, row: bytes | None, added: int, added_bytes: int
    ) -> None:
        self.index = index
        self.key = key
        self.units = units
        self.row = row
        self.added = added
        self.added_bytes = added_bytes


def write_cost(
    change: ItemChange, old_row: bytes | None
) -> tuple[int, Sequence[tuple[Index, bytes, int]]]:
    """What a change costs, before it is applied.

    Returns:
        The table's write units; and for each entry of an index its index, key and write units.
    """
    old_size = row_size(old_row) if old_row is not None else 0
    units = write_units(max(change.size_bytes, old_size))
    if not change.table.indexes or (old_row is None and not change.is_put):
        return units, ()
    new_row = change.new_row()
    entries = _entries(change, old_row, new_row)
    return units, [(entry.index, entry.key, entry.units) for entry in entries]


def _entries(change: ItemChange, old_row: bytes | None, new_row: bytes | None) -> list[IndexChange]:
    entries: list[IndexChange] = []
    old_item = row_item(old_row) if old_row is not None else None
    item = change.item
    for position, index in enumerate(change.table.indexes):
        if index.built_to is not None and change.row_key > index.built_to:
            continue  # the backfill has yet to come by, and will take the item as it is then
        new_key = change.index_keys[position] if item is not None else None
        old_key = index.stored_key(old_item) if old_item is not None else None
        old_entry = new_entry = None
        if old_key is not None and old_item is not None:
            old_entry = index.project(old_item)
        if new_key is not None and item is not None:
            new_entry = index.project(item)
        if old_key == new_key and old_entry == new_entry:
            continue
        removed = added = None
        if old_key is not None and old_entry is not None:
            removed = _removal(index, change.key, old_key, old_entry, old_row)
        if new_key is not None and new_entry is not None:
            added = _addition(index, change.key, new_key, new_entry, new_row)
        if removed is not None and added is not None and old_key == new_key:
            added.units = max(removed.units, added.units)
            added.added = 0
            added.added_bytes += removed.added_bytes
            entries.append(added)
        else:
            entries += [each for each in (removed, added) if each is not None]
    return entries


def _removal(
    index: Index, base: KeyBytes, key: KeyBytes, entry: Item, row: bytes | None
) -> IndexChange:
    size_bytes = row_size(_entry_row(index, entry, row))
    place = entry_key(index.space.prefix, key, base)
    return IndexChange(index, place, write_units(size_bytes), None, -1, -size_bytes)


def _addition(
    index: Index, base: KeyBytes, key: KeyBytes, entry: Item, row: bytes | None
) -> IndexChange:
    entry_row = _entry_row(index, entry, row)
    size_bytes = row_size(entry_row)
    place = entry_key(index.space.prefix, key, base)
    return IndexChange(index, place, write_units(size_bytes), entry_row, 1, size_bytes)


def _apply_entry(entry: IndexChange, group: Group, consumed: Consumed) -> None:
    space = entry.index.space
    space.item_count += entry.added
    space.size_bytes += entry.added_bytes
    if entry.row is None:
        group.delete(entry.key)
    else:
        group.put(entry.key, entry.row)
    consumed.indexes[entry.index] += entry.units


def _entry_row(index: Index, entry: Item, row: bytes | None) -> bytes:
    """An entry's row; the item's own row where the index projects everything."""
    if index.projected is None and row is not None:
        return row
    return to_row(entry, check_item(entry))
