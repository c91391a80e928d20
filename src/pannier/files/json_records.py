"""What one JSON value asks for: the put of an item, or the put or delete that it spells out.

| a value | becomes |
|---|---|
| an item, plain or DynamoDB JSON; also inside `{"Item": ...}` | a put into the table named |
| `{"PutRequest": {"Item": ...}}`, `{"DeleteRequest": {"Key": ...}}` | that |
| `{"Keys": ..., "NewImage": ...}` of an incremental export | a put; without `NewImage` a delete |

The last is the Developer Guide's "DynamoDB table export output format": a record says what an item
is at the end of the export's time; `OldImage` is what it was before, which nobody needs to write.
"""

from typing import Any, Final

from pannier.batch.operation import Kind, Operation, Origin
from pannier.batch.report import Failure
from pannier.files.json_items import Converter, NoItemError, is_dynamodb, is_item
from pannier.files.json_lists import BadValue
from pannier.files.json_text import decode
from pannier.files.opening import FileError
from pannier.files.source import Form, Source, unread

_REQUESTS: Final = {"PutRequest": ("Item", Kind.PUT), "DeleteRequest": ("Key", Kind.DELETE)}
_CHANGE: Final = frozenset({"Metadata", "Keys", "NewImage", "OldImage"})
# What stands beside the item in an answer of GetItem.
_AROUND_ITEM: Final = frozenset({"Item", "ConsumedCapacity", "ResponseMetadata"})
# What stands beside the items in answers of the API and of `aws`.
PAGE: Final = frozenset(
    {"Items", "Count", "ScannedCount", "LastEvaluatedKey", "ConsumedCapacity", "ResponseMetadata"}
    | {"NextToken", "Responses", "UnprocessedKeys"}
)
NO_TABLE: Final = "it names no table; say where items go: --table NAME"
REQUEST_SHAPE: Final = (
    'a request must be {"PutRequest": {"Item": ...}} or {"DeleteRequest": {"Key": ...}}'
)


class Records:
    """Turns the JSON values of one file into operations.

    Args:
        source: the file, as it is called in messages.
        table: where items go; None if nobody said.
        form: of items.
    """

    __slots__ = ("_converter", "_table", "source")

    def __init__(self, source: str, table: str | None, form: Form) -> None:
        self.source = source
        self._table = table
        self._converter = Converter(form)

    @property
    def form(self) -> Form:
        """The form of items, as far as it is known."""
        return self._converter.form

    @property
    def decided(self) -> bool:
        """Whether the form of items is known, so that the next may be passed by unseen."""
        return self._converter.form != "auto"

    def of_line(self, line: bytes, position: int, unit: str) -> Operation | Failure | None:
        """What a line asks for, if it is one object that asks for one thing; else None.

        Args:
            line: JSON, or what else stands there.
            position: its place.
            unit: what the place counts.
        """
        try:
            value = decode(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, dict) or may_be_many(value):
            return None
        return self.of_value(value, Origin(self.source, position, unit), None, line)

    def of_value(
        self,
        value: Any,
        origin: Origin,
        table: str | None = None,
        text: bytes = b"",
        position: int = 0,
    ) -> Operation | Failure:
        """What a value asks for.

        Args:
            value: decoded, or a `BadValue`.
            origin: its place.
            table: the table that the file names for it.
            text: what it was decoded from, if that is at hand; see `Converter.item`.
            position: which of several values in that text it is.
        """
        table = table or self._table
        if isinstance(value, dict):
            if len(value) == 1 and next(iter(value)) in _REQUESTS and not is_item(value):
                return self.of_request(value, origin, table)
            if "Keys" in value and is_change(value):
                return self._of_change(value, origin, table)
            if len(value) > 1 and "Item" in value and self._is_answer(value):
                value = {"Item": value["Item"]}
        elif isinstance(value, BadValue):
            place = Origin(origin.source, origin.position, origin.unit, value.line)
            return unread(table, value.text, value.reason, place)
        try:
            if table is not None:
                return self._converter.put(table, value, origin, text, position)
            self._converter.item(value, text, position)
        except NoItemError as error:
            return unread(table, value, error.message, origin)
        return unread(None, value, NO_TABLE, origin)

    @staticmethod
    def _is_answer(value: dict[str, Any]) -> bool:
        return value.keys() <= _AROUND_ITEM and is_dynamodb(value["Item"])

    def of_request(self, request: Any, origin: Origin, table: str | None) -> Operation | Failure:
        """What one request of a `BatchWriteItem` asks for."""
        if isinstance(request, BadValue):
            return self.of_value(request, origin, table)
        if isinstance(request, dict) and len(request) == 1:
            ((member, content),) = request.items()
            if member in _REQUESTS and isinstance(content, dict) and len(content) == 1:
                inner, kind = _REQUESTS[member]
                if isinstance(content.get(inner), dict):
                    if table is None:
                        return unread(None, request, NO_TABLE, origin)
                    return Operation(table, kind, content[inner], origin, is_own=True)
        return unread(table, request, REQUEST_SHAPE, origin)

    def _of_change(self, value: Any, origin: Origin, table: str | None) -> Operation | Failure:
        if table is None:
            return unread(None, value, NO_TABLE, origin)
        if "NewImage" in value:
            return Operation(table, Kind.PUT, value["NewImage"], origin, is_own=True)
        return Operation(table, Kind.DELETE, value["Keys"], origin, is_own=True)


