"""What `get` reads: request JSON as `aws dynamodb batch-get-item` takes it, or keys, one a line.

Request JSON is `{"TABLE": {"Keys": [...], "ProjectionExpression": ..., "ConsistentRead": ...}}`,
any number of tables and keys, also inside `{"RequestItems": ...}`. Keys on lines, plain or DynamoDB
JSON, need a table.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from pannier.batch.operation import Origin
from pannier.batch.projection import Projection
from pannier.batch.read import Key, TableOptions
from pannier.batch.report import Failure
from pannier.files.items import Converter, Form, RecordError
from pannier.files.opening import PIPE, FileError, opened
from pannier.files.records import Unreadable, documents, lines

Keys: TypeAlias = Iterator[Key | Failure]

_KNOWN: Final = {"Keys", "ProjectionExpression", "ExpressionAttributeNames", "ConsistentRead",
                 "AttributesToGet"}  # fmt: skip
_SHAPE: Final = 'It should look like {"TABLE": {"Keys": [{"PK": {"S": "..."}}]}}'


@dataclass(slots=True)
class ReadSource:
    """Keys, and how their tables are read.

    Attributes:
        keys: in order, with a `Failure` for each record that is none.
        tables: options that a request file gives for its tables.
    """

    keys: Keys
    tables: dict[str, TableOptions] = field(default_factory=dict)


def read_keys(name: str, table: str | None = None, form: Form = "auto") -> ReadSource:
    """The keys in a file.

    Args:
        name: a path, or `-` for a pipe.
        table: the table of keys that do not name it themselves; without it, the file is a request.
        form: of keys: plain JSON, DynamoDB JSON, or what the first one looks like.

    Raises:
        FileError: there is no such file, or it is wrong as a whole.
    """
    shown = "standard input" if name == PIPE else name
    if table is not None:
        return ReadSource(_from_lines(name, shown, table, Converter(form)))
    with opened(name) as file:
        records = documents(file.read(), shown)
    source = ReadSource(iter(()))
    keys: list[Key | Failure] = []
    for record in records:
        _add_request(record.value, shown, source.tables, keys)
    source.keys = iter(keys)
    return source


def keys_of_request(value: Any, source: str) -> ReadSource:
    """The keys in a decoded request.

    Raises:
        FileError: it is no read request.
    """
    tables: dict[str, TableOptions] = {}
    keys: list[Key | Failure] = []
    _add_request(value, source, tables, keys)
    return ReadSource(iter(keys), tables)


def _from_lines(name: str, shown: str, table: str, converter: Converter) -> Keys:
    with opened(name) as file:
        for record in lines(file):
            origin = Origin(shown, record.line, "line")
            try:
                yield Key(table, converter.item(record.value), origin)
            except RecordError as error:
                value = record.value
                text = value.text if isinstance(value, Unreadable) else value
                yield Failure(table, "parse", text, error.message, origin)


def _add_request(
    value: Any, source: str, tables: dict[str, TableOptions], keys: list[Key | Failure]
) -> None:
    requests = value.get("RequestItems", value) if isinstance(value, dict) else None
    if not isinstance(requests, dict) or not requests:
        raise FileError(f"{source} is JSON, but no read request", _SHAPE)
    for table, request in requests.items():
        if isinstance(request, list):
            raise FileError(
                f"{source} is a write request", f"Write it with: pannier write {source}"
            )
        if not isinstance(request, dict) or not isinstance(request.get("Keys"), list):
            raise FileError(
                f"{source}: {table} has no list of Keys",
                f"{_SHAPE}; for a file of keys, add --table NAME.",
            )
        unknown = set(request) - _KNOWN
        if unknown:
            raise FileError(f"{source}: {table} has an unknown member {min(unknown)}", _SHAPE)
        tables[table] = TableOptions(_projection(request), request.get("ConsistentRead") is True)
        for position, key in enumerate(request["Keys"], start=1):
            origin = Origin(source, position, "key")
            if isinstance(key, dict):
                keys.append(Key(table, key, origin))
            else:
                keys.append(Failure(table, "parse", key, "a key must be an object", origin))


def _projection(request: dict[str, Any]) -> Projection:
    expression = request.get("ProjectionExpression")
    if expression is None and request.get("AttributesToGet"):
        names = {f"#a{n}": name for n, name in enumerate(request["AttributesToGet"])}
        return Projection(", ".join(names), names)
    return Projection(expression, request.get("ExpressionAttributeNames"))
