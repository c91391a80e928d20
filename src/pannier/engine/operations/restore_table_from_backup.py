"""RestoreTableFromBackup: a new table with a backup's items and indexes. See `restoring`.

Order of checks: types and constraints; the new name; the backup is there, and available; the
overrides; the name is free.
"""

from typing import TYPE_CHECKING, Any

from pannier.engine import backups, constraints, messages, table_messages
from pannier.engine.operations.create_table import checked_name, pending
from pannier.engine.operations.describe_table import leaving
from pannier.engine.restoring import restore, restored_description
from pannier.engine.table_settings import refuse
from pannier.engine.table_status import describe
from pannier.errors import BackupInUseException, TableAlreadyExistsException

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Restore a table."""
    constraints.check("RestoreTableFromBackup", request)
    request = constraints.known("RestoreTableFromBackup", request)
    name = checked_name(request["TargetTableName"])
    refuse(request, "VectorIndexOverride")
    backup = backups.find(database, request["BackupArn"])
    now_s = database.clock()
    if now_s < backup["available_s"]:
        raise BackupInUseException(table_messages.BACKUP_IN_USE.format(arn=backup["arn"]))
    description = restored_description(backup, request, name, now_s)
    if database.catalog.find(name) is not None or leaving(database, name) is not None:
        raise TableAlreadyExistsException(messages.table_exists(name))
    table = restore(database, backup, description, {"tags": [], **pending(database, "CREATING")})
    return {"TableDescription": describe(table, now_s, as_status="CREATING")}
