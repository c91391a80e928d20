"""The tables of a database: what they are, kept in the store and compiled in memory.

A table's record in the store is its `TableDescription` as the API shows it, less what changes with
every write, plus the numbers of its spaces. Item counts and sizes are exact: they change in the
same atomic group as the items.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from pannier.engine import messages
from pannier.engine.expiry import Expiry
from pannier.engine.rows import CATALOG_SPACE, space_prefix
from pannier.engine.streams.registry import Streams
from pannier.errors import ResourceNotFoundException, ValidationException
from pannier.model.attribute_value import Item
from pannier.model.key_schema import KeyBytes, KeySchema
from pannier.storage.store import Group, Store

if TYPE_CHECKING:
    from pannier.engine.throttle.resource import Resource

TABLE_PREFIX: Final = CATALOG_SPACE + b"table/"
COUNT_PREFIX: Final = CATALOG_SPACE + b"count/"
NEXT_SPACE_KEY: Final = CATALOG_SPACE + b"next-space"
ARN_PREFIX: Final = "arn:aws:dynamodb:us-east-1:000000000000:table/"


class Space:
    """The rows of one table or index, and how many they are.

    Attributes:
        resource: what it has to spend on requests; the throttle's own, made when first needed.
    """

    __slots__ = ("count_key", "item_count", "prefix", "resource", "size_bytes")

    def __init__(self, number: int) -> None:
        self.prefix = space_prefix(number)
        self.count_key = COUNT_PREFIX + self.prefix
        self.resource: Resource | None = None
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
        built_to: the last row of the table that the backfill has been through; rows beyond it
            have no entries yet. None for an index that is complete.
        opens_at: when the index becomes ACTIVE, where that takes time; None once it is.
    """

    __slots__ = ("built_to", "is_global", "name", "opens_at", "projected", "schema", "space")

    def __init__(
        self, description: Mapping[str, Any], *, is_global: bool, table: "Table", space: Space
    ) -> None:
        self.name: str = description["IndexName"]
        self.is_global = is_global
        definitions = table.description["AttributeDefinitions"]
        self.schema = KeySchema.from_api(description["KeySchema"], definitions)
        self.space = space
        backfilled = table.record.get("backfills", {}).get(self.name)
        self.built_to = bytes.fromhex(backfilled) if backfilled is not None else None
        self.opens_at: float | None = table.record.get("pending_indexes", {}).get(self.name)
        projection = description["Projection"]
        self.projected: frozenset[str] | None = None
        if projection["ProjectionType"] != "ALL":
            self.projected = frozenset(
                (*self.schema.names, *table.schema.names, *projection.get("NonKeyAttributes", ()))
            )

    def stored_key(self, item: Item) -> KeyBytes | None:
        """The key of a stored item's entry, or None where it has none.

        An item older than the index may not fit its key types: the backfill left it out.
        """
        try:
            return self.schema.index_key(item, self.name)
        except ValidationException:
            return None

    def project(self, item: Item) -> Item:
        """The part of an item that its entry carries."""
        if self.projected is None:
            return item
        return {name: value for name, value in item.items() if name in self.projected}