def operations_of_request(value: Any, source: str) -> Source:
    """The operations in a decoded request.

    Raises:
        FileError: it is no write request.
    """
    if not is_request(value):
        raise no_request(value, source)
    return _of_request(value, source)


def _of_request(value: dict[str, Any], source: str) -> Source:
    records = Records(source, None, "dynamodb")
    position = 0
    for table, requests in value.get("RequestItems", value).items():
        for request in requests:
            position += 1
            yield records.of_request(request, Origin(source, position, "request"), table)


def is_request(value: Any) -> bool:
    """Whether a value may be a whole write request: tables, each with a list."""
    if not isinstance(value, dict):
        return False
    tables = value.get("RequestItems", value)
    return (
        isinstance(tables, dict)
        and bool(tables)
        and all(isinstance(requests, list) for requests in tables.values())
    )


def is_plain(value: dict[str, Any]) -> bool:
    """Whether the lists in such a value are plain lists rather than write requests."""
    if "RequestItems" in value:
        return False
    requests = [request for requests in value.values() for request in requests]
    return not requests or not all(
        isinstance(request, dict) and request and request.keys() <= _REQUESTS.keys()
        for request in requests
    )


def is_change(value: dict[str, Any]) -> bool:
    """Whether a value is a record of an incremental export."""
    return (
        value.keys() <= _CHANGE
        and is_dynamodb(value["Keys"])
        and not is_item(value)
        and ("Metadata" in value or "NewImage" in value or "OldImage" in value)
        and ("NewImage" not in value or is_dynamodb(value["NewImage"]))
    )


def may_be_many(value: dict[str, Any]) -> bool:
    """Whether a quick look does not rule out that an object holds many items or requests."""
    for member in value.values():
        if isinstance(member, list):
            return True
        break
    return (
        "RequestItems" in value or "Items" in value or "Responses" in value or "DataModel" in value
    )


def is_many(value: Any, table: str | None) -> bool:
    """Whether an object is no item, but holds some.

    Args:
        value: decoded.
        table: where items go that name no table, if that was said.
    """
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("DataModel"), list):
        return True
    is_page = value.keys() <= PAGE and (
        isinstance(value.get("Items"), list) or isinstance(value.get("Responses"), dict)
    )
    is_write = is_request(value) and not (table is not None and is_plain(value))
    return (is_page or is_write) and not is_item(value)


def no_request(value: Any, source: str) -> FileError:
    """What to say of a file that is no write request, where no table is named for its items."""
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
