"""Entries of a new index for the items that were there before it.

The table's rows are gone through in the order of their keys, group by group; the record of the
table says how far, in the same atomic group. Writes go on meanwhile: one to a row that is done
changes the index like any other, one to a row that is to come leaves it alone (see
`writing._change_indexes`). So counts are exact at every moment, and after a restart the work goes
on where it was.

| rule | evidence |
|---|---|
| an item whose attributes do not fit the index's key is left out, silently | Developer Guide, "Detecting and correcting index key violations" |
| a write that does not fit is refused from the beginning | inferred: AWS says it of active indexes |
"""  # noqa: E501  # a table's row can't be wrapped

from typing import TYPE_CHECKING, Final

from pannier.engine.catalog import Index, Table
from pannier.engine.row_groups import next_rows
from pannier.engine.rows import SPACE_BYTES, entry_key, row_item, row_size, to_row
from pannier.model.attribute_value import check_item
from pannier.model.key_schema import KeyBytes
from pannier.storage.store import Entry, Group

if TYPE_CHECKING:
    from pannier.engine.database import Database

_HASH_BYTES: Final = 4


def begin(database: "Database", table: Table, index: Index, group: Group) -> None:
    """Begin, in the group that adds the index; a small table is done with that."""
    index.built_to = b""
    advance(database, table, index, group)


def advance(database: "Database", table: Table, index: Index, group: Group) -> bool:
    """Take over some more items; the caller writes the group.

    Returns:
        Whether the index is complete.
    """
    assert index.built_to is not None
    rows, done = next_rows(database.store, table.space.prefix, index.built_to)
    add_entries(index, rows, group)
    backfills = table.record.setdefault("backfills", {})
    if done:
        backfills.pop(index.name, None)
        index.built_to = None
    else:
        index.built_to = rows[-1][0]
        backfills[index.name] = index.built_to.hex()
    index.space.save(group)
    database.catalog.save(table, group)
    return done


def add_entries(index: Index, rows: list[Entry], group: Group) -> None:
    """Add the entries of some rows to a group, and count them."""
    for row_key, row in rows:
        item = row_item(row)
        key = index.stored_key(item)
        if key is None:
            continue
        entry_row = row
        if index.projected is not None:
            entry = index.project(item)
            entry_row = to_row(entry, check_item(entry))
        index.space.item_count += 1
        index.space.size_bytes += row_size(entry_row)
        # Behind space and hash, a row's key is its item's key: partition and sort, in this order.
        base: KeyBytes = (row_key[SPACE_BYTES + _HASH_BYTES :], b"")
        group.put(entry_key(index.space.prefix, key, base), entry_row)


def sweep(database: "Database") -> bool:
    """Take over one more group of items. The caller holds the database's lock.

    Returns:
        Whether there is more to do.
    """
    building = database.catalog.building()
    if not building:
        return False
    table, index = building[0]
    group = database.store.new_group()
    done = advance(database, table, index, group)
    database.write(group)
    return not done or len(building) > 1
