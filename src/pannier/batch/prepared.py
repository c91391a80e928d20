"""Operations and keys that have passed the checks that need no service, encoded for sending.

Classes of a compiled module, as in `operation`: there is one for every item that passes through.
"""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import orjson

from pannier.batch.operation import NOWHERE, Kind, Operation, Origin
from pannier.errors import SerializationException, ValidationException
from pannier.limits import ITEM_BYTES_MAX, WRITE_UNIT_BYTES
from pannier.model import messages
from pannier.model.attribute_value import Item, check_item
from pannier.model.key_bytes import END
from pannier.model.key_schema import KeyBytes, KeySchema
from pannier.model.plain import to_value
from pannier.native import mypyc_attr

_PUT: Final = Kind.PUT  # found at once where this is compiled
_KEY_TEXT_MAX: Final = 256  # characters; 1,024 bytes of UTF-8 at most, which every key may have

Lane: TypeAlias = tuple[str, bytes]
"""A table's name and a key's bytes: the identity of a key over all tables. Operations in one lane
never overtake each other."""

_PUT_REQUEST: Final = b'{"PutRequest":{"Item":'
_DELETE_REQUEST: Final = b'{"DeleteRequest":{"Key":'
_NEXT_PUT: Final = b"}}," + _PUT_REQUEST
_NEXT_DELETE: Final = b"}}," + _DELETE_REQUEST
_REQUEST_END: Final = b"}}"
_PUT_FRAME_BYTES: Final = 24
_DELETE_FRAME_BYTES: Final = 26


@mypyc_attr(acyclic=True)
class Prepared:
    """What has passed the checks that need no service, and is encoded for sending.

    Attributes:
        table: the table's name.
        key: the key's bytes, partition and sort in a row.
        payload_bytes: how many bytes of JSON it takes in a request.
        units: what it is estimated to cost.
    """

    def __init__(self, table: str, key: bytes, payload_bytes: int, units: float) -> None:
        self.table = table
        self.key = key
        self.payload_bytes = payload_bytes
        self.units = units

    @property
    def lane(self) -> Lane:
        """The identity of its key over all tables."""
        return (self.table, self.key)


