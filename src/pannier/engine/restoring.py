"""A table made of a backup, under a new name, with overrides.

| rule | evidence |
|---|---|
| indexes given must be those of the backup; some or all may be left out | service model |
| a restore to provisioned needs units, for the table and each global index | service model; texts as in CreateTable |
| the table is described with RestoreSummary, in progress while it is CREATING | service model |
"""  # noqa: E501  # a table's row can't be wrapped

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pannier.engine import table_messages
from pannier.engine.backfill import add_entries
from pannier.engine.backups import copy_rows
from pannier.engine.catalog import ARN_PREFIX, Table
from pannier.engine.index_definition import global_index, local_index
from pannier.engine.rows import space_prefix
from pannier.engine.table_definition import GLOBAL, LOCAL, used_names
from pannier.engine.table_settings import check_billing, encryption, is_on_demand
from pannier.engine.table_throughput import check_bounds, on_demand, provisioned, warm
from pannier.engine.writing import save_counts
from pannier.errors import ValidationException
from pannier.storage.store import Entry, Group

if TYPE_CHECKING:
    from pannier.engine.database import Database

_UNITS: Final = ("ReadCapacityUnits", "WriteCapacityUnits")


def restored_description(
    backup: dict[str, Any], request: Mapping[str, Any], name: str, now_s: float
) -> dict[str, Any]:
    """The description of the table that is to be restored, without counts.

    Raises:
        ValidationException: an override does not fit.
    """
    source = backup["table"]
    on_demand_before = is_on_demand(source)
    mode = request.get("BillingModeOverride") or (
        "PAY_PER_REQUEST" if on_demand_before else "PROVISIONED"
    )
    on_demand_mode = mode == "PAY_PER_REQUEST"
    given = request.get("ProvisionedThroughputOverride")
    if given is None and not on_demand_mode and not on_demand_before:
        given = _units(source)
    check_billing(mode, given)
    check_bounds(given)
    units = provisioned(given)
    arn = ARN_PREFIX + name
    description: dict[str, Any] = {
        "TableName": name,
        "KeySchema": source["KeySchema"],
        "TableStatus": "ACTIVE",
        "CreationDateTime": round(now_s, 3),
        "ProvisionedThroughput": units,
        "TableArn": arn,
        "TableId": str(uuid.uuid4()),
        "DeletionProtectionEnabled": False,
        "WarmThroughput": warm(None, None, units, on_demand_mode=on_demand_mode),
        "RestoreSummary": {
            "SourceBackupArn": backup["arn"],
            "SourceTableArn": source["TableArn"],
            "RestoreDateTime": backup["created_s"],
            "RestoreInProgress": False,
        },
    }
    if on_demand_mode:
        description["BillingModeSummary"] = {
            "BillingMode": mode,
            "LastUpdateToPayPerRequestDateTime": round(now_s, 3),
        }
    maxima = request.get("OnDemandThroughputOverride")
    if maxima is None and on_demand_mode:
        maxima = source.get("OnDemandThroughput")
    encrypted = source.get("SSEDescription")
    if "SSESpecificationOverride" in request:
        encrypted = encryption(request["SSESpecificationOverride"])
    optional = {
        "OnDemandThroughput": on_demand(maxima, allowed=on_demand_mode),
        "SSEDescription": encrypted,
        "TableClassSummary": source.get("TableClassSummary"),
        LOCAL: [local_index(index, arn) for index in _chosen(source, request, LOCAL)],
        GLOBAL: [
            global_index(
                _with_units(index, on_demand_mode=on_demand_mode),
                arn,
                on_demand_mode=on_demand_mode,
            )
            for index in _chosen(source, request, GLOBAL)
        ],
    }
    description |= {member: content for member, content in optional.items() if content}
    used = used_names(description)
    description["AttributeDefinitions"] = [
        each for each in source["AttributeDefinitions"] if each["AttributeName"] in used
    ]
    return description


def _chosen(
    source: Mapping[str, Any], request: Mapping[str, Any], member: str
) -> list[dict[str, Any]]:
    """The indexes to restore: those that are named, or all."""
    override = "LocalSecondaryIndexOverride" if member == LOCAL else "GlobalSecondaryIndexOverride"
    kept: list[dict[str, Any]] = source.get(member, [])
    if override not in request:
        return [_without_status(index) for index in kept]
    by_name = {index["IndexName"]: index for index in kept}
    for index in request[override]:
        same = by_name.pop(index["IndexName"], None)
        if same is None or any(same[each] != index[each] for each in ("KeySchema", "Projection")):
            raise ValidationException(table_messages.BACKUP_INDEX.format(index=index["IndexName"]))
    return list(request[override])


def _without_status(index: Mapping[str, Any]) -> dict[str, Any]:
    names = ("IndexName", "KeySchema", "Projection", "OnDemandThroughput", "ProvisionedThroughput")
    return {name: index[name] for name in names if name in index}


def _with_units(index: Mapping[str, Any], *, on_demand_mode: bool) -> dict[str, Any]:
    """An index to be made, with units only where they were meant."""
    wanted = dict(index)
    units = wanted.pop("ProvisionedThroughput", None)
    if on_demand_mode:
        return wanted
    wanted.pop("OnDemandThroughput", None)
    if units is not None and units["ReadCapacityUnits"]:  # on demand they are zeros
        wanted["ProvisionedThroughput"] = {member: units[member] for member in _UNITS}
    return wanted


def _units(described: Mapping[str, Any]) -> dict[str, int]:
    return {member: described["ProvisionedThroughput"][member] for member in _UNITS}


def restore(
    database: "Database",
    backup: dict[str, Any],
    description: dict[str, Any],
    extra: Mapping[str, Any],
) -> Table:
    """Make the table, with its items and its indexes."""
    group = database.store.new_group()
    table = database.catalog.new_table(description, group, extra)
    spaces = (table.record["space"], *table.record["index_spaces"].values())

    def index_rows(rows: list[Entry], group: Group) -> None:
        for index in table.indexes:
            add_entries(index, rows, group)

    table.space.item_count = backup["table"]["ItemCount"]
    table.space.size_bytes = backup["table"]["TableSizeBytes"]
    source = space_prefix(backup["space"])
    group = copy_rows(database, source, table.record["space"], spaces, group, index_rows)
    save_counts(table, group)
    database.catalog.add(table, group)
    database.write(group)
    return table
