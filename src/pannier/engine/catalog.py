"""The tables of a database: what they are, kept in the store and compiled in memory.

A table's record in the store is its `TableDescription` as the API shows it, less what changes with
every write, plus the numbers of its spaces. Item counts and sizes are exact: they change in the
same atomic group as the items.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from pannier.engine import messages
from pannier.engine.rows import CATALOG_SPACE, space_prefix
from pannier.errors import ResourceNotFoundException
from pannier.model.attribute_value import Item
from pannier.model.key_schema import KeySchema
from pannier.storage.store import Group, Store

_TABLE_PREFIX: Final = CATALOG_SPACE + b"table/"
_COUNT_PREFIX: Final = CATALOG_SPACE + b"count/"
_NEXT_SPACE_KEY: Final = CATALOG_SPACE + b"next-space"
ARN_PREFIX: Final = "arn:aws:dynamodb:us-east-1:000000000000:table/"


class Space:
    """The rows of one table or index, and how many they are."""

    __slots__ = ("count_key", "item_count", "prefix", "size_bytes")

    def __init__(self, number: int) -> None:
        self.prefix = space_prefix(number)
        self.count_key = _COUNT_PREFIX + self.prefix
        self.item_count = 0
        self.size_bytes = 0

    def load(self, store: Store) -> None:
        """Read the counts from the store."""
        counts = store.get(self.count_key) or b""
        self.item_count = int.from_bytes(counts[:8], "little")
        self.size_bytes = int.from_bytes(counts[8:], "little")

    def save(self, group: Group) -> None:
        """Add the counts to a group."""
        group.put(
            self.count_key,
            self.item_count.to_bytes(8, "little") + self.size_bytes.to_bytes(8, "little"),
        )


class Index:
    """One secondary index of a table, compiled.

    Attributes:
        is_global: global rather than local.
        projected: names that entries carry, or None for all.
    """

    __slots__ = ("is_global", "name", "projected", "schema", "space")

    def __init__(
        self, description: Mapping[str, Any], *, is_global: bool, table: "Table", space: Space
    ) -> None:
        self.name: str = description["IndexName"]
        self.is_global = is_global
        definitions = table.description["AttributeDefinitions"]
        self.schema = KeySchema.from_api(description["KeySchema"], definitions)
        self.space = space
        projection = description["Projection"]
        self.projected: frozenset[str] | None = None
        if projection["ProjectionType"] != "ALL":
            self.projected = frozenset(
                (*self.schema.names, *table.schema.names, *projection.get("NonKeyAttributes", ()))
            )

    def project(self, item: Item) -> Item:
        """The part of an item that its entry carries."""
        if self.projected is None:
            return item
        return {name: value for name, value in item.items() if name in self.projected}


class Table:
    """One table, compiled for the hot path."""

    __slots__ = (
        "description", "indexes", "local_indexes_exist", "name", "record", "schema", "space",
    )  # fmt: skip

    def __init__(self, record: dict[str, Any]) -> None:
        self.record = record
        self.description: dict[str, Any] = record["description"]
        self.name: str = self.description["TableName"]
        self.schema = KeySchema.from_api(
            self.description["KeySchema"], self.description["AttributeDefinitions"]
        )
        self.space = Space(record["space"])
        spaces = record["index_spaces"]
        self.indexes = tuple(
            Index(each, is_global=is_global, table=self, space=Space(spaces[each["IndexName"]]))
            for member, is_global in (
                ("LocalSecondaryIndexes", False),
                ("GlobalSecondaryIndexes", True),
            )
            for each in self.description.get(member, ())
        )
        self.local_indexes_exist = any(not index.is_global for index in self.indexes)

    def spaces(self) -> Iterator[Space]:
        """The table's own space and those of its indexes."""
        yield self.space
        for index in self.indexes:
            yield index.space

    def index(self, name: str) -> Index | None:
        """The index of that name."""
        return next((index for index in self.indexes if index.name == name), None)

    def describe(self) -> dict[str, Any]:
        """The `TableDescription` of this moment, counts included."""
        description = {
            **self.description,
            "TableSizeBytes": self.space.size_bytes,
            "ItemCount": self.space.item_count,
        }
        for member in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
            if member in description:
                description[member] = [self._describe_index(each) for each in description[member]]
        return description

    def _describe_index(self, description: Mapping[str, Any]) -> dict[str, Any]:
        index = self.index(description["IndexName"])
        assert index is not None
        return {
            **description,
            "IndexSizeBytes": index.space.size_bytes,
            "ItemCount": index.space.item_count,
        }


class Catalog:
    """All tables of a database."""

    def __init__(self, store: Store) -> None:
        self._tables: dict[str, Table] = {}
        stop = _TABLE_PREFIX + b"\xff"
        for _, record in store.range(_TABLE_PREFIX, stop):
            table = Table(orjson.loads(record))
            for space in table.spaces():
                space.load(store)
            self._tables[table.name] = table
        next_space = store.get(_NEXT_SPACE_KEY)
        self._next_space = int(next_space) if next_space else 1

    def table(self, name: str) -> Table:
        """A table by its name or ARN, for operations on items.

        Raises:
            ResourceNotFoundException: there is none.
        """
        table = self._tables.get(name)
        if table is None:
            table = self._tables.get(plain_name(name))
        if table is None:
            raise ResourceNotFoundException(messages.RESOURCE_NOT_FOUND)
        return table

    def find(self, name: str) -> Table | None:
        """A table by its name or ARN, or None."""
        return self._tables.get(plain_name(name))

    def names(self) -> list[str]:
        """The names of all tables, sorted."""
        return sorted(self._tables)

    def create(self, description: dict[str, Any], group: Group, extra: Mapping[str, Any]) -> Table:
        """Add a table; the caller writes the group.

        Args:
            description: the table's `TableDescription`, without counts.
            group: gets the table's record.
            extra: further members of the record, e.g. its tags.
        """
        index_names = [
            each["IndexName"]
            for member in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes")
            for each in description.get(member, ())
        ]
        table = Table(
            {
                "description": description,
                "space": self._take_space(),
                "index_spaces": {name: self._take_space() for name in index_names},
                **extra,
            }
        )
        group.put(_NEXT_SPACE_KEY, b"%d" % self._next_space)
        group.put(_TABLE_PREFIX + table.name.encode(), orjson.dumps(table.record))
        self._tables[table.name] = table
        return table

    def drop(self, table: Table, group: Group) -> None:
        """Remove a table, its rows and its indexes; the caller writes the group."""
        group.delete(_TABLE_PREFIX + table.name.encode())
        for space in table.spaces():
            group.delete(space.count_key)
            after = space_prefix(int.from_bytes(space.prefix, "big") + 1)
            group.delete_range(space.prefix, after)
        del self._tables[table.name]

    def _take_space(self) -> int:
        number = self._next_space
        self._next_space += 1
        return number


def plain_name(name: str) -> str:
    """A table's name, which callers may also give as its ARN."""
    return name.rpartition(":table/")[2] if name.startswith("arn:") else name
