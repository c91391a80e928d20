"""BatchGetItem: up to 100 keys over any tables.

Order of checks (captured on AWS; the first that fails is answered):

1. JSON types, then constraints: the map, then each table's list of 1 to 100 keys, then the sum;
2. expressions, values, and duplicate keys, before any table is looked up; keys are compared as
   they are spelled, so `10` and `1e1` are two (writes compare numbers by value);
3. the tables exist;
4. the keys match the schemas.

Answers (service model): the order of items is undefined; a missing item is absent; above 16 MB
in all or 1 MB of one partition, or beyond the capacity that there is, the rest comes back in
`UnprocessedKeys` with every other field of its request. It is metered as that many GetItems: each
item rounded up by itself, a missing one at the minimum.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import orjson

from pannier.engine import constraints, messages
from pannier.engine.capacity import Consumed, wanted_level
from pannier.engine.catalog import Table
from pannier.engine.projecting import Project, compile_projection
from pannier.engine.row_keys import usual_row_keys
from pannier.engine.rows import HEADER_BYTES, row_item, row_key, row_size
from pannier.errors import ServiceError, ValidationException
from pannier.expressions import Placeholders
from pannier.limits import (
    BATCH_GET_KEYS_MAX,
    BATCH_GET_PARTITION_BYTES_MAX,
    BATCH_GET_RESPONSE_BYTES_MAX,
    READ_UNIT_BYTES,
)
from pannier.model.attribute_value import Item, check_item
from pannier.model.units import read_units

if TYPE_CHECKING:
    from pannier.engine.database import Database

_NAME: Final = "BatchGetItem"


class _TableRead:
    """What a request asks of one table, checked."""

    __slots__ = ("consistent", "name", "project", "request", "row_keys", "table")

    def __init__(self, name: str, table: Table, request: dict[str, Any]) -> None:
        self.name = name  # or ARN: answers call the table as the request does (service model)
        self.table = table
        self.request = request
        self.consistent: bool = request.get("ConsistentRead") is True
        self.project: Project | None = None
        if len(request) > 1:
            self.project = _compiled(request)
        self.row_keys: list[bytes] = _row_keys(table, request["Keys"])


def _row_keys(table: Table, keys: list[Any]) -> list[bytes]:
    schema, prefix = table.schema, table.space.prefix
    usual = usual_row_keys(prefix, schema, keys)
    if usual is not None:
        return usual
    # The keys themselves keep their spelling: what is left over is given back as it came.
    return [
        row_key(prefix, schema.exact_key({name: {**key[name]} for name in key}))
        if schema.has_numbers
        else row_key(prefix, schema.exact_key(key))
        for key in keys
    ]


def run(database: "Database", request: dict[str, Any]) -> bytes:
    """Read a batch."""
    try:
        reads = _reads(database, request)
    except (ServiceError, LookupError, TypeError, AttributeError, ValueError):
        _check(database, request)
        raise
    rows = database.store.get_many([key for read in reads for key in read.row_keys])
    admission = database.admission
    answered: list[bytes] = []
    unprocessed: dict[str, Any] = {}
    consumed: dict[Table, Consumed] = {}
    start = 0
    room = BATCH_GET_RESPONSE_BYTES_MAX
    for read in reads:
        own_rows = rows[start : start + len(read.row_keys)]
        start += len(read.row_keys)
        spent = consumed.get(read.table)
        if spent is None:
            spent = consumed[read.table] = database.usage.reads(read.table)
        # An item's JSON is never shorter than the size it counts.
        json_bytes = sum([len(row) for row in own_rows if row is not None])
        units = _units(own_rows, consistent=read.consistent)
        if json_bytes <= min(room, BATCH_GET_PARTITION_BYTES_MAX) and admission.admits_reads(
            spent, read.row_keys, units
        ):
            if len(reads) > 1:
                room -= sum(row_size(row) for row in own_rows if row is not None)
        else:
            room, left = _pick(database, read, own_rows, units, spent, room)
            if left:
                unprocessed[read.name] = {**read.request, "Keys": left}
        answered.append(orjson.dumps(read.name) + b":[" + _joined(own_rows, read.project) + b"]")
    if database.usage.throttled and not any(spent.units for spent in consumed.values()):
        raise admission.refusal()
    tail: dict[str, Any] = {"UnprocessedKeys": unprocessed}
    level = wanted_level(request)
    if level:
        tail["ConsumedCapacity"] = [spent.to_api(level) for spent in consumed.values()]
    return b'{"Responses":{' + b",".join(answered) + b"}," + orjson.dumps(tail)[1:]


def _reads(database: "Database", request: dict[str, Any]) -> list[_TableRead]:
    """All reads of a good request; any error for a bad one, not always the one to answer."""
    reads = []
    count = 0
    for name, table_request in request["RequestItems"].items():
        read = _TableRead(name, database.catalog.table(name), table_request)
        if not read.row_keys:
            raise ValidationException("")  # `_check` knows the words
        if len(set(read.row_keys)) != len(read.row_keys):
            _check_duplicates(table_request["Keys"])
        count += len(read.row_keys)
        reads.append(read)
    if not 0 < count <= BATCH_GET_KEYS_MAX:
        raise ValidationException(messages.BATCH_GET_TOO_MANY)
    # Options are few and rarely given; the service model knows what they may be.
    if len(request) > 1:
        constraints.check_members("BatchGetItemInput", request, "RequestItems")
    for read in reads:
        if len(read.request) > 1:
            constraints.check_members("KeysAndAttributes", read.request, "Keys")
    return reads


def _check(database: "Database", request: dict[str, Any]) -> None:
    """Raise what AWS would answer first."""
    requests_by_table = request.get("RequestItems")
    if requests_by_table == {}:
        raise ValidationException(messages.required("requestItems", _NAME))
    _check_lengths(requests_by_table)
    constraints.check(_NAME, request)
    assert isinstance(requests_by_table, dict)  # the constraints say so
    if sum(len(each["Keys"]) for each in requests_by_table.values()) > BATCH_GET_KEYS_MAX:
        raise ValidationException(messages.BATCH_GET_TOO_MANY)
    for table_request in requests_by_table.values():
        _compiled(table_request)
        _check_duplicates(table_request["Keys"])
    tables = {name: database.catalog.table(name) for name in requests_by_table}
    for name, table_request in requests_by_table.items():
        for key in table_request["Keys"]:
            tables[name].schema.exact_key(key)


def _check_lengths(requests_by_table: object) -> None:
    """AWS answers a table's too long list with a text that no other constraint has."""
    if not isinstance(requests_by_table, dict):
        return
    for name, table_request in requests_by_table.items():
        keys = table_request.get("Keys") if isinstance(table_request, dict) else None
        if isinstance(keys, list) and len(keys) > BATCH_GET_KEYS_MAX:
            # Wrong JSON types come first even here.
            for key in keys:
                constraints.check(_NAME, {"RequestItems": {name: {**table_request, "Keys": [key]}}})
            raise ValidationException(messages.batch_get_length(name))