@mypyc_attr(acyclic=True)
class PreparedWrite(Prepared):
    """An operation to send.

    Its units are what it costs if it overwrites nothing larger, or deletes 1 KB.

    Attributes:
        operation: what was prepared.
        partition_bytes: how many bytes of the key are the partition's.
        is_put: whether it is a put.
        encoded: the item or key, as canonical JSON.
        size_bytes: of the item, as DynamoDB counts; 0 for a delete.
        number: its place in the whole input, as the journal counts; 0 where there is no journal.
    """

    def __init__(
        self,
        operation: Operation,
        key: bytes,
        partition_bytes: int,
        encoded: bytes,
        size_bytes: int,
        number: int,
    ) -> None:
        is_put = operation.kind is _PUT
        units = 1.0
        if size_bytes > WRITE_UNIT_BYTES:
            units = float(-(-size_bytes // WRITE_UNIT_BYTES))
        frame_bytes = _PUT_FRAME_BYTES if is_put else _DELETE_FRAME_BYTES
        super().__init__(operation.table, key, len(encoded) + frame_bytes, units)
        self.operation = operation
        self.partition_bytes = partition_bytes
        self.is_put = is_put
        self.encoded = encoded
        self.size_bytes = size_bytes
        self.number = number

    @property
    def key_bytes(self) -> KeyBytes:
        """The key in its two parts."""
        return self.key[: self.partition_bytes], self.key[self.partition_bytes :]

    @property
    def payload(self) -> bytes:
        """The `WriteRequest` as JSON."""
        return (_PUT_REQUEST if self.is_put else _DELETE_REQUEST) + self.encoded + _REQUEST_END


def encode_writes(writes: Sequence[PreparedWrite]) -> bytes:
    """The `RequestItems` of a BatchWriteItem call as JSON."""
    by_table: dict[str, list[bytes]] = {}
    for write in writes:
        parts = by_table.get(write.table)
        if parts is None:
            begin = b"," if by_table else b"{"
            parts = [begin, orjson.dumps(write.table), b":[", _DELETE_REQUEST]
            if write.is_put:
                parts[-1] = _PUT_REQUEST
            by_table[write.table] = parts
        elif write.is_put:
            parts.append(_NEXT_PUT)
        else:
            parts.append(_NEXT_DELETE)
        parts.append(write.encoded)
    every: list[bytes] = []
    for parts in by_table.values():
        every += parts
        every.append(b"}}]")
    every.append(b"}")
    return b"".join(every)


def encoded_bytes(writes: Sequence[PreparedWrite]) -> int:
    """How many bytes `encode_writes` would give."""
    names = {write.table for write in writes}
    frames = sum([len(orjson.dumps(name)) + len(b":[]") for name in names])
    # A comma between two writes, or between two tables.
    return len(b"{}") + frames + sum([each.payload_bytes for each in writes]) + len(writes) - 1


class Preparing:
    """Checks operations on one table as the service will, and encodes them.

    Args:
        schema: the table's key schema.
    """

    def __init__(self, schema: KeySchema) -> None:
        self.schema = schema
        names = schema.names
        self._partition = names[0]
        self._sort = names[1] if len(names) > 1 else ""
        # One partition key and at most one sort key, both texts, are found in plain values at once.
        self._is_simple = len(schema.partition) == 1 and all(
            attribute.kind == "S" for attribute in schema.attributes
        )

    def write(self, operation: Operation, number: int) -> PreparedWrite:
        """Prepare an operation; see `prepare_write`."""
        values = operation.plain_values
        if values is not None:
            operation.plain_values = None  # nobody needs them any more
            return self._encoded_put(operation, values, number)
        attributes = operation.attributes
        if not operation.is_own:  # the checks make numbers canonical in place
            attributes = orjson.loads(_encoded(attributes))
        size_bytes = 0
        if operation.kind is _PUT:
            size_bytes = check_item(attributes)
            if size_bytes > ITEM_BYTES_MAX:
                raise ValidationException(messages.ITEM_SIZE)
            partition, sort = self.schema.item_key(attributes)
        else:
            partition, sort = self.schema.exact_key(attributes)
        encoded = _encoded(attributes)
        if operation.is_own:
            operation.forget(encoded)
        return PreparedWrite(
            operation, partition + sort, len(partition), encoded, size_bytes, number
        )

    def _encoded_put(
        self, operation: Operation, values: dict[Any, Any], number: int
    ) -> PreparedWrite:
        size_bytes = operation.size_bytes
        if size_bytes > ITEM_BYTES_MAX:
            raise ValidationException(messages.ITEM_SIZE)
        encoded = operation.encoded
        partition, sort = self._simple_key(values.get(self._partition), values.get(self._sort))
        if not partition:
            part = {name: to_value(values[name]) for name in self.schema.names if name in values}
            partition, sort = self.schema.item_key(part)
        return PreparedWrite(
            operation, partition + sort, len(partition), encoded, size_bytes, number
        )

    def _simple_key(self, partition: object, sort: object) -> tuple[bytes, bytes]:
        """The key of two texts; empty if there is anything special about it."""
        if not self._is_simple:
            return b"", b""
        first = _key_of_text(partition)
        if not first or not self._sort:
            return first, b""
        second = _key_of_text(sort)
        return (first, second) if second else (b"", b"")


def _key_of_text(value: object) -> bytes:
    """The bytes of a text as a key; none if there is anything special about it."""
    if not isinstance(value, str) or not value or len(value) > _KEY_TEXT_MAX or "\0" in value:
        return b""
    return value.encode() + END


def prepare_write(operation: Operation, schema: KeySchema, number: int = 0) -> PreparedWrite:
    """Check an operation as the service will, and encode it.

    Args:
        operation: its attributes are not changed, unless they are its own.
        schema: the table's key schema.
        number: its place in the whole input.

    Raises:
        ServiceError: the error the service would answer.
    """
    return Preparing(schema).write(operation, number)


def lane_of_request(table: str, request: dict[str, dict[str, Item]], schema: KeySchema) -> Lane:
    """The lane of a `WriteRequest` that the service gave back."""
    if "PutRequest" in request:
        partition, sort = schema.item_key(request["PutRequest"]["Item"])
    else:
        partition, sort = schema.exact_key(request["DeleteRequest"]["Key"])
    return (table, partition + sort)


@mypyc_attr(acyclic=True)
class PreparedKey(Prepared):
    """A key to read. Nothing is known of an item before it is read, so it is taken for a small one.

    Attributes:
        attributes: the key in the API's JSON form.
        payload: the same as JSON.
        origin: its place in the source.
    """

    def __init__(
        self, table: str, key: bytes, attributes: Item, payload: bytes, origin: Origin
    ) -> None:
        super().__init__(table, key, len(payload), 1.0)
        self.attributes = attributes
        self.payload = payload
        self.origin = origin


def prepare_key(table: str, key: Item, schema: KeySchema, origin: Origin = NOWHERE) -> PreparedKey:
    """Check a key as the service will, and encode it.

    Raises:
        ServiceError: the error the service would answer.
    """
    payload = _encoded(key)
    partition, sort = schema.exact_key(orjson.loads(payload))
    return PreparedKey(table, partition + sort, key, payload, origin)


def _encoded(value: object) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError as error:  # bytes, half of a surrogate pair, an integer of 65 bits ...
        raise SerializationException(f"It can't be written as JSON: {error}") from None
