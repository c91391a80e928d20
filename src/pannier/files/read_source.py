"""What `get` reads: request JSON as `aws dynamodb batch-get-item` takes it, or keys, one a line.

Request JSON is `{"TABLE": {"Keys": [...], "ProjectionExpression": ..., "ConsistentRead": ...}}`,
any number of tables and keys, also inside `{"RequestItems": ...}`. Keys on lines, plain or DynamoDB
JSON, need a table.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final, TypeAlias

from pannier.batch.operation import Origin
from pannier.batch.projection import Projection
from pannier.batch.read import Key, TableOptions
from pannier.batch.report import Failure
from pannier.files.items import Converter, Form, RecordError
from pannier.files.opening import PIPE, FileError, opened
from pannier.files.records import LINE_ENDINGS, Unreadable, documents, is_record, lines

Keys: TypeAlias = Iterator[Key | Failure]

_SHAPE: Final = 'It should look like {"TABLE": {"Keys": [{"PK": {"S": "..."}}]}}'


# What may stand beside the keys: a check, and what it asks for.
_OPTIONS: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "ProjectionExpression": (lambda value: isinstance(value, str), "a text"),
    "ExpressionAttributeNames": (
        lambda value: isinstance(value, dict) and _are_texts(value.values()),
        "an object of names",
    ),
    "ConsistentRead": (lambda value: isinstance(value, bool), "true or false"),
    "AttributesToGet": (
        lambda value: isinstance(value, list) and _are_texts(value),
        "a list of names",
    ),
}


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
        return ReadSource(_of_table(name, shown, table, Converter(form)))
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


def _of_table(name: str, shown: str, table: str, converter: Converter) -> Keys:
    """Keys of one table: one on each line, or in documents, lists of them included."""
    with opened(name) as file:
        first_line = file.readline()
        if name.endswith(LINE_ENDINGS) or is_record(first_line):
            for record in lines(chain((first_line,), file)):
                yield _key(record.value, table, converter, Origin(shown, record.line, "line"))
            return
        records = documents(first_line + file.read(), shown)
    for record in records:
        values = record.value if isinstance(record.value, list) else [record.value]
        for position, value in enumerate(values, start=1):
            yield _key(value, table, converter, Origin(shown, position, "key", record.line))


def _key(value: Any, table: str, converter: Converter, origin: Origin) -> Key | Failure:
    try:
        return Key(table, converter.item(value), origin)
    except RecordError as error:
        text = value.text if isinstance(value, Unreadable) else value
        return Failure(table, "parse", text, error.message, origin)


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
        unknown = set(request) - _OPTIONS.keys() - {"Keys"}
        if unknown:
            raise FileError(f"{source}: {table} has an unknown member {min(unknown)}", _SHAPE)
        options = _options(request, f"{source}: {table}")
        if tables.setdefault(table, options) != options:
            raise FileError(
                f"{source} asks for {table} in two different ways",
                "Put the requests into two files: a projection is for all keys of a table.",
            )
        for position, key in enumerate(request["Keys"], start=1):
            origin = Origin(source, position, "key")
            if isinstance(key, dict):
                keys.append(Key(table, key, origin))
            else:
                keys.append(Failure(table, "parse", key, "a key must be an object", origin))


def _options(request: dict[str, Any], place: str) -> TableOptions:
    for member, (fits, shape) in _OPTIONS.items():
        value = request.get(member)
        if value is not None and not fits(value):
            raise FileError(f"{place}: {member} must be {shape}")
    return TableOptions(_projection(request, place), request.get("ConsistentRead") is True)


def _are_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _projection(request: dict[str, Any], place: str) -> Projection:
    expression = request.get("ProjectionExpression")
    attributes = request.get("AttributesToGet")
    if not attributes:
        return Projection(expression, request.get("ExpressionAttributeNames"))
    if expression is not None:
        raise FileError(f"{place} has both a ProjectionExpression and AttributesToGet")
    names = {f"#a{n}": name for n, name in enumerate(attributes)}
    return Projection(", ".join(names), names)
