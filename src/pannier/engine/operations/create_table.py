"""CreateTable: a table with its indexes, ready at once.

Order of checks: types and constraints; the name; key schema against attribute definitions; billing
mode against throughput; indexes; the name is free. AWS creates in seconds and answers `CREATING`;
this engine is ready before it answers, and answers `CREATING` all the same when the table is new,
so that waiters go on to DescribeTable, which says `ACTIVE`.
"""

import re
import uuid
from typing import TYPE_CHECKING, Any, Final

from pannier.engine import constraints, messages
from pannier.engine.catalog import ARN_PREFIX, plain_name
from pannier.engine.table_definition import checked_indexes, checked_keys, throughput
from pannier.errors import ResourceInUseException, ValidationException
from pannier.limits import TABLE_NAME_LENGTH_MAX, TABLE_NAME_LENGTH_MIN

if TYPE_CHECKING:
    from pannier.engine.database import Database

_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]+")


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Create a table."""
    constraints.check("CreateTable", request)
    request = constraints.known("CreateTable", request)  # it is kept, and described again
    name = plain_name(request["TableName"])
    if not TABLE_NAME_LENGTH_MIN <= len(name) <= TABLE_NAME_LENGTH_MAX:
        raise ValidationException(messages.CREATE_TABLE_NAME)
    if not _NAME.fullmatch(name):
        raise ValidationException(messages.name_pattern(name))
    on_demand = request.get("BillingMode", "PROVISIONED") == "PAY_PER_REQUEST"
    _check_throughput(request, on_demand=on_demand)
    checked_keys(request)
    indexes = checked_indexes(request, on_demand=on_demand)
    if database.catalog.find(name) is not None:
        raise ResourceInUseException(messages.table_exists(name))
    description = _description(request, name, database.clock(), on_demand=on_demand)
    for member, descriptions in indexes.items():
        for index in descriptions:
            index["IndexArn"] = f"{description['TableArn']}/index/{index['IndexName']}"
        description[member] = descriptions
    group = database.store.new_group()
    table = database.catalog.create(description, group, {"tags": request.get("Tags", [])})
    database.write(group)
    return {"TableDescription": {**table.describe(), "TableStatus": "CREATING"}}


def _check_throughput(request: dict[str, Any], *, on_demand: bool) -> None:
    given = request.get("ProvisionedThroughput")
    if on_demand and given is not None:
        raise ValidationException(messages.THROUGHPUT_NEEDLESS)
    if not on_demand and given is None:
        raise ValidationException(messages.THROUGHPUT_MISSING)


def _description(
    request: dict[str, Any], name: str, now_s: float, *, on_demand: bool
) -> dict[str, Any]:
    description: dict[str, Any] = {
        "AttributeDefinitions": request["AttributeDefinitions"],
        "TableName": name,
        "KeySchema": request["KeySchema"],
        "TableStatus": "ACTIVE",
        "CreationDateTime": round(now_s, 3),
        "ProvisionedThroughput": throughput(request.get("ProvisionedThroughput")),
        "TableArn": ARN_PREFIX + name,
        "TableId": str(uuid.uuid4()),
        "DeletionProtectionEnabled": request.get("DeletionProtectionEnabled", False),
    }
    if on_demand:
        description["BillingModeSummary"] = {
            "BillingMode": "PAY_PER_REQUEST",
            "LastUpdateToPayPerRequestDateTime": round(now_s, 3),
        }
        if "OnDemandThroughput" in request:
            description["OnDemandThroughput"] = request["OnDemandThroughput"]
    if "TableClass" in request:
        description["TableClassSummary"] = {"TableClass": request["TableClass"]}
    return description