def _check_duplicates(keys: list[Item]) -> None:
    seen = set()
    for key in keys:
        try:
            spelled = orjson.dumps(key, option=orjson.OPT_SORT_KEYS)
        except TypeError:  # nested too deep for JSON, so too deep for `check_item`
            spelled = b""
        check_item(key)
        seen.add(spelled)
    if len(seen) != len(keys):
        raise ValidationException(messages.DUPLICATE_KEYS)


def _compiled(table_request: dict[str, Any]) -> Project | None:
    names = table_request.get("ExpressionAttributeNames")
    placeholders = Placeholders(names, None)
    placeholders.check({"ProjectionExpression": table_request.get("ProjectionExpression")})
    project, _ = compile_projection(table_request, placeholders)
    placeholders.check_unused()
    return project


def _pick(
    database: "Database",
    read: _TableRead,
    rows: list[bytes | None],
    units: Sequence[float],
    spent: Consumed,
    room: int,
) -> tuple[int, list[Item]]:
    """Take the rows that fit into the answer and pass the throttle; drop the others from `rows`.

    Returns:
        What is left of the answer's room, in bytes; the keys that are left unprocessed.
    """
    numbers = database.admission.throttle.partition_numbers(read.table, read.row_keys)
    partition_room = dict.fromkeys(numbers, BATCH_GET_PARTITION_BYTES_MAX)
    taken: list[bytes | None] = []
    left: list[Item] = []
    for position, (row, number) in enumerate(zip(rows, numbers, strict=True)):
        key = read.request["Keys"][position]
        size_bytes = row_size(row) if row is not None else 0
        if size_bytes > room:
            left += read.request["Keys"][position:]
            break
        if size_bytes > partition_room[number] or not database.admission.admits_read(
            spent, read.row_keys[position], key, units[position]
        ):
            left.append(key)
            continue
        room -= size_bytes
        partition_room[number] -= size_bytes
        taken.append(row)
    rows[:] = taken
    return room, left


def _units(rows: list[bytes | None], *, consistent: bool) -> list[float]:
    """The read units of each row."""
    smallest = read_units(0, consistent=consistent)
    return [
        # An item's JSON is never shorter than the size it counts.
        smallest
        if row is None or len(row) <= READ_UNIT_BYTES
        else read_units(row_size(row), consistent=consistent)
        for row in rows
    ]


def _joined(rows: list[bytes | None], project: Project | None) -> bytes:
    if project is None:
        return b",".join([row[HEADER_BYTES:] for row in rows if row is not None])
    shown = (project(row_item(row)) for row in rows if row is not None)
    return b",".join(map(orjson.dumps, shown))
