"""UpdateTable: billing, throughput, indexes, stream, class, protection, encryption.

Order of checks: types and constraints; something is to be changed; what needs no table: billing
mode against throughput, bounds, the form of index updates; the table is there, and idle; throughput
against what is set; settings; indexes; the stream. Everything happens in one group.

Several kinds of changes may be made in one request, as AWS allows of all but a few.
"""

from typing import TYPE_CHECKING, Any, Final

import orjson

from pannier.engine import backfill, constraints, index_updates, messages, table_messages
from pannier.engine.catalog import Table
from pannier.engine.operations.create_table import pending
from pannier.engine.row_groups import space_end
from pannier.engine.streams.specification import check_update
from pannier.engine.table_definition import GLOBAL
from pannier.engine.table_settings import check_billing, encryption, is_on_demand, refuse
from pannier.engine.table_status import describe, require_idle
from pannier.engine.table_throughput import changed, check_bounds, on_demand, provisioned, warm
from pannier.errors import ResourceNotFoundException, ValidationException
from pannier.storage.store import Group

if TYPE_CHECKING:
    from pannier.engine.database import Database

_CHANGES: Final = (
    "BillingMode", "DeletionProtectionEnabled", "GlobalSecondaryIndexUpdates", "OnDemandThroughput",
    "ProvisionedThroughput", "SSESpecification", "StreamSpecification", "TableClass",
    "WarmThroughput",
)  # fmt: skip


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Change a table."""
    constraints.check("UpdateTable", request)
    request = constraints.known("UpdateTable", request)
    _check_request(request)
    table = database.catalog.find(request["TableName"])
    if table is None:
        raise ResourceNotFoundException(messages.table_missing(request["TableName"]))
    now_s = database.clock()
    require_idle(table, now_s)
    record = orjson.loads(orjson.dumps(table.record))
    description = record["description"]
    _change_billing(description, request, now_s)
    _change_settings(description, request, now_s)
    created = index_updates.apply(table, request, description, now_s)
    stream = request.get("StreamSpecification")
    view_type = None
    if stream is not None:
        view_type = check_update(stream, table.name, enabled=table.stream is not None)
    group = database.store.new_group()
    _apply(database, table, record, created, group)
    if stream is not None and view_type is not None:
        database.catalog.enable_stream(table, view_type, now_s, group)
    elif stream is not None:
        database.catalog.disable_stream(table, now_s, group)
    database.write(group)
    database.wake()
    return {"TableDescription": describe(table, now_s, as_status="UPDATING")}


def _check_request(request: dict[str, Any]) -> None:
    refuse(
        request,
        "ReplicaUpdates",
        "MultiRegionConsistency",
        "GlobalTableWitnessUpdates",
        "GlobalTableSettingsReplicationMode",
        "DisassociationProtectionEnabled",
        "VectorIndexUpdates",
    )
    updates = request.get("GlobalSecondaryIndexUpdates")
    if updates == []:
        del request["GlobalSecondaryIndexUpdates"]
    if not any(member in request for member in _CHANGES):
        raise ValidationException(table_messages.NOTHING_TO_UPDATE)
    check_billing(request.get("BillingMode"), request.get("ProvisionedThroughput"))
    check_bounds(request.get("ProvisionedThroughput"))
    index_updates.check_request(updates or ())


def _change_billing(description: dict[str, Any], request: dict[str, Any], now_s: float) -> None:
    was_on_demand = is_on_demand(description)
    mode = request.get("BillingMode") or ("PAY_PER_REQUEST" if was_on_demand else "PROVISIONED")
    given = request.get("ProvisionedThroughput")
    if given is not None:
        check_billing(mode, given)
    if mode == "PAY_PER_REQUEST" and not was_on_demand:
        description["BillingModeSummary"] = {
            "BillingMode": mode,
            "LastUpdateToPayPerRequestDateTime": round(now_s, 3),
        }
        for owner in (description, *description.get(GLOBAL, ())):
            owner["ProvisionedThroughput"] |= {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    elif mode == "PROVISIONED" and was_on_demand:
        description["BillingModeSummary"]["BillingMode"] = mode
        description["ProvisionedThroughput"] = provisioned(given)
        _provision_indexes(description, request)
    elif given is not None:
        description["ProvisionedThroughput"] = changed(
            description["ProvisionedThroughput"], given, now_s
        )


def _provision_indexes(description: dict[str, Any], request: dict[str, Any]) -> None:
    """Every index needs units of its own, given in the same request."""
    given = {
        update["Update"]["IndexName"]: update["Update"].get("ProvisionedThroughput")
        for update in request.get("GlobalSecondaryIndexUpdates", ())
        if "Update" in update
    }
    for index in description.get(GLOBAL, ()):
        index.pop("OnDemandThroughput", None)
        if given.get(index["IndexName"]) is None:
            raise ValidationException(
                table_messages.THROUGHPUT_NOT_FOR_INDEX.format(index=index["IndexName"])
            )
    description.pop("OnDemandThroughput", None)


def _change_settings(description: dict[str, Any], request: dict[str, Any], now_s: float) -> None:
    on_demand_mode = is_on_demand(description)
    maxima = on_demand(request.get("OnDemandThroughput"), allowed=on_demand_mode)
    if maxima:
        description["OnDemandThroughput"] = {**description.get("OnDemandThroughput", {}), **maxima}
    for owner in (description, *description.get(GLOBAL, ())):
        owner["WarmThroughput"] = warm(
            owner.get("WarmThroughput"),
            request.get("WarmThroughput") if owner is description else None,
            owner["ProvisionedThroughput"],
            on_demand_mode=on_demand_mode,
        )
    if "SSESpecification" in request:
        encrypted = encryption(request["SSESpecification"])
        description.pop("SSEDescription", None)
        if encrypted is not None:
            description["SSEDescription"] = encrypted
    if "TableClass" in request:
        description["TableClassSummary"] = {
            "TableClass": request["TableClass"],
            "LastUpdateDateTime": round(now_s, 3),
        }
    if "DeletionProtectionEnabled" in request:
        description["DeletionProtectionEnabled"] = request["DeletionProtectionEnabled"]


def _apply(
    database: "Database",
    table: Table,
    record: dict[str, Any],
    created: str | None,
    group: Group,
) -> None:
    """Bring the table and its indexes into line with a changed record."""
    record.pop("pending", None)
    record |= pending(database, "UPDATING")
    now_s = database.clock()
    _forget_past(record, now_s)
    kept = {index["IndexName"] for index in record["description"].get(GLOBAL, ())}
    for index in table.indexes:
        if index.is_global and index.name not in kept:
            group.delete(index.space.count_key)
            group.delete_range(index.space.prefix, space_end(index.space.prefix))
            del record["index_spaces"][index.name]
            record.get("backfills", {}).pop(index.name, None)
            if database.table_delay_s:
                gone = next(
                    each
                    for each in describe(table, now_s)[GLOBAL]
                    if each["IndexName"] == index.name
                )
                until = now_s + database.table_delay_s
                record.setdefault("leaving_indexes", []).append(
                    {"description": gone, "until": until}
                )
    if created is not None:
        record["index_spaces"][created] = database.catalog.take_space(group)
        if database.table_delay_s:
            until = now_s + database.table_delay_s
            record.setdefault("pending_indexes", {})[created] = until
    table.change(record)
    database.catalog.save(table, group)
    if created is not None:
        new_index = table.index(created)
        assert new_index is not None
        backfill.begin(database, table, new_index, group)


def _forget_past(record: dict[str, Any], now_s: float) -> None:
    """Drop statuses that are over."""
    waiting = record.pop("pending_indexes", {})
    waiting = {name: until for name, until in waiting.items() if now_s < until}
    leaving = [each for each in record.pop("leaving_indexes", ()) if now_s < each["until"]]
    if waiting:
        record["pending_indexes"] = waiting
    if leaving:
        record["leaving_indexes"] = leaving
