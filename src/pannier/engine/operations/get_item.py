"""GetItem: one item by its key. A missing one is answered without `Item`, and costs a unit.

Order of checks: types and constraints; the expression and its placeholders; values; the table;
the key.
"""

from typing import TYPE_CHECKING, Any

import orjson

from pannier.engine import constraints
from pannier.engine.capacity import wanted_level
from pannier.engine.projecting import compile_projection
from pannier.engine.rows import row_item, row_json, row_key, row_size
from pannier.expressions import Placeholders
from pannier.model.attribute_value import check_item
from pannier.model.units import read_units

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Read an item."""
    constraints.check("GetItem", request)
    placeholders = Placeholders(request.get("ExpressionAttributeNames"), None)
    placeholders.check({"ProjectionExpression": request.get("ProjectionExpression")})
    project, _ = compile_projection(request, placeholders)
    placeholders.check_unused()
    check_item(request["Key"])
    table = database.catalog.table(request["TableName"])
    key = row_key(table.space.prefix, table.schema.exact_key(request["Key"]))
    row = database.store.get(key)
    consumed = database.usage.reads(table)
    size_bytes = row_size(row) if row is not None else 0
    units = read_units(size_bytes, consistent=request.get("ConsistentRead") is True)
    database.admission.require_read(consumed, key, request["Key"], units)
    answer: dict[str, Any] = {}
    if row is not None:
        shown = orjson.Fragment(row_json(row)) if project is None else project(row_item(row))
        answer["Item"] = shown
    level = wanted_level(request)
    if level:
        answer["ConsumedCapacity"] = consumed.to_api(level)
    return answer
