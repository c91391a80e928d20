"""DescribeTable. Counts and sizes are exact, where AWS refreshes them every six hours."""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints, messages
from pannier.errors import ResourceNotFoundException

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Describe a table."""
    constraints.check("DescribeTable", request)
    table = database.catalog.find(request["TableName"])
    if table is None:
        raise ResourceNotFoundException(messages.table_missing(request["TableName"]))
    return {"Table": table.describe()}
