"""Operations: what the source asks for, and the form in which it is sent.

There is one of each for every item that passes through, so they are not frozen: that would make
them four times as slow to make. Nobody changes them all the same.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, Self

import orjson

from pannier.errors import SerializationException, ValidationException
from pannier.limits import ITEM_BYTES_MAX, WRITE_UNIT_BYTES
from pannier.model import messages
from pannier.model.attribute_value import Item, check_item
from pannier.model.key_schema import KeySchema


class Kind(StrEnum):
    """What an operation does to its key."""

    PUT = "put"
    DELETE = "delete"


@dataclass(slots=True, unsafe_hash=True)
class Origin:
    """An operation's place in its source.

    Attributes:
        source: the file's name, or what else it is.
        position: counted from 1, in `unit`s: lines, requests of a document, items of a list.
        unit: what is counted.
        line: the line on which the document begins, if the source may hold several.
    """

    source: str
    position: int
    unit: str = "item"
    line: int | None = None

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        return f"{self.source}{line}, {self.unit} {self.position}"


NOWHERE: Final = Origin("", 0)


@dataclass(slots=True)
class Operation:
    """One put or delete.

    Attributes:
        table: the table's name.
        kind: put or delete.
        attributes: the item to put, or the key to delete, in the API's JSON form.
        origin: its place in the source.
        is_own: whether nobody else holds the attributes, so that their numbers may be made
            canonical in place instead of in a copy.
    """

    table: str
    kind: Kind
    attributes: Item
    origin: Origin = NOWHERE
    is_own: bool = field(default=False, compare=False)

    @classmethod
    def put(cls, table: str, item: Item, origin: Origin = NOWHERE) -> Self:
        """A put of a whole item."""
        return cls(table, Kind.PUT, item, origin)

    @classmethod
    def delete(cls, table: str, key: Item, origin: Origin = NOWHERE) -> Self:
        """A delete by key."""
        return cls(table, Kind.DELETE, key, origin)

    def to_request(self) -> dict[str, dict[str, Item]]:
        """The `WriteRequest` of the API."""
        if self.kind is Kind.PUT:
            return {"PutRequest": {"Item": self.attributes}}
        return {"DeleteRequest": {"Key": self.attributes}}


class Lane(NamedTuple):
    """The identity of a key over all tables: operations in one lane never overtake each other."""

    table: str
    key: bytes


@dataclass(slots=True)
class PreparedWrite:
    """An operation that has passed the checks that need no service, encoded for sending.

    `number` is its place in the whole input, as the journal counts; 0 where there is no journal.
    `units` are the write units that it costs if it overwrites nothing larger, or deletes 1 KB.
    """

    operation: Operation
    lane: Lane
    payload: bytes
    number: int = 0
    units: float = 1.0

    @property
    def table(self) -> str:
        """The table's name."""
        return self.lane.table


def prepare_write(operation: Operation, schema: KeySchema, number: int = 0) -> PreparedWrite:
    """Check an operation as the service will, and encode it.

    Args:
        operation: its attributes are not changed, unless they are its own.
        schema: the table's key schema.
        number: its place in the whole input.

    Raises:
        ServiceError: the error the service would answer.
    """
    attributes = operation.attributes
    encoded = b""
    if not operation.is_own:  # the checks make numbers canonical in place
        encoded = _encoded(attributes)
        attributes = orjson.loads(encoded)
    if operation.kind is Kind.PUT:
        size_bytes = check_item(attributes)
        if size_bytes > ITEM_BYTES_MAX:
            raise ValidationException(messages.ITEM_SIZE)
        key = schema.item_key(attributes)
        units = -(-size_bytes // WRITE_UNIT_BYTES)
        payload = b'{"PutRequest":{"Item":' + (encoded or _encoded(attributes)) + b"}}"
    else:
        key = schema.exact_key(attributes)
        units = 1
        payload = b'{"DeleteRequest":{"Key":' + (encoded or _encoded(attributes)) + b"}}"
    return PreparedWrite(operation, Lane(operation.table, b"".join(key)), payload, number, units)


def lane_of_request(table: str, request: dict[str, dict[str, Item]], schema: KeySchema) -> Lane:
    """The lane of a `WriteRequest` that the service gave back."""
    if "PutRequest" in request:
        key = schema.item_key(request["PutRequest"]["Item"])
    else:
        key = schema.exact_key(request["DeleteRequest"]["Key"])
    return Lane(table, b"".join(key))


@dataclass(frozen=True, slots=True)
class PreparedKey:
    """A key to read, encoded for sending."""

    table: str
    key: Item
    lane: Lane
    payload: bytes
    origin: Origin
    units: float = 1.0  # nothing is known of an item before it is read


def prepare_key(table: str, key: Item, schema: KeySchema, origin: Origin = NOWHERE) -> PreparedKey:
    """Check a key as the service will, and encode it.

    Raises:
        ServiceError: the error the service would answer.
    """
    payload = _encoded(key)
    encoded = schema.exact_key(orjson.loads(payload))
    return PreparedKey(table, key, Lane(table, b"".join(encoded)), payload, origin)


def _encoded(value: object) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError as error:  # bytes, half of a surrogate pair, an integer of 65 bits ...
        raise SerializationException(f"It can't be written as JSON: {error}") from None
