"""What can be taken away from a run, as the files that the command line writes and reads."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from pannier.batch.operation import Kind, Operation
from pannier.batch.reads.read import TableOptions
from pannier.batch.report import Failure
from pannier.model.attribute_value import Item


def failures_file(failures: Iterable[Failure]) -> bytes:
    """The failures file: a line for each operation, with its reason and its place."""
    return b"".join(line(failure.to_json()) for failure in failures)


def items_file(items: Iterable[tuple[str, Item]]) -> bytes:
    """Items in DynamoDB JSON, one a line."""
    return b"".join(line({"Item": item}) for _, item in items)


def leftovers_file(
    failures: Sequence[Failure], options: Mapping[str, TableOptions] | None = None
) -> bytes:
    """A request with everything that did not get through, to be sent again as it is.

    What was no operation in the first place can't be in it; it is in the failures file.

    Args:
        failures: of a write or a read.
        options: how the tables of a read are read.
    """
    tables: dict[str, Any] = {}
    for failure in failures:
        if failure.kind == "get":
            table = tables.setdefault(failure.table, _members((options or {}).get(failure.table)))
            table["Keys"].append(failure.attributes)
        elif failure.kind in (Kind.PUT, Kind.DELETE):
            operation = Operation(failure.table, Kind(failure.kind), failure.attributes)
            tables.setdefault(failure.table, []).append(operation.to_request())
    return json.dumps(tables, indent=2, default=str).encode() + b"\n"


def _members(options: TableOptions | None) -> dict[str, Any]:
    members: dict[str, Any] = {"Keys": []}
    if options is not None:
        projection = options.projection
        if projection.expression is not None:
            members["ProjectionExpression"] = projection.expression
            if projection.names:
                members["ExpressionAttributeNames"] = dict(projection.names)
        if options.consistent:
            members["ConsistentRead"] = True
    return members


def line(value: Any) -> bytes:
    """A value as one line of JSON."""
    try:
        return orjson.dumps(value, default=str) + b"\n"
    except TypeError:  # half of a surrogate pair, an integer of 65 bits: Python's own can write it
        return json.dumps(value, default=str).encode() + b"\n"
