"""DeleteBackup: a backup and its rows, in one group; it is described once more, as DELETED."""

from typing import TYPE_CHECKING, Any

from pannier.engine import backups, constraints, table_messages
from pannier.errors import BackupInUseException

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Delete a backup."""
    constraints.check("DeleteBackup", request)
    record = backups.find(database, request["BackupArn"])
    now_s = database.clock()
    if now_s < record["available_s"]:
        raise BackupInUseException(table_messages.BACKUP_IN_USE.format(arn=record["arn"]))
    backups.remove(database, record)
    return {"BackupDescription": backups.description(record, now_s, "DELETED")}
