"""TransactGetItems: up to 100 items at one moment, in the order of the request.

Order of checks, parallel to TransactWriteItems:

1. types and constraints;
2. expressions and values. Placeholders beside no expression are accepted, as they are there;
3. the tables exist; no key is empty (inferred, as for writes);
4. the keys match the schemas: a cancelled transaction if not (captured), of which the first key
   that does not is the reason (inferred, as for writes);
5. no item twice, which fails the request (captured);
6. at most 4 MB of items (service model; DynamoDB Local's error).

A missing item is answered as `{}`, one of which the projection shows nothing as `{"Item": {}}`
(service model). Each costs twice a consistent read, a missing one 2 units (captured on AWS).
Requests are applied one after another, so no get ever conflicts with a write.
"""

from typing import TYPE_CHECKING, Any

import orjson

from pannier.engine import constraints, messages
from pannier.engine.capacity import wanted_level
from pannier.engine.catalog import Table
from pannier.engine.projecting import Project, compile_projection
from pannier.engine.rows import row_item, row_json, row_key, row_size
from pannier.engine.transacting import (
    admit,
    cancellation,
    capacity,
    check_distinct,
    fails_request,
    transactional_read_units,
)
from pannier.errors import ServiceError, ValidationException
from pannier.expressions import Placeholders
from pannier.limits import TRANSACTION_BYTES_MAX
from pannier.model.attribute_value import Item, check_item

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Read items together."""
    constraints.check("TransactGetItems", request)
    gets = [each["Get"] for each in request["TransactItems"]]
    projects = [_project(get) for get in gets]
    tables = [database.catalog.table(get["TableName"]) for get in gets]
    row_keys = _row_keys(tables, [get["Key"] for get in gets])
    check_distinct(row_keys)
    rows = database.store.get_many(row_keys)
    size_bytes = sum(row_size(row) for row in rows if row is not None)
    if size_bytes > TRANSACTION_BYTES_MAX:
        raise ValidationException(messages.transaction_read_size(size_bytes))
    costs = [transactional_read_units(row_size(row) if row is not None else 0) for row in rows]
    if database.admission.active:
        admit(
            database,
            [
                (table, "Read", [(None, key, units)])
                for table, key, units in zip(tables, row_keys, costs, strict=True)
            ],
        )
    consumed = {table: database.usage.reads(table) for table in dict.fromkeys(tables)}
    for table, units in zip(tables, costs, strict=True):
        consumed[table].units += units
    responses = [_shown(row, project) for row, project in zip(rows, projects, strict=True)]
    answer: dict[str, Any] = {"Responses": responses}
    level = wanted_level(request)
    if level:
        answer["ConsumedCapacity"] = capacity(consumed.values(), level, "ReadCapacityUnits")
    return answer


def _project(get: dict[str, Any]) -> Project | None:
    """What is shown of one item; its key's values are checked on the way."""
    project = None
    expression = get.get("ProjectionExpression")
    if expression is not None:
        placeholders = Placeholders(get.get("ExpressionAttributeNames"), None)
        placeholders.check({"ProjectionExpression": expression})
        project, _ = compile_projection({"ProjectionExpression": expression}, placeholders)
        placeholders.check_unused()
    check_item(get["Key"])
    return project


def _row_keys(tables: list[Table], keys: list[Item]) -> list[bytes]:
    row_keys = []
    errors: list[ServiceError | None] = []
    for table, key in zip(tables, keys, strict=True):
        error = None
        try:
            row_keys.append(row_key(table.space.prefix, table.schema.exact_key(key)))
        except ValidationException as refused:
            if fails_request(refused):
                raise
            error = refused if not any(errors) else None
        errors.append(error)
    if any(errors):
        raise cancellation(errors)
    return row_keys


def _shown(row: bytes | None, project: Project | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {"Item": orjson.Fragment(row_json(row)) if project is None else project(row_item(row))}
