"""Time to live: items whose time has come are deleted in the background.

| rule | evidence |
|---|---|
| an item expires once its time is less than now | service model, UpdateTimeToLive |
| times more than five years past are ignored, since they are hardly meant | Developer Guide |
| an expired item is readable, and may be written, until it is swept | Developer Guide |
| no write units are consumed; indexes follow; streams show a delete by the service | Developer Guide |

AWS sweeps within days; here `Database` sweeps every few seconds. A sweep looks at the index of
`expiry` alone, never through a table, and deletes in groups of a bounded number of items.

Enabling it for a table with items indexes them the same way, a bounded number at a time: the first
of them at once, the others when the database sweeps. `cursor` in the table's record says how far
that has come; writes keep the index meanwhile, so it does not matter who comes first.
"""  # noqa: E501  # a table's row can't be wrapped

from itertools import islice
from math import ceil
from typing import TYPE_CHECKING, Final

from pannier.engine.capacity import Consumed
from pannier.engine.catalog import Table
from pannier.engine.expiry import Expiry
from pannier.engine.rows import row_item, space_prefix
from pannier.engine.writing import ItemChange, apply_change, save_counts
from pannier.storage.store import Group

if TYPE_CHECKING:
    from pannier.engine.database import Database

BACKFILL_ROWS: Final = 1000
_PAST_S_MAX: Final = 5 * 365 * 24 * 60 * 60


def enable(database: "Database", table: Table, attribute: str) -> None:
    """Let the items of a table expire by an attribute, from now on."""
    group = database.store.new_group()
    table.record["ttl"] = {"attribute": attribute, "cursor": table.space.prefix.hex()}
    table.expiry = Expiry.of(table.record)
    _index_some(database, table, group, BACKFILL_ROWS)
    database.write(group)
    database.start_sweeping()


def disable(database: "Database", table: Table) -> None:
    """Let the items of a table stay."""
    group = database.store.new_group()
    if table.expiry is not None:
        table.expiry.remove(group)
    table.expiry = None
    del table.record["ttl"]
    database.catalog.save(table, group)
    database.write(group)


def sweep(database: "Database", now_s: float, limit: int) -> int:
    """Delete items that have expired. The caller holds the database's lock.

    Args:
        database: where the items are.
        now_s: seconds since 1970.
        limit: at most so many items; one group a table.

    Returns:
        How many were deleted; `limit` if there may be more.
    """
    deleted = 0
    for table in database.catalog.expiring():
        if deleted == limit:
            break
        deleted += _sweep_table(database, table, now_s, limit - deleted)
    return deleted


def backfill(database: "Database", limit: int) -> bool:
    """Index items that were there before their table's items expired. The lock is the caller's.

    Args:
        database: where the items are.
        limit: at most so many of a table.

    Returns:
        Whether there are more.
    """
    more = False
    for table in database.catalog.expiring():
        if "cursor" in table.record["ttl"]:
            group = database.store.new_group()
            _index_some(database, table, group, limit)
            database.write(group)
            more = more or "cursor" in table.record["ttl"]
    return more


def _sweep_table(database: "Database", table: Table, now_s: float, limit: int) -> int:
    expiry = table.expiry
    assert expiry is not None
    stop_s = ceil(now_s)
    start_s = stop_s - _PAST_S_MAX
    entries = list(islice(expiry.expired(database.store, start_s, stop_s), limit))
    if not entries:
        expiry.swept(start_s, stop_s)
        return 0
    group = database.store.new_group()
    consumed = Consumed(table, "Write")  # the service's own deletes are free
    rows = database.store.get_many([row_key for _, row_key in entries])
    for (time_s, row_key), row in zip(entries, rows, strict=True):
        item = None if row is None else row_item(row)
        if item is None or expiry.expiry_s(item) != time_s:
            group.delete(expiry.key(time_s, row_key))  # an entry without its item does no harm
            continue
        key = table.schema.item_key(item)
        change = ItemChange(table, key, item, 0, is_put=False, by_service=True)
        apply_change(change, row, group, consumed)
    save_counts(table, group)
    database.write(group)
    expiry.swept(start_s, entries[-1])
    return len(entries)


def _index_some(database: "Database", table: Table, group: Group, limit: int) -> None:
    """Index the next items of a table, and keep in its record how far that has come."""
    settings = table.record["ttl"]
    assert table.expiry is not None
    start = bytes.fromhex(settings["cursor"])
    stop = space_prefix(int.from_bytes(table.space.prefix, "big") + 1)
    done = 0
    for row_key, row in islice(database.store.range(start, stop), limit):
        table.expiry.add(row_key, row, group)
        settings["cursor"] = (row_key + b"\0").hex()
        done += 1
    if done < limit:
        del settings["cursor"]
    database.catalog.save(table, group)
