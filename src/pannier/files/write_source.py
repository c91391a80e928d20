"""What `write` reads: request JSON as `aws dynamodb batch-write-item` takes it, or JSON lines.

Request JSON is `{"TABLE": [{"PutRequest": {"Item": ...}}, {"DeleteRequest": {"Key": ...}}]}`, any
number of tables, requests and documents; also the same inside `{"RequestItems": ...}`. Lines hold
one item each, or one request each; a JSON array holds items too. Items need a table.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any, Final, TypeAlias

from pannier.batch.operation import Kind, Operation, Origin
from pannier.batch.report import Failure
from pannier.files.items import Converter, Form, RecordError
from pannier.files.opening import PIPE, FileError, opened
from pannier.files.records import (
    LINE_ENDINGS,
    Record,
    Unreadable,
    documents,
    is_record,
    lines,
)

Source: TypeAlias = Iterator[Operation | Failure]

_MEMBERS: Final = {"PutRequest": ("Item", Kind.PUT), "DeleteRequest": ("Key", Kind.DELETE)}


def read_writes(name: str, table: str | None = None, form: Form = "auto") -> Source:
    """The operations in a file, in order.

    Args:
        name: a path, or `-` for a pipe.
        table: where items go that do not name their table themselves.
        form: of items: plain JSON, DynamoDB JSON, or what the first one looks like.

    Yields:
        Operations, and a `Failure` for each record that is none.

    Raises:
        FileError: there is no such file, or it is wrong as a whole.
    """
    shown = "standard input" if name == PIPE else name
    converter = Converter(form)
    with opened(name) as file:
        first_line = file.readline()  # all of it, in however many pieces a pipe delivers it
        if name.endswith(LINE_ENDINGS) or is_record(first_line):
            for record in lines(chain((first_line,), file)):
                yield from _from_record(record, shown, table, converter)
            return
        records = documents(first_line + file.read(), shown)
    for record in records:
        yield from _from_record(record, shown, table, converter)


def operations_of_request(value: Any, source: str) -> Source:
    """The operations in a decoded request.

    Raises:
        FileError: it is no write request.
    """
    if not _is_request(value):
        raise _no_request(value, source)
    return _from_request(value, source, None)


def _is_request(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    tables = value.get("RequestItems", value)
    return (
        isinstance(tables, dict)
        and bool(tables)
        and all(isinstance(requests, list) for requests in tables.values())
    )


def _no_request(value: Any, source: str) -> FileError:
    """What to say of a value that is no write request, where no table is named for it."""
    tables = value.get("RequestItems", value) if isinstance(value, dict) else None
    if (
        isinstance(tables, dict)
        and tables
        and all(isinstance(member, dict) and "Keys" in member for member in tables.values())
    ):
        return FileError(f"{source} is a read request", f"Read it with: pannier get {source}")
    return FileError(
        f"{source} is JSON, but no write request",
        'It should look like {"TABLE": [{"PutRequest": {"Item": {...}}}]}; '
        "if it holds items, say where they go: --table NAME.",
    )


def _from_request(value: dict[str, Any], source: str, line: int | None) -> Source:
    position = 0
    for table, requests in value.get("RequestItems", value).items():
        for request in requests:
            position += 1
            yield _operation(table, request, Origin(source, position, "request", line))


def _operation(table: str, request: Any, origin: Origin) -> Operation | Failure:
    if isinstance(request, dict) and len(request) == 1:
        ((member, content),) = request.items()
        if member in _MEMBERS and isinstance(content, dict) and len(content) == 1:
            inner, kind = _MEMBERS[member]
            if isinstance(content.get(inner), dict):
                return Operation(table, kind, content[inner], origin)
    reason = 'a request must be {"PutRequest": {"Item": ...}} or {"DeleteRequest": {"Key": ...}}'
    return Failure(table, "parse", request, reason, origin)


def _from_record(record: Record, source: str, table: str | None, converter: Converter) -> Source:
    value, line = record.value, record.line
    if isinstance(value, list):
        for position, element in enumerate(value, start=1):
            origin = Origin(source, position, "item", line)
            yield _from_value(element, table, converter, origin)
    elif _is_request(value) and not (table and _is_plain(value)):
        yield from _from_request(value, source, line)
    else:
        yield _from_value(value, table, converter, Origin(source, line, "line"))


def _is_plain(value: dict[str, Any]) -> bool:
    """Whether lists in an object are plain lists rather than write requests."""
    requests = [request for requests in value.values() for request in requests]
    return "RequestItems" not in value and not (
        requests
        and all(isinstance(request, dict) and set(request) <= set(_MEMBERS) for request in requests)
    )


def _from_value(
    value: Any, table: str | None, converter: Converter, origin: Origin
) -> Operation | Failure:
    if table is None and not isinstance(value, Unreadable):
        raise _no_request(value, origin.source)
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _MEMBERS:
        return _operation(table or "", value, origin)
    try:
        item = converter.item(value)
    except RecordError as error:
        shown = value.text if isinstance(value, Unreadable) else value
        return Failure(table or "", "parse", shown, error.message, origin)
    return Operation(table or "", Kind.PUT, item, origin)
