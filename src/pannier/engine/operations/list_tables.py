"""ListTables: names in order, at most 100 an answer."""

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from pannier.engine import constraints
from pannier.limits import LIST_TABLES_MAX

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """List the tables after `ExclusiveStartTableName`."""
    constraints.check("ListTables", request)
    names = database.catalog.names()
    start = bisect_right(names, request.get("ExclusiveStartTableName", ""))
    limit = request.get("Limit", LIST_TABLES_MAX)
    page = names[start : start + limit]
    answer: dict[str, Any] = {"TableNames": page}
    if start + limit < len(names):
        answer["LastEvaluatedTableName"] = page[-1]
    return answer
