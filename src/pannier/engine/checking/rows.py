"""The items of one table, and what follows from them: entries of indexes, expiry times, counts.

Each item is decoded and made anew: its key, its size and its JSON have to come out as they lie
there. What should be in the indexes by that is looked up, and counted; only where an index has more
than was found in this way are its entries gone through with a look at their items.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import orjson

from pannier.engine.catalog import Index, Table
from pannier.engine.checking.findings import Findings
from pannier.engine.expiry import Expiry
from pannier.engine.row_groups import ROWS_MAX, space_end
from pannier.engine.rows import (
    entry_key,
    row_item,
    row_json,
    row_key,
    row_size,
    space_prefix,
    to_row,
)
from pannier.engine.streams.registry import Streams
from pannier.errors import PannierError
from pannier.model.attribute_value import Item, check_item
from pannier.model.key_schema import KeyBytes
from pannier.storage.damage import damage
from pannier.storage.memory import MemoryStore
from pannier.storage.store import Entry, Store

_PROGRESS_ROWS: Final = ROWS_MAX
_HASH_END: Final = 8
_UNREADABLE: Final = b"what lies in a damaged block"  # by its identity


def groups(store: Store, prefix: bytes) -> Iterator[list[Entry]]:
    """The rows of a space in groups of a bounded number."""
    rows = iter(store.range(prefix, space_end(prefix)))
    while group := list(islice(rows, _PROGRESS_ROWS)):
        yield group


def fault(table: Table, key: bytes, row: bytes, prefix: bytes | None = None) -> str | None:
    """What is wrong with an item's row; None if nothing is.

    Args:
        table: says what its key is.
        key: where the row lies.
        row: the row.
        prefix: of the space, if it is not the table's own.
    """
    try:
        item = row_item(row)
        size_bytes = check_item(item)
        expected = row_key(prefix or table.space.prefix, table.schema.item_key(item))
    except (PannierError, ValueError, TypeError, KeyError, AttributeError) as error:
        return f"can't be read: {error}"
    if key != expected:
        return "lies under a key that is not its own"
    if row_size(row) != size_bytes:
        return f"says that it has {row_size(row):,} bytes, and has {size_bytes:,}"
    if orjson.dumps(item) != row_json(row):
        return "is not in the form in which items are stored"
    return None


class TableRows:
    """The check of one table.

    Args:
        store: where it lies.
        table: the table.
        findings: what is wrong is added to these.
    """

    def __init__(self, store: Store, table: Table, findings: Findings) -> None:
        self._store = store
        self._table = table
        self._findings = findings
        self._entries = dict.fromkeys((index.name for index in table.indexes), 0)
        self._times = 0

    def check(self) -> None:
        """Look at all of it."""
        table = self._table
        items = size_bytes = 0
        for rows in groups(self._store, table.space.prefix):
            sound: list[tuple[bytes, bytes, Item]] = []
            for key, row in rows:
                items += 1
                size_bytes += row_size(row) if len(row) >= _HASH_END // 2 else 0
                wrong = fault(table, key, row)
                if wrong is None:
                    sound.append((key, row, row_item(row)))
                else:
                    self._findings.add("row", table.name, f"{shown_key(table, key, row)} {wrong}")
            for index in table.indexes:
                self._look_up_entries(index, sound)
            if table.expiry is not None:
                self._look_up_times(table.expiry, sound)
            self._findings.looked_at(len(rows))
        self._findings.tables[table.name] = (items, size_bytes)
        self._compare(table.name, table.space.item_count, table.space.size_bytes, items, size_bytes)
        for index in table.indexes:
            self._index(index)
        if table.expiry is not None:
            self._expiry(table.expiry)

    def _look_up_entries(self, index: Index, rows: list[tuple[bytes, bytes, Item]]) -> None:
        """See whether items have the entries that they should have."""
        wanted: list[tuple[bytes, bytes]] = []
        for key, row, item in rows:
            if index.built_to is not None and key > index.built_to:
                continue
            index_key = index.stored_key(item)
            if index_key is None:
                continue
            base: KeyBytes = (key[_HASH_END:], b"")
            place = entry_key(index.space.prefix, index_key, base)
            wanted.append((place, expected_entry(index, item, row)))
        found = self._values([place for place, _ in wanted])
        for (_, expected), entry in zip(wanted, found, strict=True):
            if entry is _UNREADABLE:
                continue
            if entry is None:
                what = "has no entry"
            elif entry != expected:
                self._entries[index.name] += 1
                what = "has an entry that is not its projection"
            else:
                self._entries[index.name] += 1
                continue
            shown = _shown_item(self._table, expected)
            self._findings.add("index", self._name(index), f"{shown} {what}")

    def _look_up_times(self, expiry: Expiry, rows: list[tuple[bytes, bytes, Item]]) -> None:
        cursor = bytes.fromhex(self._table.record["ttl"].get("cursor", ""))
        wanted: list[tuple[bytes, bytes, bytes]] = []
        for key, row, item in rows:
            time_s = expiry.expiry_s(item)
            if time_s is not None:
                wanted.append((expiry.key(time_s, key), key, row))
        found = self._values([place for place, _, _ in wanted])
        for (_, key, row), entry in zip(wanted, found, strict=True):
            if entry is not None:
                self._times += entry is not _UNREADABLE
            elif not cursor or key < cursor:
                what = f"{shown_key(self._table, key, row)} has no expiry time"
                self._findings.add("expiry", self._table.name, what)

    def _index(self, index: Index) -> None:
        """Count an index, and find the entries that no item has."""
        entries = size_bytes = 0
        for rows in groups(self._store, index.space.prefix):
            entries += len(rows)
            size_bytes += sum(row_size(row) for _, row in rows if len(row) >= _HASH_END // 2)
            self._findings.looked_at(len(rows))
        name = self._name(index)
        self._compare(name, index.space.item_count, index.space.size_bytes, entries, size_bytes)
        if entries == self._entries[index.name]:
            return
        for rows in groups(self._store, index.space.prefix):
            for key, row in rows:
                if not self._belongs(index, key, row):
                    what = f"{_shown_item(self._table, row)}: an entry that belongs to no item"
                    self._findings.add("index", name, what)

    def _belongs(self, index: Index, key: bytes, row: bytes) -> bool:
        """Whether an item has this entry."""
        try:
            entry = row_item(row)
            base = self._table.schema.item_key(entry)
            (found,) = self._values([row_key(self._table.space.prefix, base)])
            if found is None:
                return False
            if found is _UNREADABLE:
                return True
            index_key = index.stored_key(row_item(found))
        except (PannierError, ValueError, TypeError, KeyError, AttributeError):
            return False
        return index_key is not None and key == entry_key(index.space.prefix, index_key, base)

    def _expiry(self, expiry: Expiry) -> None:
        times = 0
        for rows in groups(self._store, expiry.prefix):
            times += len(rows)
            self._findings.looked_at(len(rows))
        if times > self._times:
            what = f"{times - self._times:,} expiry times belong to no item"
            self._findings.add("expiry", self._table.name, what)

    def _values(self, keys: list[bytes]) -> list[bytes | None]:
        """The values of keys; `_UNREADABLE` where the disk has damaged them."""
        if not keys:
            return []
        try:
            return self._store.get_many(keys)
        except Exception as error:
            if damage(error) is None:
                raise
        return [self._value(key) for key in keys]

    def _value(self, key: bytes) -> bytes | None:
        try:
            return self._store.get(key)
        except Exception as error:
            if damage(error) is None:
                raise
            return _UNREADABLE

    def _name(self, index: Index) -> str:
        return f"{self._table.name}, index {index.name}"

    def _compare(
        self, name: str, said_items: int, said_bytes: int, items: int, size_bytes: int
    ) -> None:
        if said_items != items:
            self._findings.add("count", name, f"says {said_items:,} items, and has {items:,}")
        if said_bytes != size_bytes:
            self._findings.add("count", name, f"says {said_bytes:,} bytes, and has {size_bytes:,}")


class BackupRows:
    """The check of one on-demand backup."""

    def __init__(self, store: Store, record: dict[str, Any], findings: Findings) -> None:
        self._store = store
        self._record = record
        self._findings = findings

    def check(self) -> None:
        """Look at all of it."""
        arn = self._record["arn"]
        description = self._record["table"]
        table = table_of_backup(self._record)
        prefix = space_prefix(self._record["space"])
        items = size_bytes = 0
        for rows in groups(self._store, prefix):
            for key, row in rows:
                wrong = fault(table, key, row, prefix)
                if wrong is not None:
                    self._findings.add("backup", arn, f"{shown_key(table, key, row)} {wrong}")
                else:
                    size_bytes += row_size(row)
            items += len(rows)
            self._findings.looked_at(len(rows))
        for what, said, found in (
            ("items", description["ItemCount"], items),
            ("bytes", description["TableSizeBytes"], size_bytes),
        ):
            if said != found:
                self._findings.add("backup", arn, f"says {said:,} {what}, and has {found:,}")


def table_of_backup(record: dict[str, Any]) -> Table:
    """The table that a backup is of, so far as its rows' keys need it."""
    description = {
        name: record["table"][name] for name in ("TableName", "KeySchema", "AttributeDefinitions")
    }
    made = {"description": description, "space": record["space"], "index_spaces": {}}
    return Table(made, Streams(MemoryStore(), lambda: 0.0))


def expected_entry(index: Index, item: Item, row: bytes) -> bytes:
    """The row of an item's entry in an index."""
    if index.projected is None:
        return row
    entry = index.project(item)
    return to_row(entry, check_item(entry))


def shown_key(table: Table, key: bytes, row: bytes) -> str:
    """The key of a row's item for people: as JSON, or as bytes if that can't be."""
    try:
        item = row_item(row)
        return orjson.dumps({name: item[name] for name in table.schema.names}).decode()
    except (ValueError, KeyError, TypeError):
        return f"the row {key.hex()}"


def _shown_item(table: Table, row: bytes) -> str:
    return shown_key(table, row[:_HASH_END], row)
