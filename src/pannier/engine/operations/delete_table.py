"""DeleteTable: the table, its items and its indexes, in one atomic group.

Order of checks: types and constraints; the table is there, and idle; it is not protected. With a
table delay it is still described as DELETING for a while, though its items are gone.
"""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints, messages, table_messages
from pannier.engine.catalog import plain_name
from pannier.engine.operations.describe_table import leaving
from pannier.engine.table_status import describe, require_idle
from pannier.errors import ResourceInUseException, ResourceNotFoundException, ValidationException

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Delete a table and describe it once more."""
    constraints.check("DeleteTable", request)
    name = plain_name(request["TableName"])
    table = database.catalog.find(name)
    now_s = database.clock()
    if table is None:
        if leaving(database, name) is not None:
            raise ResourceInUseException(table_messages.table_in_use("deleted", name))
        raise ResourceNotFoundException(messages.table_missing(request["TableName"]))
    require_idle(table, now_s)
    if table.description.get("DeletionProtectionEnabled"):
        raise ValidationException(messages.DELETION_PROTECTED)
    description = describe(table, now_s, as_status="DELETING")
    for needless in ("AttributeDefinitions", "KeySchema", "CreationDateTime"):
        description.pop(needless, None)
    group = database.store.new_group()
    database.catalog.drop(table, group)
    database.write(group)
    if database.table_delay_s:
        database.catalog.leaving[name] = (now_s + database.table_delay_s, description)
    return {"TableDescription": description}