class Table:
    """One table, compiled for the hot path.

    Attributes:
        stream: where changes of items are recorded, or None.
        expiry: how items expire, or None.
    """

    __slots__ = (
        "description", "expiry", "indexes", "local_indexes_exist", "name", "opens_at", "record",
        "schema", "space", "stream",
    )  # fmt: skip

    def __init__(self, record: dict[str, Any], streams: Streams) -> None:
        self.record = record
        self.description: dict[str, Any] = record["description"]
        self.name: str = self.description["TableName"]
        self.schema = KeySchema.from_api(
            self.description["KeySchema"], self.description["AttributeDefinitions"]
        )
        self.space = Space(record["space"])
        self.indexes: tuple[Index, ...] = ()
        self._compile({})
        self.stream = streams.live(self.description)
        self.expiry = Expiry.of(record)

    def change(self, record: dict[str, Any]) -> None:
        """Take over a changed record; indexes that stay keep their counts."""
        self.record = record
        self.description = record["description"]
        self._compile({index.name: index.space for index in self.indexes})

    def _compile(self, known_spaces: Mapping[str, Space]) -> None:
        pending = self.record.get("pending") or {"status": None}
        self.opens_at: float | None = pending["until"] if pending["status"] == "CREATING" else None
        spaces = self.record["index_spaces"]
        indexes = []
        for member, is_global in (
            ("LocalSecondaryIndexes", False),
            ("GlobalSecondaryIndexes", True),
        ):
            for each in self.description.get(member, ()):
                name = each["IndexName"]
                space = known_spaces.get(name) or Space(spaces[name])
                indexes.append(Index(each, is_global=is_global, table=self, space=space))
        self.indexes = tuple(indexes)
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
    """All tables of a database.

    Attributes:
        leaving: tables that are gone but still described as DELETING: until when, and how.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float] = time.time,
        start_sweeping: Callable[[], None] = lambda: None,
    ) -> None:
        self._start_sweeping = start_sweeping
        self._clock = clock
        self.streams = Streams(store, clock)
        self._tables: dict[str, Table] = {}
        self.leaving: dict[str, tuple[float, dict[str, Any]]] = {}
        stop = TABLE_PREFIX + b"\xff"
        for _, record in store.range(TABLE_PREFIX, stop):
            table = Table(orjson.loads(record), self.streams)
            for space in table.spaces():
                space.load(store)
            self._tables[table.name] = table
        next_space = store.get(NEXT_SPACE_KEY)
        self._next_space = int(next_space) if next_space else 1

    def table(self, name: str) -> Table:
        """A table by its name or ARN, for operations on items.

        Raises:
            ResourceNotFoundException: there is none, or it is still being created.
        """
        table = self._tables.get(name)
        if table is None:
            table = self._tables.get(plain_name(name))
        if table is None:
            raise ResourceNotFoundException(messages.RESOURCE_NOT_FOUND)
        if table.opens_at is not None:
            if self._clock() < table.opens_at:
                raise ResourceNotFoundException(messages.RESOURCE_NOT_FOUND)
            table.opens_at = None
        return table

    def find(self, name: str) -> Table | None:
        """A table by its name or ARN, or None."""
        return self._tables.get(plain_name(name))

    def building(self) -> list[tuple[Table, Index]]:
        """The indexes that do not have all their entries yet, with their tables."""
        return [
            (table, index)
            for table in self._tables.values()
            for index in table.indexes
            if index.built_to is not None
        ]

    def names(self) -> list[str]:
        """The names of all tables, sorted."""
        return sorted(self._tables)

    def expiring(self) -> list[Table]:
        """The tables whose items expire."""
        return [table for table in self._tables.values() if table.expiry is not None]

    def create(self, description: dict[str, Any], group: Group, extra: Mapping[str, Any]) -> Table:
        """Add a table; the caller writes the group.

        Args:
            description: the table's `TableDescription`, without counts.
            group: gets the table's record.
            extra: further members of the record, e.g. its tags.
        """
        table = self.new_table(description, group, extra)
        self.add(table, group)
        return table

    def new_table(
        self, description: dict[str, Any], group: Group, extra: Mapping[str, Any]
    ) -> Table:
        """A table with spaces of its own that nobody can see before `add`."""
        index_names = [
            each["IndexName"]
            for member in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes")
            for each in description.get(member, ())
        ]
        return Table(
            {
                "description": description,
                "space": self.take_space(group),
                "index_spaces": {name: self.take_space(group) for name in index_names},
                **extra,
            },
            self.streams,
        )

    def add(self, table: Table, group: Group) -> None:
        """Make a new table visible; the caller writes the group."""
        self.save(table, group)
        self._tables[table.name] = table

    def save(self, table: Table, group: Group) -> None:
        """Add a table's record to a group, after it was changed in place."""
        group.put(TABLE_PREFIX + table.name.encode(), orjson.dumps(table.record))

    def enable_stream(self, table: Table, view_type: str, now_s: float, group: Group) -> None:
        """Begin a table's stream, in its description and its record; the caller writes the group.

        Args:
            table: has no enabled stream.
            view_type: one of AWS's four.
            now_s: seconds since 1970.
            group: gets the stream and the table's record.
        """
        stream = self.streams.begin(table.description, view_type, now_s, group)
        table.description |= {
            "StreamSpecification": {"StreamEnabled": True, "StreamViewType": view_type},
            "LatestStreamLabel": stream.label,
            "LatestStreamArn": stream.arn,
        }
        table.stream = stream
        self.save(table, group)
        self._start_sweeping()

    def disable_stream(self, table: Table, now_s: float, group: Group) -> None:
        """End a table's stream, which stays readable; the caller writes the group."""
        if table.stream is None:
            return
        self.streams.end(table.stream, now_s, group)
        del table.description["StreamSpecification"]  # label and ARN stay, as on AWS
        table.stream = None
        self.save(table, group)

    def drop(self, table: Table, group: Group) -> None:
        """Remove a table, its rows and its indexes; the caller writes the group.

        Its stream ends, and stays readable.
        """
        if table.stream is not None:
            self.streams.end(table.stream, self.streams.now_ms / 1000, group)
        if table.expiry is not None:
            table.expiry.remove(group)
        group.delete(TABLE_PREFIX + table.name.encode())
        for space in table.spaces():
            group.delete(space.count_key)
            after = space_prefix(int.from_bytes(space.prefix, "big") + 1)
            group.delete_range(space.prefix, after)
        del self._tables[table.name]

    def take_space(self, group: Group) -> int:
        """The number of a new space; the caller writes the group."""
        number = self._next_space
        self._next_space += 1
        group.put(NEXT_SPACE_KEY, b"%d" % self._next_space)
        return number


def plain_name(name: str) -> str:
    """A table's name, which callers may also give as its ARN."""
    return name.rpartition(":table/")[2] if name.startswith("arn:") else name
