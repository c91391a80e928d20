"""RestoreTableToPointInTime: refused as AWS refuses it without recovery: no history is kept."""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints, table_messages
from pannier.engine.catalog import plain_name
from pannier.engine.operations.create_table import checked_name
from pannier.engine.operations.describe_continuous_backups import find
from pannier.errors import PointInTimeRecoveryUnavailableException

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Refuse a restore."""
    constraints.check("RestoreTableToPointInTime", request)
    checked_name(request["TargetTableName"])
    name = plain_name(request.get("SourceTableArn") or request.get("SourceTableName") or "")
    table = find(database, name)
    text = table_messages.POINT_IN_TIME
    if "recovery" in table.record:
        text = table_messages.POINT_IN_TIME_ABSENT
    raise PointInTimeRecoveryUnavailableException(text.format(table=table.name))
