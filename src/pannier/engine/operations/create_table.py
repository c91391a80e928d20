"""CreateTable: a table with its indexes, ready at once unless a table delay is set.

Order of checks: types and constraints; the name; billing mode against throughput; key schemas
against attribute definitions; indexes; settings; tags; the stream; the name is free. AWS creates
in seconds and answers `CREATING`; so does this engine, though the table is ready without a delay,
so that waiters go on to DescribeTable, which says `ACTIVE`.
"""

import re
import uuid
from typing import TYPE_CHECKING, Any, Final

from pannier.engine import constraints, messages, table_messages, tags
from pannier.engine.catalog import ARN_PREFIX, plain_name
from pannier.engine.index_definition import global_index, local_index
from pannier.engine.streams.specification import check_creation
from pannier.engine.table_definition import GLOBAL, LOCAL, checked_indexes, checked_keys
from pannier.engine.table_settings import check_billing, encryption, refuse
from pannier.engine.table_status import describe, require_idle
from pannier.engine.table_throughput import check_bounds, on_demand, provisioned, warm
from pannier.errors import ResourceInUseException, ValidationException
from pannier.limits import TABLE_NAME_LENGTH_MIN

if TYPE_CHECKING:
    from pannier.engine.database import Database

_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]+")


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Create a table."""
    constraints.check("CreateTable", request)
    request = constraints.known("CreateTable", request)  # it is kept, and described again
    name = checked_name(request["TableName"])
    refuse(
        request,
        "GlobalTableSourceArn",
        "GlobalTableSettingsReplicationMode",
        "ResourcePolicy",
        "VectorIndexes",
    )
    _check_present(request)
    description = _description(request, name, database.clock())
    tagged = tags.checked(request.get("Tags", ()), {})
    view_type = check_creation(request.get("StreamSpecification", {"StreamEnabled": False}))
    require_free(database, name)
    group = database.store.new_group()
    extra = {"tags": tags.to_api(tagged), **pending(database, "CREATING")}
    table = database.catalog.create(description, group, extra)
    if view_type is not None:
        database.catalog.enable_stream(table, view_type, database.clock(), group)
    database.write(group)
    return {"TableDescription": describe(table, database.clock(), as_status="CREATING")}


def checked_name(given: str) -> str:
    """The name of a table that is to be made.

    Raises:
        ValidationException: tables are not called so.
    """
    name = plain_name(given)
    if len(name) < TABLE_NAME_LENGTH_MIN:
        raise ValidationException(messages.name_short(name))
    if not _NAME.fullmatch(name):
        raise ValidationException(messages.name_pattern(name))
    return name


def require_free(database: "Database", name: str) -> None:
    """Make sure that no table has a name.

    Raises:
        ResourceInUseException: one has it, or it is on its way out.
    """
    table = database.catalog.find(name)
    if table is not None:
        require_idle(table, database.clock())
        raise ResourceInUseException(messages.table_exists(name))
    leaving = database.catalog.leaving.pop(name, None)
    if leaving is not None and database.clock() < leaving[0]:
        database.catalog.leaving[name] = leaving
        raise ResourceInUseException(table_messages.table_in_use("deleted", name))


def pending(database: "Database", status: str) -> dict[str, Any]:
    """The member of a table's record that gives it a status for a while, if there is a delay."""
    if not database.table_delay_s:
        return {}
    return {"pending": {"status": status, "until": database.clock() + database.table_delay_s}}


def _check_present(request: dict[str, Any]) -> None:
    """The model does not require these since multi-account tables; all other tables need them.

    The text is what AWS answered when it did require them.
    """
    missing = [
        f"Value null at '{member[0].lower()}{member[1:]}' failed to satisfy constraint: "
        "Member must not be null"
        for member in ("AttributeDefinitions", "KeySchema")
        if member not in request
    ]
    if missing:
        raise ValidationException(messages.constraint_errors(missing))


def _description(request: dict[str, Any], name: str, now_s: float) -> dict[str, Any]:
    mode = request.get("BillingMode", "PROVISIONED")
    on_demand_mode = mode == "PAY_PER_REQUEST"
    given = request.get("ProvisionedThroughput")
    check_billing(mode, given)
    check_bounds(given)
    checked_keys(request)
    checked_indexes(request)
    units = provisioned(given)
    arn = ARN_PREFIX + name
    description: dict[str, Any] = {
        "AttributeDefinitions": request["AttributeDefinitions"],
        "TableName": name,
        "KeySchema": request["KeySchema"],
        "TableStatus": "ACTIVE",
        "CreationDateTime": round(now_s, 3),
        "ProvisionedThroughput": units,
        "TableArn": arn,
        "TableId": str(uuid.uuid4()),
        "DeletionProtectionEnabled": request.get("DeletionProtectionEnabled", False),
        "WarmThroughput": warm(
            None, request.get("WarmThroughput"), units, on_demand_mode=on_demand_mode
        ),
    }
    if on_demand_mode:
        description["BillingModeSummary"] = {
            "BillingMode": mode,
            "LastUpdateToPayPerRequestDateTime": round(now_s, 3),
        }
    optional = {
        "OnDemandThroughput": on_demand(request.get("OnDemandThroughput"), allowed=on_demand_mode),
        "SSEDescription": encryption(request.get("SSESpecification")),
        LOCAL: [local_index(index, arn) for index in request.get(LOCAL, ())],
        GLOBAL: [
            global_index(index, arn, on_demand_mode=on_demand_mode)
            for index in request.get(GLOBAL, ())
        ],
    }
    description |= {member: content for member, content in optional.items() if content}
    if "TableClass" in request:
        description["TableClassSummary"] = {"TableClass": request["TableClass"]}
    return description
