"""Random tables, writes and reads, against a plain dict; indexes against a full recomputation.

What must hold after every step, whatever was done and whatever was refused:

* the table holds exactly the items that a dict would hold;
* every index holds exactly the entries that follow from those items, and nothing else;
* the counts and sizes of DescribeTable are those of the items and entries;
* writes cost the units that the sizes before and after ask for;
* a query of the table or an index answers the right items in the right order.

In memory, and on disk with the database closed and opened again in between.
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pannier.engine.checking import check_store
from pannier.engine.database import Database
from tests.engine.reference import (
    Attribute,
    Definition,
    Index,
    Json,
    call,
    canonical,
    comparable,
    index_units,
    item_size,
    refused,
    units,
)

TABLE = "machine"
# Few values, so that keys meet; with those at which encodings break.
KEY_VALUES = {
    "S": ["a", "b", "ab", "a\0", "\0", "é", "😀"],
    "N": ["0", "1", "-1", "10", "1.0", "1e1", "-0.5", "0.05", "100"],
    "B": ["AA==", "AAA=", "AAE=", "/w==", "//8="],
}
KINDS = st.sampled_from(["S", "N", "B"])
NAMES = st.sampled_from(["x", "y", "größe"])


def key_value(kind: str) -> st.SearchStrategy[Json]:
    return st.sampled_from(KEY_VALUES[kind]).map(lambda content: {kind: content})


SCALARS = st.one_of(
    st.text('aé😀\0"\\', max_size=3).map(lambda content: {"S": content}),
    st.sampled_from(["0", "-12.50", "1e20", "0.00001", "123456789"]).map(lambda n: {"N": n}),
    st.sampled_from(["", "AA==", "AAEC"]).map(lambda content: {"B": content}),
    st.booleans().map(lambda content: {"BOOL": content}),
    st.just({"NULL": True}),
    st.just({"SS": ["a", "bé"]}),
    st.just({"NS": ["1", "-2.50"]}),
    st.just({"BS": ["AA==", "AQ=="]}),
    st.integers(0, 3000).map(lambda length: {"S": "x" * length}),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda content: {"L": content}),
        st.dictionaries(NAMES, inner, max_size=3).map(lambda content: {"M": content}),
    ),
    max_leaves=5,
)


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """A table with or without a sort key, a global index, and a local one where it may have one."""
    key = (Attribute("p", draw(KINDS)),)
    if draw(st.booleans()):
        key += (Attribute("s", draw(KINDS)),)
    # The global index may turn the table's own key round, or use attributes of its own.
    choices = [*key, Attribute("g", draw(KINDS)), Attribute("h", draw(KINDS))]
    global_key = draw(st.lists(st.sampled_from(choices), min_size=1, max_size=2, unique=True))
    projections = st.sampled_from(["ALL", "KEYS_ONLY", ("x",), ("x", "größe")])
    indexes = [Index("global", tuple(global_key), draw(projections), is_local=False)]
    if len(key) > 1:
        own = Attribute("l", draw(KINDS))
        indexes.append(Index("local", (key[0], own), draw(projections), is_local=True))
    return Definition(TABLE, key, tuple(indexes))


class DatabaseMachine(RuleBasedStateMachine):
    """A database in memory beside a dict."""

    def open(self) -> Database:
        return Database.in_memory()

    @initialize(definition=definitions())
    def create(self, definition: Definition) -> None:
        self.database = self.open()
        self.definition = definition
        self.items: dict[tuple[Any, ...], Json] = {}
        call(self.database, "CreateTable", **definition.to_api())

    def teardown(self) -> None:
        if hasattr(self, "database"):
            assert check_store(self.database.store).listed == []
            self.database.close()

    # Writes

    def draw_key(self, data: st.DataObject) -> Json:
        return {part.name: data.draw(key_value(part.kind)) for part in self.definition.key}

    def draw_item(self, data: st.DataObject) -> Json:
        item = self.draw_key(data)
        for index in self.definition.indexes:
            for part in index.key:
                if part.name in item or not data.draw(st.booleans(), label=f"has {part.name}"):
                    continue
                # Now and then of a wrong type, which must be refused.
                kind = part.kind if data.draw(st.integers(0, 9)) else data.draw(KINDS)
                item[part.name] = data.draw(key_value(kind))
        return {**item, **data.draw(st.dictionaries(NAMES, VALUES, max_size=3))}

    def identity(self, item: Json) -> tuple[Any, ...]:
        return tuple(comparable(item[part.name]) for part in self.definition.key)

    def expected_units(self, identity: tuple[Any, ...], new: Json | None) -> dict[str, int]:
        old = self.items.get(identity)
        sizes = [item_size(item) for item in (old, new) if item is not None]
        spent = {"table": units(max(sizes, default=0))}
        for index in self.definition.indexes:
            entries = [self.definition.entry(index, item) if item else None for item in (old, new)]
            cost = index_units(*entries, index.key)
            if cost:
                spent[index.name] = cost
        return spent

    def keep(self, identity: tuple[Any, ...], new: Json | None) -> None:
        if new is None:
            self.items.pop(identity, None)
        else:
            self.items[identity] = new

    @rule(data=st.data())
    def put(self, data: st.DataObject) -> None:
        sent = self.draw_item(data)
        request = {"TableName": TABLE, "Item": sent, "ReturnConsumedCapacity": "INDEXES"}
        if not self.definition.is_acceptable(sent):
            assert "Type mismatch for Index Key" in refused(self.database, "PutItem", **request)
            return
        item = canonical(sent)
        identity = self.identity(item)
        expected = self.expected_units(identity, item)
        old = self.items.get(identity)
        answer = call(self.database, "PutItem", **request, ReturnValues="ALL_OLD")
        assert answer.get("Attributes") == old
        assert shown_units(answer["ConsumedCapacity"]) == expected
        self.keep(identity, item)

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        key = self.draw_key(data)
        identity = self.identity(key)
        expected = self.expected_units(identity, None)
        answer = call(
            self.database,
            "DeleteItem",
            TableName=TABLE,
            Key=key,
            ReturnValues="ALL_OLD",
            ReturnConsumedCapacity="INDEXES",
        )
        assert answer.get("Attributes") == self.items.get(identity)
        assert shown_units(answer["ConsumedCapacity"]) == expected
        self.keep(identity, None)

    @rule(data=st.data())
    def conditional_put(self, data: st.DataObject) -> None:
        item = canonical(self.draw_item(data))
        if not self.definition.is_acceptable(item):
            return
        identity = self.identity(item)
        request = {
            "TableName": TABLE,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(p)",
        }
        if identity in self.items:
            text = refused(self.database, "PutItem", **request)
            assert text == "ConditionalCheckFailedException: The conditional request failed"
        else:
            call(self.database, "PutItem", **request)
            self.keep(identity, item)

    @rule(data=st.data(), must_exist=st.booleans())
    def update(self, data: st.DataObject, *, must_exist: bool) -> None:
        """SET and REMOVE of whole attributes, those of index keys among them, under a condition."""
        item = canonical(self.draw_item(data))
        key = self.draw_key(data)
        identity = self.identity(key)
        old = self.items.get(identity)
        changed = {name: value for name, value in item.items() if name not in key}
        removed = sorted(name for name in (old or {}) if name not in key and name not in changed)[
            : data.draw(st.integers(0, 2), label="removed")
        ]
        names = {f"#n{i}": name for i, name in enumerate([*changed, *removed])}
        placeholders = {name: placeholder for placeholder, name in names.items()}
        values = {f":v{i}": value for i, value in enumerate(changed.values())}
        sets = ", ".join(f"{placeholders[name]} = :v{i}" for i, name in enumerate(changed))
        removes = ", ".join(placeholders[name] for name in removed)
        text = " ".join(
            clause for clause in (sets and f"SET {sets}", removes and f"REMOVE {removes}") if clause
        )
        request: Json = {"TableName": TABLE, "Key": key, "ReturnValues": "ALL_NEW"}
        if text:
            request |= {"UpdateExpression": text, "ExpressionAttributeNames": names}
        if values:
            request["ExpressionAttributeValues"] = values
        if must_exist:
            request["ConditionExpression"] = "attribute_exists(p)"
        if must_exist and old is None:
            refusal = refused(self.database, "UpdateItem", **request)
            assert refusal == "ConditionalCheckFailedException: The conditional request failed"
            return
        new = {**(canonical(key) if old is None else old), **changed}
        new = {name: value for name, value in new.items() if name not in removed}
        if not self.definition.is_acceptable(new):
            refused(self.database, "UpdateItem", **request)
            return
        expected = self.expected_units(identity, new)
        answer = call(self.database, "UpdateItem", **request, ReturnConsumedCapacity="INDEXES")
        assert answer["Attributes"] == new
        assert shown_units(answer["ConsumedCapacity"]) == expected
        self.keep(identity, new)

    @rule(data=st.data(), size=st.integers(1, 6))
    def batch(self, data: st.DataObject, size: int) -> None:
        writes: list[tuple[Json, Json | None]] = []
        for _ in range(size):
            if data.draw(st.booleans(), label="put"):
                item = self.draw_item(data)
                writes.append(({"PutRequest": {"Item": item}}, item))
            else:
                key = self.draw_key(data)
                writes.append(({"DeleteRequest": {"Key": key}}, key))
        identities = [self.identity(content or {}) for _, content in writes]
        request = {
            "RequestItems": {TABLE: [request for request, _ in writes]},
            "ReturnConsumedCapacity": "INDEXES",
        }
        puts = [content for request, content in writes if "PutRequest" in request]
        if not all(self.definition.is_acceptable(item or {}) for item in puts):
            refused(self.database, "BatchWriteItem", **request)
        elif len(set(identities)) < len(identities):
            text = refused(self.database, "BatchWriteItem", **request)
            assert text == ("ValidationException: Provided list of item keys contains duplicates")
        else:
            self.batch_succeeds(request, writes)

    def batch_succeeds(self, request: Json, writes: list[tuple[Json, Json | None]]) -> None:
        total: dict[str, int] = {"table": 0}
        for write_request, content in writes:
            new = canonical(content) if "PutRequest" in write_request else None
            identity = self.identity(content or {})
            for place, cost in self.expected_units(identity, new).items():
                total[place] = total.get(place, 0) + cost
            self.keep(identity, new)
        answer = call(self.database, "BatchWriteItem", **request)
        assert answer["UnprocessedItems"] == {}
        (spent,) = answer["ConsumedCapacity"]
        assert shown_units(spent) == total

    # Reads

    @rule(data=st.data(), size=st.integers(1, 6))
    def batch_get(self, data: st.DataObject, size: int) -> None:
        keys = {self.identity(key): key for key in (self.draw_key(data) for _ in range(size))}
        request = {TABLE: {"Keys": list(keys.values())}}
        answer = call(self.database, "BatchGetItem", RequestItems=request)
        found = {self.identity(item): item for item in answer["Responses"][TABLE]}
        assert found == {each: self.items[each] for each in keys if each in self.items}

    @rule(
        data=st.data(),
        forward=st.booleans(),
        limit=st.sampled_from([1, 2, 100]),
        operator=st.sampled_from(["", "=", "<", "<=", ">", ">="]),
    )
    def query(self, data: st.DataObject, limit: int, operator: str, *, forward: bool) -> None:
        place: Index | None = data.draw(st.sampled_from([None, *self.definition.indexes]))
        key = place.key if place else self.definition.key
        partition = data.draw(key_value(key[0].kind))
        values = {":p": partition}
        condition = "#p = :p"
        names = {"#p": key[0].name}
        bound = None
        if operator and len(key) > 1:
            bound = values[":s"] = data.draw(key_value(key[1].kind))
            condition += f" AND #s {operator} :s"
            names["#s"] = key[1].name
        request: Json = {
            "TableName": TABLE,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
            "ScanIndexForward": forward,
            "Limit": limit,
        }
        if place:
            request["IndexName"] = place.name
        found = pages(self.database, "Query", request)
        entries = [
            self.definition.entry(place, item) if place else item for item in self.items.values()
        ]
        expected = [
            entry
            for entry in entries
            if entry is not None
            and comparable(entry[key[0].name]) == comparable(partition)
            and (bound is None or holds(operator, entry[key[1].name], bound))
        ]
        assert as_set(found) == as_set(expected)
        if len(key) > 1:
            order = [comparable(entry[key[1].name]) for entry in found]
            assert order == sorted(order, reverse=not forward)

    # What always holds

    @precondition(lambda self: hasattr(self, "database"))
    @invariant()
    def table_is_the_dict(self) -> None:
        found = pages(self.database, "Scan", {"TableName": TABLE})
        assert as_set(found) == as_set(list(self.items.values()))

    @precondition(lambda self: hasattr(self, "database"))
    @invariant()
    def indexes_and_counts_follow(self) -> None:
        described = call(self.database, "DescribeTable", TableName=TABLE)["Table"]
        items = list(self.items.values())
        assert described["ItemCount"] == len(items)
        assert described["TableSizeBytes"] == sum(map(item_size, items))
        shown = {
            each["IndexName"]: each
            for member in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
            for each in described.get(member, ())
        }
        assert shown.keys() == {index.name for index in self.definition.indexes}
        for index in self.definition.indexes:
            expected = [
                entry for item in items if (entry := self.definition.entry(index, item)) is not None
            ]
            request = {"TableName": TABLE, "IndexName": index.name}
            assert as_set(pages(self.database, "Scan", request)) == as_set(expected)
            assert shown[index.name]["ItemCount"] == len(expected)
            assert shown[index.name]["IndexSizeBytes"] == sum(map(item_size, expected))


class DiskMachine(DatabaseMachine):
    """The same on disk, where the database is also closed and opened again."""

    def open(self) -> Database:
        self.folder = Path(tempfile.mkdtemp(prefix="pannier-machine-"))
        # Nothing is killed here, so nothing needs to be synced; see `tests/crash` for that.
        return Database.open(self.folder, durability="relaxed")

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)

    @rule()
    def reopen(self) -> None:
        self.database.close()
        self.database = Database.open(self.folder, durability="relaxed")


def shown_units(consumed: Json) -> dict[str, float]:
    """Units by place; the total must be their sum."""
    spent = {"table": consumed["Table"]["CapacityUnits"]}
    for member in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        for name, entry in consumed.get(member, {}).items():
            spent[name] = entry["CapacityUnits"]
    assert consumed["CapacityUnits"] == sum(spent.values())
    return spent


def pages(database: Database, operation: str, request: Json) -> list[Json]:
    """The items of all pages."""
    found: list[Json] = []
    start: Json = {}
    while True:
        page = call(database, operation, **request, **start)
        assert page["Count"] == len(page["Items"])
        found += page["Items"]
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def holds(operator: str, one: Json, two: Json) -> bool:
    left, right = comparable(one), comparable(two)
    return {
        "=": left == right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[operator]


def as_set(items: list[Json]) -> list[str]:
    """Items in an order of their own, so that lists compare as sets do; but twice is not once."""
    return sorted(json.dumps(item, sort_keys=True) for item in items)


TestInMemory = DatabaseMachine.TestCase
RUN = settings(deadline=None, report_multiple_bugs=False)
TestInMemory.settings = settings(RUN, max_examples=60, stateful_step_count=25)
TestOnDisk = DiskMachine.TestCase
TestOnDisk.settings = settings(RUN, max_examples=12, stateful_step_count=20)
