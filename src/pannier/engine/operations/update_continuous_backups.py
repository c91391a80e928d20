"""UpdateContinuousBackups: recovery in time on or off, and for how many days; a flag, kept."""

from typing import TYPE_CHECKING, Any, Final

from pannier.engine import constraints
from pannier.engine.operations.describe_continuous_backups import describe_recovery, find

if TYPE_CHECKING:
    from pannier.engine.database import Database

_DAYS: Final = 35  # service model: the default, and the most


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Change the flags."""
    constraints.check("UpdateContinuousBackups", request)
    table = find(database, request["TableName"])
    wanted = request["PointInTimeRecoverySpecification"]
    now_s = database.clock()
    before = table.record.pop("recovery", None)
    if wanted["PointInTimeRecoveryEnabled"]:
        table.record["recovery"] = {
            "since_s": before["since_s"] if before else round(now_s, 3),
            "days": wanted.get("RecoveryPeriodInDays") or (before or {}).get("days") or _DAYS,
        }
    group = database.store.new_group()
    database.catalog.save(table, group)
    database.write(group)
    return describe_recovery(table, now_s)
