"""ListTables: names in order, at most 100 an answer; tables that are being deleted among them."""

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from pannier.engine import constraints
from pannier.engine.operations.describe_table import leaving
from pannier.limits import LIST_TABLES_MAX

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """List the tables after `ExclusiveStartTableName`."""
    constraints.check("ListTables", request)
    names = database.catalog.names()
    if database.catalog.leaving:
        gone = [name for name in list(database.catalog.leaving) if leaving(database, name)]
        names = sorted({*names, *gone})
    start = bisect_right(names, request.get("ExclusiveStartTableName") or "")
    limit = request.get("Limit") or LIST_TABLES_MAX
    page = names[start : start + limit]
    answer: dict[str, Any] = {"TableNames": page}
    if start + limit < len(names):
        answer["LastEvaluatedTableName"] = page[-1]
    return answer
