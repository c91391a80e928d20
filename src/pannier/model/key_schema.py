"""Key schemas, compiled once a table or index.

A schema finds an item's key values, checks them as AWS does, and turns them into sortable bytes.
Index schemas are sparse: an item without one of their attributes has no entry.

Rules (captured texts in `messages`; sizes from the service model): a key of a get or a delete has
exactly the schema's attributes; values are S, N or B of the declared type, never empty; partition
key at most 2048 bytes, sort key at most 1024.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from pannier.errors import ValidationException
from pannier.limits import PARTITION_KEY_BYTES_MAX, SORT_KEY_BYTES_MAX
from pannier.model import messages
from pannier.model.attribute_value import Item, check_item, type_of
from pannier.model.key_bytes import END, encode, raw_bytes


class KeyAttribute(NamedTuple):
    """One attribute of a key: its name and its type, `S`, `N` or `B`."""

    name: str
    kind: str


KeyBytes: TypeAlias = tuple[bytes, bytes]
"""A key as sortable bytes: partition, sort. The second is empty where there is no sort key."""


class KeySchema:
    """The key of a table or an index."""

    __slots__ = (
        "_partition_name",
        "_simple",
        "_sort_name",
        "attributes",
        "has_numbers",
        "names",
        "partition",
        "sort",
    )

    def __init__(self, partition: Sequence[KeyAttribute], sort: Sequence[KeyAttribute]) -> None:
        self.partition = tuple(partition)
        self.sort = tuple(sort)
        self.attributes = self.partition + self.sort
        self.names = tuple(attribute.name for attribute in self.attributes)
        self.has_numbers = any(attribute.kind == "N" for attribute in self.attributes)
        # One S partition key with no or one S sort key takes a shorter way through `item_key`.
        self._partition_name = self.partition[0].name
        self._sort_name = self.sort[0].name if self.sort else ""
        self._simple = (
            len(self.partition) == 1
            and len(self.sort) <= 1
            and all(attribute.kind == "S" for attribute in self.attributes)
        )

    @classmethod
    def from_api(
        cls, key_schema: Sequence[Mapping[str, str]], definitions: Sequence[Mapping[str, str]]
    ) -> "KeySchema":
        """Compile a schema from `KeySchema` and `AttributeDefinitions` of the API."""
        kinds = {each["AttributeName"]: each["AttributeType"] for each in definitions}
        by_role: dict[str, list[KeyAttribute]] = {"HASH": [], "RANGE": []}
        for element in key_schema:
            name = element["AttributeName"]
            by_role[element["KeyType"]].append(KeyAttribute(name, kinds[name]))
        return cls(by_role["HASH"], by_role["RANGE"])

    def item_key(self, item: dict[str, Any]) -> KeyBytes:
        """The key of an item that is to be put.

        Raises:
            ValidationException: a key attribute is missing, of another type, empty or too long.
        """
        if self._simple:
            key = self._simple_key(item)
            if key is not None:
                return key
        return self._checked_key(item)

    def exact_key(self, key: dict[str, Any]) -> KeyBytes:
        """The key of a get or delete, which has the schema's attributes and no other.

        The values need not have been checked before.

        Raises:
            ValidationException: the attributes do not match, or a value is empty or too long.
            SerializationException: a value of the wrong JSON type.
        """
        if self._simple and len(key) == len(self.attributes):
            simple = self._simple_key(key)
            if simple is not None:
                return simple
        check_item(key)
        if len(key) != len(self.attributes):
            raise ValidationException(messages.KEY_MISMATCH)
        for name, kind in self.attributes:
            if name not in key or type_of(key[name]) != kind:
                raise ValidationException(messages.KEY_MISMATCH)
        return self._checked_key(key)

    def index_key(self, item: Item, index_name: str) -> KeyBytes | None:
        """The key of an item's entry in an index, or None where it has none.

        Raises:
            ValidationException: an index attribute of another type, empty or too long.
        """
        for name, kind in self.attributes:
            value = item.get(name)
            if value is None:
                continue
            actual = type_of(value)
            if actual != kind:
                raise ValidationException(messages.index_key_type(name, kind, actual, index_name))
            if not value[kind]:
                raise ValidationException(messages.index_key_empty(name, kind, index_name))
        for name in self.names:
            if name not in item:
                return None
        return self._encoded(item)

    def _simple_key(self, item: dict[str, Any]) -> KeyBytes | None:
        """The key where nothing about it is special; None sends the caller the long way."""
        partition = _simple_bytes(item.get(self._partition_name), PARTITION_KEY_BYTES_MAX)
        if partition is None:
            return None
        if not self._sort_name:
            return partition, b""
        sort = _simple_bytes(item.get(self._sort_name), SORT_KEY_BYTES_MAX)
        return None if sort is None else (partition, sort)

    def _checked_key(self, item: dict[str, Any]) -> KeyBytes:
        for name, kind in self.attributes:
            value = item.get(name)
            if value is None:
                raise ValidationException(messages.key_missing(name))
            actual = type_of(value)
            if actual != kind:
                raise ValidationException(messages.key_type(name, kind, actual))
            if not value[kind]:
                raise ValidationException(messages.key_empty(name, kind))
        return self._encoded(item)

    def _encoded(self, item: Item) -> KeyBytes:
        if _size(self.partition, item) > PARTITION_KEY_BYTES_MAX:
            raise ValidationException(messages.PARTITION_KEY_SIZE)
        if _size(self.sort, item) > SORT_KEY_BYTES_MAX:
            raise ValidationException(messages.SORT_KEY_SIZE)
        return (
            b"".join(encode(kind, item[name][kind]) for name, kind in self.partition),
            b"".join(encode(kind, item[name][kind]) for name, kind in self.sort),
        )

    def key_of(self, item: Item) -> dict[str, Any]:
        """The part of an item that is its key."""
        return {name: item[name] for name in self.names if name in item}


def _simple_bytes(value: object, bytes_max: int) -> bytes | None:
    """The sortable bytes of a text, unless there is something special about it."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    text = value.get("S")
    if not isinstance(text, str):
        return None
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return None
    if not data or len(data) > bytes_max or b"\0" in data:
        return None
    return data + END


def _size(attributes: Sequence[KeyAttribute], item: Item) -> int:
    return sum(len(raw_bytes(kind, item[name][kind])) for name, kind in attributes if kind != "N")
