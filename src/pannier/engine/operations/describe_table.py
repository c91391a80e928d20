"""DescribeTable. Counts and sizes are exact, where AWS refreshes them every six hours."""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints, messages
from pannier.engine.catalog import plain_name
from pannier.engine.table_status import describe
from pannier.errors import ResourceNotFoundException

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Describe a table."""
    constraints.check("DescribeTable", request)
    table = database.catalog.find(request["TableName"])
    if table is not None:
        return {"Table": describe(table, database.clock())}
    description = leaving(database, plain_name(request["TableName"]))
    if description is None:
        raise ResourceNotFoundException(messages.table_missing(request["TableName"]))
    return {"Table": description}


def leaving(database: "Database", name: str) -> dict[str, Any] | None:
    """The description of a table that is being deleted, or None."""
    until_s, description = database.catalog.leaving.get(name, (0.0, None))
    if description is not None and database.clock() >= until_s:
        del database.catalog.leaving[name]
        return None
    return description
