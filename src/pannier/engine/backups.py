"""On-demand backups: a table's rows copied into a space of their own, and how it was defined.

A copy lies in the same store as its table: it saves from a wrong delete, not from a lost disk. It
is made while nothing else happens, so it shows one moment, and it is there once CreateBackup has
answered; other requests wait, about a second for 150,000 small items. Only the table's rows
are copied: a restore builds the indexes anew.

Copies of many rows take several groups, the last of which makes the result visible. Until then
an entry of the catalog names the spaces, so that the remains of a copy that never ended are removed when the
database is opened.

| rule | evidence |
|---|---|
| ARN: the table's, `/backup/`, milliseconds with 14 digits, 8 hexadecimal digits | captured |
| a new backup is CREATING, then AVAILABLE; a deleted one is DELETED, then gone | service model |
| restored: items, keys, indexes, billing, encryption; not: tags, streams, time to live, protection | Developer Guide |
"""  # noqa: E501  # a table's row can't be wrapped

import secrets
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import orjson

from pannier.engine import table_messages
from pannier.engine.catalog import Table
from pannier.engine.row_groups import all_rows, space_end
from pannier.engine.rows import CATALOG_SPACE, SPACE_BYTES, space_prefix
from pannier.engine.table_status import describe
from pannier.errors import BackupNotFoundException
from pannier.storage.store import Entry, Group, Store

if TYPE_CHECKING:
    from pannier.engine.database import Database

BACKUP_PREFIX: Final = CATALOG_SPACE + b"backup/"
UNFINISHED_PREFIX: Final = CATALOG_SPACE + b"unfinished-copy/"


def create(database: "Database", table: Table, name: str) -> dict[str, Any]:
    """Copy a table.

    Returns:
        The backup's record: `arn`, `name`, `created_s`, `available_s`, `table` (its description),
        `ttl` (its attribute or None) and `space`.
    """
    now_s = database.clock()
    group = database.store.new_group()
    description = describe(table, now_s, as_status="ACTIVE")
    number = database.catalog.take_space(group)
    arn = f"{description['TableArn']}/backup/{int(now_s * 1000):014d}-{secrets.token_hex(4)}"
    record = {
        "arn": arn,
        "name": name,
        "created_s": round(now_s, 3),
        "available_s": round(now_s + database.table_delay_s, 3),
        "table": description,
        "ttl": (table.record.get("ttl") or {}).get("attribute"),
        "space": number,
    }
    group = copy_rows(database, table.space.prefix, number, (number,), group)
    group.put(BACKUP_PREFIX + arn.encode(), orjson.dumps(record))
    database.write(group)
    return record


def copy_rows(
    database: "Database",
    source: bytes,
    target: int,
    spaces: tuple[int, ...],
    group: Group,
    also: Callable[[list[Entry], Group], None] | None = None,
) -> Group:
    """Copy all rows of a space, in groups of a bounded size.

    Args:
        database: where they lie.
        source: the prefix of the space to copy.
        target: the number of an empty space.
        spaces: all that must be removed if the copy never ends.
        group: the first group, with what belongs to it.
        also: adds more to a group, for rows that are copied.

    Returns:
        The last group; the caller adds what makes the copy visible, and writes it.
    """
    prefix = space_prefix(target)
    unfinished = UNFINISHED_PREFIX + prefix
    for rows, last in all_rows(database.store, source):
        copied = [(prefix + key[SPACE_BYTES:], row) for key, row in rows]
        for key, row in copied:
            group.put(key, row)
        if also is not None:
            also(copied, group)
        if not last:
            group.put(unfinished, orjson.dumps(spaces))
            database.write(group)
            group = database.store.new_group()
    group.delete(unfinished)
    return group


