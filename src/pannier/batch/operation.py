"""Operations: what the source asks for, and the form in which it is sent.

There is one of each for every item that passes through, so they are small classes of a compiled
module, and not frozen: nobody changes them all the same.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import orjson

from pannier.batch.encoding import encode_plain
from pannier.model.attribute_value import Item
from pannier.model.plain import to_item
from pannier.native import mypyc_attr


class Kind(StrEnum):
    """What an operation does to its key."""

    PUT = "put"
    DELETE = "delete"


_PUT: Final = Kind.PUT
_DELETE: Final = Kind.DELETE


@mypyc_attr(acyclic=True)
class Origin:
    """An operation's place in its source.

    Attributes:
        source: the file's name, or what else it is.
        position: counted from 1, in `unit`s: lines, requests of a document, items of a list.
        unit: what is counted.
        line: the line on which the document begins, if the source may hold several.
        number: its place in the whole input, if that is counted; else 0.
    """

    def __init__(
        self,
        source: str,
        position: int,
        unit: str = "item",
        line: int | None = None,
        number: int = 0,
    ) -> None:
        self.source = source
        self.position = position
        self.unit = unit
        self.line = line
        self.number = number

    def _members(self) -> tuple[str, int, str, int | None, int]:
        return self.source, self.position, self.unit, self.line, self.number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Origin) and self._members() == other._members()

    def __hash__(self) -> int:
        return hash(self._members())

    def __reduce__(self) -> tuple[Any, ...]:
        return Origin, self._members()

    def __repr__(self) -> str:
        return f"Origin{self._members()!r}"

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        return f"{self.source}{line}, {self.unit} {self.position}"


NOWHERE: Final = Origin("", 0)


@mypyc_attr(acyclic=True)
class Operation:
    """One put or delete.

    Args:
        attributes: the item to put, or the key to delete, in the API's JSON form.

    Attributes:
        table: the table's name.
        kind: put or delete.
        origin: its place in the source.
        is_own: whether nobody else holds the attributes, so that their numbers may be made
            canonical in place instead of in a copy.
        plain_values: of an item that is encoded already; else None.
        encoded: the item's canonical JSON; empty if it is not encoded yet.
        size_bytes: of an encoded item, as DynamoDB counts.
    """

    def __init__(
        self,
        table: str,
        kind: Kind,
        attributes: Item | None,
        origin: Origin = NOWHERE,
        is_own: bool = False,
    ) -> None:
        self.table = table
        self.kind = kind
        self.origin = origin
        self.is_own = is_own
        self.plain_values: dict[Any, Any] | None = None
        self.encoded = b""
        self.size_bytes = 0
        self._attributes = attributes

    @classmethod
    def put(cls, table: str, item: Item, origin: Origin = NOWHERE) -> "Operation":
        """A put of a whole item."""
        return Operation(table, _PUT, item, origin)

    @classmethod
    def delete(cls, table: str, key: Item, origin: Origin = NOWHERE) -> "Operation":
        """A delete by key."""
        return Operation(table, _DELETE, key, origin)

    @property
    def attributes(self) -> Item:
        """The item to put, or the key to delete, in the API's JSON form."""
        attributes = self._attributes
        if attributes is None:
            attributes = orjson.loads(self.encoded)
            self._attributes = attributes
        return attributes

    def forget(self, encoded: bytes) -> None:
        """Keep the attributes as their JSON only, which takes less memory, and no time of `gc`."""
        self.encoded = encoded
        self._attributes = None

    def to(self, table: str) -> "Operation":
        """The same on another table."""
        made = Operation(table, self.kind, self._attributes, self.origin, self.is_own)
        made.plain_values, made.encoded, made.size_bytes = (
            self.plain_values,
            self.encoded,
            self.size_bytes,
        )
        return made

    def to_request(self) -> dict[str, dict[str, Item]]:
        """The `WriteRequest` of the API."""
        if self.kind is _PUT:
            return {"PutRequest": {"Item": self.attributes}}
        return {"DeleteRequest": {"Key": self.attributes}}

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Operation)
            and self.table == other.table
            and self.kind is other.kind
            and self.attributes == other.attributes
            and self.origin == other.origin
        )

    def __hash__(self) -> int:
        return hash((self.table, self.origin))

    def __reduce__(self) -> tuple[Any, ...]:
        return Operation, (self.table, self.kind, self.attributes, self.origin, self.is_own)

    def __repr__(self) -> str:
        return f"Operation({self.table!r}, {self.kind!r}, {self.attributes!r}, {self.origin!r})"


def plain_put(table: str, values: Mapping[Any, Any], origin: Origin) -> Operation:
    """The put of an item of plain Python values.

    Args:
        table: the table's name.
        values: must not be changed before the operation is prepared.
        origin: its place in the source.

    Raises:
        ConversionError: names the attribute and what to do about it.
    """
    encoded, size_bytes = encode_plain(values)
    if not encoded:
        return Operation(table, _PUT, to_item(values), origin, True)
    made = Operation(table, _PUT, None, origin, True)
    if isinstance(values, dict):
        made.plain_values = values
    made.encoded = encoded
    made.size_bytes = size_bytes
    return made
