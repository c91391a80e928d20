"""Writes without JSON do what the same writes do as JSON, and go as JSON where they must."""

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from pannier.batch.operation import Operation
from pannier.batch.prepared import PreparedWrite, Preparing
from pannier.batch.target import Reply, TakesWrites
from pannier.batch.writes.write_batch import WriteBatch
from pannier.clock import ManualClock
from pannier.engine.database import Database
from pannier.engine.throttle import ON
from pannier.model.key_schema import KeyAttribute, KeySchema
from pannier.targets.in_process import InProcessTarget

SCHEMA = KeySchema([KeyAttribute("PK", "S")], [KeyAttribute("SK", "N")])
UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
CREATE = {
    "TableName": "shop",
    "KeySchema": [
        {"AttributeName": "PK", "KeyType": "HASH"},
        {"AttributeName": "SK", "KeyType": "RANGE"},
    ],
    "AttributeDefinitions": [
        {"AttributeName": "PK", "AttributeType": "S"},
        {"AttributeName": "SK", "AttributeType": "N"},
        {"AttributeName": "by", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-index",
            "KeySchema": [{"AttributeName": "by", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
            "ProvisionedThroughput": UNITS,
        }
    ],
    "ProvisionedThroughput": UNITS,
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
}
PLAIN = {
    **{name: value for name, value in CREATE.items() if not name.startswith(("Global", "Stream"))},
    "AttributeDefinitions": CREATE["AttributeDefinitions"][:2],
}


def made(create: dict[str, Any], **options: Any) -> Database:
    database = Database.in_memory(clock=ManualClock(1000.0), sweep_interval_s=None, **options)
    assert database.execute("CreateTable", orjson.dumps(create)).status == 200
    return database


def prepared(operations: Sequence[Operation], schema: KeySchema = SCHEMA) -> list[PreparedWrite]:
    preparing = Preparing(schema)
    return [preparing.write(each, 0) for each in operations]


def item(pk: str, sk: str, **further: Any) -> dict[str, Any]:
    return {"PK": {"S": pk}, "SK": {"N": sk}, **further}


def directly(database: Database, writes: list[PreparedWrite]) -> Reply | None:
    target = InProcessTarget(database, "here", owned=False)
    return asyncio.run(target.send_writes(writes, {"shop": SCHEMA}))


def as_json(database: Database, writes: list[PreparedWrite]) -> Reply:
    target = InProcessTarget(database, "here", owned=False)
    return asyncio.run(target.send("BatchWriteItem", WriteBatch(writes).body))


def everything(database: Database) -> list[tuple[bytes, bytes]]:
    """All rows but those of the catalog and the streams' list, which carry ids made by chance."""
    rows = database.store.range(b"", b"\xff" * 40)
    return [(key, row) for key, row in rows if b"TableId" not in row and b"StreamLabel" not in row]


_KEYS = st.tuples(st.sampled_from("ab"), st.sampled_from(["1", "1.0", "2", "-3e1"]))


@st.composite
def _operations(draw: st.DrawFn) -> Operation:
    pk, sk = draw(_KEYS)
    if draw(st.booleans()):
        return Operation.delete("shop", item(pk, sk))
    further: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "by": st.sampled_from([{"S": "x"}, {"S": "y"}]),
                "size": st.sampled_from([{"B": "AAAA"}, {"NS": ["1", "2.50"]}, {"S": "ä" * 900}]),
            },
        )
    )
    return Operation.put("shop", item(pk, sk, **further))


@given(st.lists(st.lists(_operations(), min_size=1, max_size=6), min_size=1, max_size=4))
def test_the_same_writes_do_the_same(batches: list[list[Operation]]) -> None:
    one, other = made(CREATE), made(CREATE)
    for batch in batches:
        writes = list({write.key: write for write in prepared(batch)}.values())
        direct, sent = directly(one, writes), as_json(other, writes)
        assert direct is not None
        assert direct.status == sent.status == 200
        assert orjson.loads(direct.body) == orjson.loads(sent.body)
    assert everything(one) == everything(other)


@given(st.lists(_operations(), min_size=1, max_size=8))
def test_a_throttled_table_leaves_the_same_over(operations: list[Operation]) -> None:
    one, other = (made(CREATE, throttling=ON) for _ in range(2))
    writes = list({write.key: write for write in prepared(operations)}.values())
    for _ in range(40):  # some of them find nothing left to spend
        direct, sent = directly(one, writes), as_json(other, writes)
        assert direct is not None
        assert (direct.status, orjson.loads(direct.body)) == (sent.status, orjson.loads(sent.body))
        if direct.status != 200:
            break
    assert everything(one) == everything(other)


def test_a_wrong_index_key_refuses_the_whole_batch() -> None:
    database = made(CREATE)
    writes = prepared([Operation.put("shop", item("a", "1", by={"N": "1"}))])
    direct = directly(database, writes)
    assert direct is not None
    assert direct.status == 400
    assert orjson.loads(direct.body) == orjson.loads(as_json(database, writes).body)


def test_a_table_that_is_gone() -> None:
    database = made(CREATE)
    writes = prepared([Operation.put("shop", item("a", "1"))])
    database.execute("DeleteTable", b'{"TableName":"shop"}')
    direct = directly(database, writes)
    assert direct is not None
    assert b"ResourceNotFoundException" in direct.body


def test_a_table_made_anew_with_other_keys_sends_the_writer_to_json() -> None:
    database = made(PLAIN)
    writes = prepared([Operation.put("shop", item("a", "1"))])
    database.execute("DeleteTable", b'{"TableName":"shop"}')
    other = {**PLAIN, "KeySchema": PLAIN["KeySchema"][:1]}
    other["AttributeDefinitions"] = PLAIN["AttributeDefinitions"][:1]
    assert database.execute("CreateTable", orjson.dumps(other)).status == 200
    assert directly(database, writes) is None
    assert as_json(database, writes).status == 200


def test_where_faults_are_injected_requests_are_made_for_them_to_see() -> None:
    database = made(PLAIN)
    writes = prepared([Operation.put("shop", item("a", "1"))])
    with database.faults.during({"leave": 1.0}):
        assert directly(database, writes) is None
    assert directly(database, writes) is not None


@given(st.lists(_operations(), min_size=1, max_size=8))
def test_the_bytes_that_are_saved_are_known(operations: list[Operation]) -> None:
    twice = operations + [each.to("shöp") for each in operations]
    batch = WriteBatch(prepared(twice))
    assert batch.body_bytes == len(batch.body)


def test_only_targets_in_process_take_writes() -> None:
    assert isinstance(InProcessTarget(made(PLAIN), "here"), TakesWrites)