def remove_unfinished(store: Store) -> None:
    """Remove what is left of copies that never ended. For a database that is being opened."""
    unfinished = list(
        store.range(UNFINISHED_PREFIX, UNFINISHED_PREFIX + b"\xff" * (SPACE_BYTES + 1))
    )
    if not unfinished:
        return
    group = store.new_group()
    for key, spaces in unfinished:
        for number in orjson.loads(spaces):
            group.delete_range(space_prefix(number), space_prefix(number + 1))
        group.delete(key)
    store.write(group)


def find(database: "Database", arn: str) -> dict[str, Any]:
    """The record of a backup.

    Raises:
        BackupNotFoundException: there is none.
    """
    record = database.store.get(BACKUP_PREFIX + arn.encode())
    if record is None:
        raise BackupNotFoundException(table_messages.backup_missing(arn))
    found: dict[str, Any] = orjson.loads(record)
    return found


def every(database: "Database") -> Iterator[dict[str, Any]]:
    """The records of all backups, those of one table together, the oldest first."""
    for _, record in database.store.range(BACKUP_PREFIX, BACKUP_PREFIX + b"\xff"):
        yield orjson.loads(record)


def remove(database: "Database", record: dict[str, Any]) -> None:
    """Remove a backup and its rows."""
    group = database.store.new_group()
    prefix = space_prefix(record["space"])
    group.delete_range(prefix, space_end(prefix))
    group.delete(BACKUP_PREFIX + record["arn"].encode())
    database.write(group)


def details(record: dict[str, Any], now_s: float, status: str | None = None) -> dict[str, Any]:
    """The `BackupDetails` of a backup, with a status other than that of the clock if given."""
    waiting = now_s < record["available_s"]
    return {
        "BackupArn": record["arn"],
        "BackupName": record["name"],
        "BackupSizeBytes": record["table"]["TableSizeBytes"],
        "BackupStatus": status or ("CREATING" if waiting else "AVAILABLE"),
        "BackupType": "USER",
        "BackupCreationDateTime": record["created_s"],
    }


def description(record: dict[str, Any], now_s: float, status: str | None = None) -> dict[str, Any]:
    """The `BackupDescription` of a backup."""
    return {
        "BackupDetails": details(record, now_s, status),
        "SourceTableDetails": _source(record["table"]),
        "SourceTableFeatureDetails": _features(record),
    }


def _source(table: dict[str, Any]) -> dict[str, Any]:
    summary = table.get("BillingModeSummary", {})
    source = {
        "TableName": table["TableName"],
        "TableId": table["TableId"],
        "TableArn": table["TableArn"],
        "TableSizeBytes": table["TableSizeBytes"],
        "KeySchema": table["KeySchema"],
        "TableCreationDateTime": table["CreationDateTime"],
        "ProvisionedThroughput": _units(table),
        "ItemCount": table["ItemCount"],
        "BillingMode": summary.get("BillingMode", "PROVISIONED"),
    }
    if "OnDemandThroughput" in table:
        source["OnDemandThroughput"] = table["OnDemandThroughput"]
    return source


def _units(described: dict[str, Any]) -> dict[str, int]:
    throughput = described["ProvisionedThroughput"]
    return {member: throughput[member] for member in ("ReadCapacityUnits", "WriteCapacityUnits")}


def _features(record: dict[str, Any]) -> dict[str, Any]:
    table = record["table"]
    features: dict[str, Any] = {}
    for member in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
        for index in table.get(member, ()):
            shown = {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
            if "ProvisionedThroughput" in index:
                shown["ProvisionedThroughput"] = _units(index)
            if "OnDemandThroughput" in index:
                shown["OnDemandThroughput"] = index["OnDemandThroughput"]
            features.setdefault(member, []).append(shown)
    if "StreamSpecification" in table:
        features["StreamDescription"] = table["StreamSpecification"]
    if record["ttl"] is not None:
        features["TimeToLiveDescription"] = {
            "TimeToLiveStatus": "ENABLED",
            "AttributeName": record["ttl"],
        }
    if "SSEDescription" in table:
        features["SSEDescription"] = table["SSEDescription"]
    return features
