"""DescribeTimeToLive: whether items of a table expire, and by which attribute."""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints, messages
from pannier.errors import ResourceNotFoundException

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Describe it. Changes are done before they are answered, so nothing is ever ENABLING."""
    constraints.check("DescribeTimeToLive", request)
    table = database.catalog.find(request["TableName"])
    if table is None:
        raise ResourceNotFoundException(messages.table_missing(request["TableName"]))
    description = {"TimeToLiveStatus": "DISABLED"}
    if table.expiry is not None:
        description = {
            "TimeToLiveStatus": "ENABLED",
            "AttributeName": table.expiry.attribute,
        }
    return {"TimeToLiveDescription": description}
