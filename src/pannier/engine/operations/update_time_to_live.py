"""UpdateTimeToLive: let the items of a table expire, or no longer.

| rule | text | evidence |
|---|---|---|
| enabling what is enabled | `TimeToLive is already enabled` | DynamoDB Local |
| disabling what is disabled | `TimeToLive is already disabled` | captured (Terraform issue 10304) |
| another attribute than the active one | `TimeToLive is active on a different AttributeName` | captured; DynamoDB Local says it for both directions |

AWS allows one change an hour for a table; that is not enforced here, since a test could not go on.
"""  # noqa: E501  # a table's row can't be wrapped

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints, messages, ttl
from pannier.engine.catalog import Table
from pannier.errors import ResourceNotFoundException, ValidationException

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Enable or disable it."""
    constraints.check("UpdateTimeToLive", request)
    request = constraints.known("UpdateTimeToLive", request)
    specification = request["TimeToLiveSpecification"]
    table = database.catalog.find(request["TableName"])
    if table is None:
        raise ResourceNotFoundException(messages.table_missing(request["TableName"]))
    _check(table, specification)
    if specification["Enabled"]:
        ttl.enable(database, table, specification["AttributeName"])
    else:
        ttl.disable(database, table)
    return {"TimeToLiveSpecification": specification}


def _check(table: Table, specification: dict[str, Any]) -> None:
    if table.expiry is None:
        if not specification["Enabled"]:
            raise ValidationException(messages.TTL_DISABLED)
    elif table.expiry.attribute != specification["AttributeName"]:
        raise ValidationException(messages.TTL_OTHER_ATTRIBUTE)
    elif specification["Enabled"]:
        raise ValidationException(messages.TTL_ENABLED)
