"""What docs/migration.md says of boto3's `batch_writer`, tried with boto3; and ours beside it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary
from botocore.exceptions import ClientError

from pannier import Connection, Options, WriteError
from pannier.testing import ManualClock, Pannier

KEY = ["PK", "SK"]


@pytest.fixture
def engine() -> Iterator[Pannier]:
    with Pannier(clock=ManualClock(), seed=1) as made:
        made.table("shop", "PK,SK:N", indexes={"by-group": "group"})
        yield made


@pytest.fixture
def table(engine: Pannier) -> Any:
    return engine.resource("dynamodb").Table("shop")


@pytest.fixture
def db(engine: Pannier) -> Connection:
    return engine.connection()


def item(number: int, **more: Any) -> dict[str, Any]:
    return {"PK": "a", "SK": number, **more}


def poisoned(count: int = 60) -> list[dict[str, Any]]:
    """The eighth can't be in the index; only the service knows that."""
    return [item(number, group=7 if number == 7 else "x") for number in range(count)]


def put_all(table: Any, items: list[dict[str, Any]], **options: Any) -> None:
    with table.batch_writer(**options) as batch:
        for each in items:
            batch.put_item(Item=each)


def there(engine: Pannier) -> dict[int, Any]:
    return {int(each["SK"]): each.get("version") for each in engine.connection().scan("shop")}


def test_a_key_twice_in_a_buffer_is_refused(table: Any, db: Connection, engine: Pannier) -> None:
    twice = [item(1, version=1), item(2, version=1), item(1, version=2)]
    with pytest.raises(ClientError, match="duplicates"):
        put_all(table, twice)
    assert there(engine) == {}
    put_all(table, twice, overwrite_by_pkeys=KEY)
    assert there(engine) == {1: 2, 2: 1}
    assert db.write(twice, "shop").ok
    assert there(engine) == {1: 2, 2: 1}


def test_a_leftover_meets_a_newer_write_of_its_key(
    table: Any, db: Connection, engine: Pannier
) -> None:
    items = [item(number, version=1) for number in range(25)] + [item(3, version=2)]
    rule = {"operations": "BatchWriteItem", "leave": 1.0, "key": {"SK": 3}, "times": 1}
    with engine.faults(rule), pytest.raises(ClientError, match="duplicates"):
        put_all(table, items)
    with engine.faults(rule):
        assert db.write(items, "shop").ok
    assert there(engine)[3] == 2


def test_leftovers_go_again_at_once(table: Any, db: Connection, engine: Pannier) -> None:
    """An item that is left over goes with each of the next batches; no time passes in between."""
    began = engine.clock()
    rule = {"operations": "BatchWriteItem", "leave": 1.0, "key": {"SK": 3}, "times": 40}
    with engine.faults(rule) as injected:
        put_all(table, [item(number) for number in range(1200)])
    assert injected.struck == 40
    assert engine.clock() == began
    with engine.faults({**rule, "times": 2}) as injected:
        report = db.write([item(number) for number in range(1200)], "shop")
    assert report.ok
    assert (injected.struck, report.leftovers + report.throttles) == (2, 2)
    assert report.waited_s > 0


def test_a_refused_batch_takes_its_items_with_it(
    table: Any, db: Connection, engine: Pannier
) -> None:
    with pytest.raises(ClientError, match="Type mismatch") as caught:
        put_all(table, poisoned())
    assert "SK" not in str(caught.value)  # which item it was, it does not say
    assert there(engine) == {}
    report = db.write(poisoned(), "shop")
    assert (report.written, report.failed) == (59, 1)
    assert report.failures[0].attributes["SK"] == {"N": "7"}
    with pytest.raises(WriteError) as failed:
        _with_writer(db)
    assert failed.value.report.written == 59


def _with_writer(db: Connection) -> None:
    with db.writer("shop") as writer:
        for each in poisoned():
            writer.put(each)


def test_every_write_can_be_sent(db: Connection) -> None:
    twice = [item(1, version=1), item(1, version=2)]
    assert db.write(twice, "shop").written == 1
    assert db.write(twice, "shop", options=Options(every_write=True)).written == 2


def test_values(table: Any, db: Connection) -> None:
    with pytest.raises(TypeError, match="Float types are not supported"):
        put_all(table, [item(1, price=0.1)])
    db.write([item(1, price=0.1, count=3, sizes={1}, raw=b"\0")], "shop")
    theirs = table.get_item(Key=item(1))["Item"]
    assert (theirs["price"], theirs["count"]) == (Decimal("0.1"), Decimal(3))
    assert isinstance(theirs["count"], Decimal)
    assert isinstance(theirs["raw"], Binary)
    (ours,) = db.read([item(1)], "shop")
    assert (ours["price"], ours["count"], ours["raw"]) == (Decimal("0.1"), 3, b"\0")
    assert type(ours["count"]) is int
    assert ours["sizes"] == theirs["sizes"] == {1}


def test_reads_of_more_than_a_batch(engine: Pannier, db: Connection) -> None:
    keys = [item(number) for number in range(150)]
    db.write(keys, "shop")
    resource = engine.resource("dynamodb")
    with pytest.raises(ClientError, match="less than or equal to 100"):
        resource.batch_get_item(RequestItems={"shop": {"Keys": keys}})
    with engine.faults({"operations": "BatchGetItem", "leave": 0.5, "times": 1}):
        answer = resource.batch_get_item(RequestItems={"shop": {"Keys": keys[:100]}})
    assert answer["UnprocessedKeys"]
    with engine.faults({"operations": "BatchGetItem", "leave": 0.5, "times": 5}):
        assert len(list(db.read(keys, "shop"))) == 150
