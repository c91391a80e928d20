"""DescribeContinuousBackups: whether continuous backups and recovery in time are on.

Continuous backups are ENABLED for every table (Developer Guide); recovery in time is what
UpdateContinuousBackups said last. It is a flag here: nothing is restored to a point in time.
"""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints, table_messages
from pannier.engine.catalog import Table, plain_name
from pannier.errors import TableNotFoundException

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Describe the flags."""
    constraints.check("DescribeContinuousBackups", request)
    return describe_recovery(find(database, request["TableName"]), database.clock())


def find(database: "Database", name: str) -> Table:
    """The table.

    Raises:
        TableNotFoundException: there is none.
    """
    table = database.catalog.find(name)
    if table is None:
        raise TableNotFoundException(table_messages.table_missing(plain_name(name)))
    return table


def describe_recovery(table: Table, now_s: float) -> dict[str, Any]:
    """The answer that shows a table's flags."""
    recovery = table.record.get("recovery")
    shown: dict[str, Any] = {"PointInTimeRecoveryStatus": "DISABLED"}
    if recovery is not None:
        days = recovery["days"]
        earliest = max(recovery["since_s"], now_s - days * 24 * 60 * 60)
        shown = {
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": days,
            "EarliestRestorableDateTime": round(earliest, 3),
            "LatestRestorableDateTime": round(max(earliest, now_s - 5 * 60), 3),
        }
    return {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": shown,
        }
    }
