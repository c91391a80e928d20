"""CreateBackup: a copy of a table's items as they are. See `backups` for how it is kept.

Order of checks: types and constraints; the table is there, and not being created.
"""

from typing import TYPE_CHECKING, Any

from pannier.engine import backups, constraints, table_messages
from pannier.engine.catalog import plain_name
from pannier.engine.table_status import status
from pannier.errors import TableNotFoundException

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Back up a table."""
    constraints.check("CreateBackup", request)
    table = database.catalog.find(request["TableName"])
    now_s = database.clock()
    if table is None or status(table, now_s) == "CREATING":
        name = plain_name(request["TableName"])
        raise TableNotFoundException(table_messages.table_missing(name))
    record = backups.create(database, table, request["BackupName"])
    return {"BackupDetails": backups.details(record, now_s, "CREATING")}
