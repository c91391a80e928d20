"""ListBackups: by table, time and type; at most 100 an answer.

Rules (service model): the lower bound of time is inclusive, the upper exclusive; without a type
those of users are listed, and there are no others here. Backups come by table, the oldest first.
A table that is gone keeps its backups; one that never was has none, which is no error.
"""

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pannier.engine import backups, constraints
from pannier.engine.catalog import plain_name

if TYPE_CHECKING:
    from pannier.engine.database import Database

_PAGE_MAX: Final = 100


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """List backups."""
    constraints.check("ListBackups", request)
    limit = request.get("Limit") or _PAGE_MAX
    found = (record for record in backups.every(database) if _is_wanted(record, request))
    page = list(islice(found, limit + 1))
    now_s = database.clock()
    answer: dict[str, Any] = {"BackupSummaries": [_summary(each, now_s) for each in page[:limit]]}
    if len(page) > limit:
        answer["LastEvaluatedBackupArn"] = page[limit - 1]["arn"]
    return answer


def _is_wanted(record: dict[str, Any], request: dict[str, Any]) -> bool:
    name = request.get("TableName")
    lower = request.get("TimeRangeLowerBound")
    upper = request.get("TimeRangeUpperBound")
    start = request.get("ExclusiveStartBackupArn")
    return (
        (name is None or record["table"]["TableName"] == plain_name(name))
        and (lower is None or record["created_s"] >= lower)
        and (upper is None or record["created_s"] < upper)
        and (start is None or record["arn"].encode() > start.encode())
        and request.get("BackupType") in (None, "USER", "ALL")
    )


def _summary(record: dict[str, Any], now_s: float) -> dict[str, Any]:
    table = record["table"]
    return {
        "TableName": table["TableName"],
        "TableId": table["TableId"],
        "TableArn": table["TableArn"],
        **backups.details(record, now_s),
    }
