"""DescribeBackup: a backup and the table it was made of."""

from typing import TYPE_CHECKING, Any

from pannier.engine import backups, constraints

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Describe a backup."""
    constraints.check("DescribeBackup", request)
    record = backups.find(database, request["BackupArn"])
    return {"BackupDescription": backups.description(record, database.clock())}
