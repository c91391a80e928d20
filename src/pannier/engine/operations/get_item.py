"""GetItem: one item by its key. A missing one is answered without `Item`, and costs a unit.

Order of checks: types and constraints; the expression and its placeholders; values; the table;
the key.
"""

from typing import TYPE_CHECKING, Any, Final

import orjson

from pannier.engine import constraints
from pannier.engine.capacity import wanted_level
from pannier.engine.projecting import Project, compile_projection
from pannier.engine.rows import row_item, row_json, row_key, row_size
from pannier.expressions import Placeholders
from pannier.model.attribute_value import check_item
from pannier.model.units import read_units

if TYPE_CHECKING:
    from pannier.engine.database import Database

_PLAIN_MEMBERS_MAX: Final = 2  # TableName and Key: nothing is asked for beside the item


def run(database: "Database", request: dict[str, Any]) -> bytes:
    """Read an item."""
    constraints.check("GetItem", request)
    project = _compiled(request) if len(request) > _PLAIN_MEMBERS_MAX else None
    asked: dict[str, Any] = request["Key"]
    check_item(asked)
    table = database.catalog.table(request["TableName"])
    key = row_key(table.space.prefix, table.schema.exact_key(asked))
    row: bytes | None = database.store.get(key)
    consumed = database.usage.reads(table)
    size_bytes = row_size(row) if row is not None else 0
    units = read_units(size_bytes, consistent=request.get("ConsistentRead") is True)
    database.admission.require_read(consumed, key, asked, units)
    level = wanted_level(request)
    tail = orjson.dumps({"ConsumedCapacity": consumed.to_api(level)}) if level else b"{}"
    if row is None:
        return tail
    shown = row_json(row) if project is None else orjson.dumps(project(row_item(row)))
    return b'{"Item":' + shown + (b"," + tail[1:] if level else b"}")


def _compiled(request: dict[str, Any]) -> Project | None:
    placeholders = Placeholders(request.get("ExpressionAttributeNames"), None)
    placeholders.check({"ProjectionExpression": request.get("ProjectionExpression")})
    project, _ = compile_projection(request, placeholders)
    placeholders.check_unused()
    return project
