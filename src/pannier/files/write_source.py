"""What `write` reads: request JSON as `aws dynamodb batch-write-item` takes it, or JSON lines.

Request JSON is `{"TABLE": [{"PutRequest": {"Item": ...}}, {"DeleteRequest": {"Key": ...}}]}`, any
number of tables, requests and documents; also the same inside `{"RequestItems": ...}`. Lines hold
one item each, or one request each; a JSON array holds items too. Items need a table.
"""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from pannier.batch.operation import Kind, Operation, Origin
from pannier.batch.report import Failure
from pannier.files.items import Converter, Form, RecordError
from pannier.files.opening import PIPE, FileError, opened
from pannier.files.records import Record, Unreadable, decode, documents, lines

Source: TypeAlias = Iterator[Operation | Failure]

_LINE_ENDINGS: Final = (".jsonl", ".ndjson", ".jsonlines")
_NEEDS_TABLE: Final = "Say where items go: --table NAME."
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
        first_line = file.peek().split(b"\n", 1)[0].strip()
        if name.endswith(_LINE_ENDINGS) or _is_record(first_line):
            for record in lines(file):
                yield from _from_record(record, shown, table, converter)
            return
        records = documents(file.read(), shown)
    for record in records:
        if isinstance(record.value, list):
            yield from _from_array(record.value, shown, table, converter)
        elif _is_request(record.value):
            yield from _from_request(record.value, shown)
        elif len(records) == 1:
            _check_is_request(record.value, shown, table)
            yield from _from_record(record, shown, table, converter)
        else:
            yield from _from_record(record, shown, table, converter)


def operations_of_request(value: Any, source: str) -> Source:
    """The operations in a decoded request.

    Raises:
        FileError: it is no write request.
    """
    if not _is_request(value):
        _check_is_request(value, source, None)
    return _from_request(value, source)


def _is_record(line: bytes) -> bool:
    """Whether a first line is a whole object by itself, so that the file is one a line."""
    try:
        return isinstance(decode(line), dict)
    except (ValueError, RecursionError):
        return False


def _is_request(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    tables = value.get("RequestItems", value)
    return (
        isinstance(tables, dict)
        and bool(tables)
        and all(isinstance(requests, list) for requests in tables.values())
    )


def _check_is_request(value: Any, source: str, table: str | None) -> None:
    """Say what a lone document is, if it is neither a request nor an item with a table."""
    if (
        isinstance(value, dict)
        and all(isinstance(member, dict) and "Keys" in member for member in value.values())
        and value
    ):
        raise FileError(f"{source} is a read request", f"Read it with: pannier get {source}")
    if table is None or not isinstance(value, dict):
        raise FileError(
            f"{source} is JSON, but no write request",
            'It should look like {"TABLE": [{"PutRequest": {"Item": {...}}}]}; '
            "for a file of items, add --table NAME.",
        )


def _from_request(value: dict[str, Any], source: str) -> Source:
    position = 0
    for table, requests in value.get("RequestItems", value).items():
        for request in requests:
            position += 1
            yield _operation(table, request, Origin(source, position, "request"))


def _operation(table: str, request: Any, origin: Origin) -> Operation | Failure:
    if isinstance(request, dict) and len(request) == 1:
        ((member, content),) = request.items()
        if member in _MEMBERS and isinstance(content, dict) and len(content) == 1:
            inner, kind = _MEMBERS[member]
            if isinstance(content.get(inner), dict):
                return Operation(table, kind, content[inner], origin)
    reason = 'a request must be {"PutRequest": {"Item": ...}} or {"DeleteRequest": {"Key": ...}}'
    return Failure(table, "parse", request, reason, origin)


def _from_array(values: list[Any], source: str, table: str | None, converter: Converter) -> Source:
    for position, value in enumerate(values, start=1):
        yield _from_value(value, table, converter, Origin(source, position, "item"))


def _from_record(record: Record, source: str, table: str | None, converter: Converter) -> Source:
    value = record.value
    if _is_request(value) and not (table and "RequestItems" not in value and _is_plain(value)):
        yield from _from_request(value, f"{source}, line {record.line}")
        return
    yield _from_value(value, table, converter, Origin(source, record.line, "line"))


def _is_plain(value: dict[str, Any]) -> bool:
    """Whether lists in an object are plain lists rather than write requests."""
    return not all(
        isinstance(request, dict) and set(request) <= set(_MEMBERS)
        for requests in value.values()
        for request in requests
    )


def _from_value(
    value: Any, table: str | None, converter: Converter, origin: Origin
) -> Operation | Failure:
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _MEMBERS:
        return _operation(_required(table, origin), value, origin)
    try:
        item = converter.item(value)
    except RecordError as error:
        shown = value.text if isinstance(value, Unreadable) else value
        return Failure(table or "", "parse", shown, error.message, origin)
    return Operation(_required(table, origin), Kind.PUT, item, origin)


def _required(table: str | None, origin: Origin) -> str:
    if table is None:
        raise FileError(f"{origin.source} holds items that name no table", _NEEDS_TABLE)
    return table
