"""DeleteTable: the table, its items and its indexes, in one atomic group."""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints, messages
from pannier.errors import ResourceNotFoundException, ValidationException

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Delete a table and describe it once more."""
    constraints.check("DeleteTable", request)
    table = database.catalog.find(request["TableName"])
    if table is None:
        raise ResourceNotFoundException(messages.table_missing(request["TableName"]))
    if table.description.get("DeletionProtectionEnabled"):
        raise ValidationException(messages.DELETION_PROTECTED)
    description = {**table.describe(), "TableStatus": "DELETING"}
    for needless in ("AttributeDefinitions", "KeySchema", "CreationDateTime"):
        description.pop(needless, None)
    group = database.store.new_group()
    database.catalog.drop(table, group)
    database.write(group)
    return {"TableDescription": description}
