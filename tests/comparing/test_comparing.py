"""What a comparison measures, on the workshop's own data, and what it says of the chapter's claims.

Calls, units and bytes are the same on every machine. Times are not; what is said of them is tested
with made-up measurements.
"""

import asyncio
from typing import Any

import pytest

from pannier.batch.calls import CallError
from pannier.batch.operation import Operation
from pannier.batch.reads.projection import Projection
from pannier.batch.report import Report
from pannier.batch.target import Reply
from pannier.comparing.claims import Claim, claims
from pannier.comparing.comparison import BATCH, PROJECTED, SIDE_BY_SIDE, SINGLE, Comparison, in_turn
from pannier.comparing.own_keys import OwnKeys, OwnTable
from pannier.comparing.passes import Pass, batch_gets, batch_puts, single_puts
from pannier.comparing.running import Comparing, Wanted
from pannier.errors import UserError
from pannier.files.reading import read_writes
from pannier.library.aio import AsyncConnection
from pannier.library.connecting import connect_async
from pannier.model.attribute_value import Item
from pannier.model.key_schema import KeyAttribute, KeySchema
from tests.conftest import EXAMPLES, TABLE

SCHEMA = KeySchema([KeyAttribute("PK", "S")], [KeyAttribute("SK", "S")])
INDEX = {
    "IndexName": "GSI1",
    "KeySchema": [
        {"AttributeName": "GSI1PK", "KeyType": "HASH"},
        {"AttributeName": "GSI1SK", "KeyType": "RANGE"},
    ],
    "Projection": {"ProjectionType": "ALL"},
}
CREATE: dict[str, Any] = {
    "TableName": TABLE,
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [
        {"AttributeName": "PK", "KeyType": "HASH"},
        {"AttributeName": "SK", "KeyType": "RANGE"},
    ],
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK", "GSI1PK", "GSI1SK")
    ],
    "GlobalSecondaryIndexes": [INDEX],
}


def items_of(file: str) -> list[Item]:
    elements = read_writes(str(EXAMPLES / "workshop" / file))
    return [each.attributes for each in elements if isinstance(each, Operation)]


async def compared(items: list[Item], wanted: Wanted) -> Comparison:
    comparison = Comparison("memory", TABLE, len(items), wanted.rounds, wanted.projection)
    async with (
        connect_async("memory") as connection,
        OwnTable(connection, CREATE) as table,
    ):
        comparing = Comparing(connection, table, SCHEMA, wanted)
        await comparing.writes(items, comparison)
        await comparing.reads([SCHEMA.key_of(item) for item in items], comparison)
    return comparison


def test_three_products_as_in_the_chapter() -> None:
    """One call instead of three, in both directions; the same units; bytes saved, units not."""
    wanted = Wanted(rounds=2, projection="PK, SK, name, price, stock")
    found = asyncio.run(compared(items_of("batch-products.json"), wanted))
    writes, reads = found.writes, found.reads
    assert (writes[SINGLE].calls, writes[BATCH].calls, writes[SIDE_BY_SIDE].calls) == (3, 1, 1)
    assert {each.units for each in writes.values()} == {6}
    assert (reads[SINGLE].calls, reads[BATCH].calls, reads[SIDE_BY_SIDE].calls) == (3, 1, 1)
    assert {each.units for each in reads.values()} == {1.5}
    assert reads[PROJECTED].received_bytes < 0.7 * reads[BATCH].received_bytes
    assert all(len(each.passes) == 2 for each in [*writes.values(), *reads.values()])


def test_thirty_items_and_consistent_reads() -> None:
    """The chapter's large batch: two calls of writes, one of reads."""
    found = asyncio.run(compared(items_of("large-batch.json"), Wanted(rounds=1, consistent=True)))
    assert (found.writes[SINGLE].calls, found.writes[BATCH].calls) == (30, 2)
    assert (found.reads[SINGLE].calls, found.reads[BATCH].calls) == (30, 1)
    assert {each.units for each in found.writes.values()} == {30}
    assert {each.units for each in found.reads.values()} == {30}
    assert PROJECTED not in found.reads


def test_a_hundred_items_are_four_calls_of_writes_and_one_of_reads() -> None:
    """The chapter counts four calls for both; reads take a hundred keys."""
    some: list[Item] = [{"PK": {"S": f"p{n}"}, "SK": {"S": "s"}} for n in range(100)]
    found = asyncio.run(compared(some, Wanted(rounds=1)))
    assert found.writes[BATCH].calls == 4
    assert found.reads[BATCH].calls == 1


def by_name(found: list[Claim]) -> dict[str, bool]:
    return {each.name: each.holds for each in found}


def test_the_claims_about_units_are_corrected_and_those_about_calls_confirmed() -> None:
    wanted = Wanted(rounds=1, projection="PK, SK, name, price, stock")
    found = by_name(claims(asyncio.run(compared(items_of("batch-products.json"), wanted))))
    del found["faster-writes"], found["faster-reads"]
    assert found == {
        "fewer-calls-writes": True,
        "more-units-writes": False,
        "fewer-calls-reads": True,
        "more-units-reads": False,
        "projection-bytes": True,
        "projection-units": False,
    }


def measured(operation: str, calls: int, seconds: float, received: int) -> Report:
    report = Report(operation)
    for _ in range(calls):
        report.add_call(1, 100, seconds / calls)
    report.elapsed_s = seconds
    report.received_bytes = received
    report.units.write["t"] = 100
    return report


def test_a_claim_about_time_holds_as_it_was_measured() -> None:
    """Whole passes are compared; a single call may well be the quicker one."""

    async def made(seconds: float) -> Comparison:
        async def single() -> Report:
            return measured("write", 100, 1.0, 1000)

        async def batch() -> Report:
            return measured("write", 4, seconds, 100)

        comparison = Comparison("t", "t", 100, 3)
        comparison.writes = await in_turn({SINGLE: single, BATCH: batch}, 3)
        return comparison

    quick = {each.name: each for each in claims(asyncio.run(made(0.1)))}
    assert quick["faster-writes"].holds
    assert quick["faster-writes"].measured == (
        "100.0 ms instead of 1,000.0 ms in all; one call takes 25.01 ms instead of 10.01 ms"
    )
    assert quick["fewer-calls-writes"].measured == "4 instead of 100: 25 times fewer"
    assert not {each.name: each for each in claims(asyncio.run(made(2.0)))}["faster-writes"].holds


def test_ways_take_turns_and_none_is_always_the_first() -> None:
    order: list[str] = []

    def way(name: str) -> Any:
        async def run() -> Report:
            order.append(name)
            return Report("read")

        return run

    async def before() -> None:
        order.append("-")

    asyncio.run(in_turn({name: way(name) for name in "abc"}, 3, before))
    assert "".join(order) == "-a-b-c-b-c-a-c-a-b"


class Throttled:
    """Answers a throttle, then everything; leaves the last item of the first batch."""

    name = "throttled"

    def __init__(self) -> None:
        self.calls: list[str] = []

    async def send(self, operation: str, body: bytes) -> Reply:
        self.calls.append(operation)
        if len(self.calls) == 1:
            kind = "com.amazonaws.dynamodb.v20120810#ThrottlingException"
            return Reply(400, b'{"__type":"%b","message":"slow down"}' % kind.encode())
        if len(self.calls) == 2 and operation == "BatchWriteItem":
            return Reply(
                200,
                b'{"UnprocessedItems":{"t":[{"PutRequest":{"Item":'
                b'{"PK":{"S":"p2"},"SK":{"S":"s"}}}}]}}',
            )
        if operation == "BatchGetItem" and len(self.calls) == 2:
            return Reply(
                200,
                b'{"Responses":{"t":[{}]},'
                b'"UnprocessedKeys":{"t":{"Keys":[{"PK":{"S":"p1"},"SK":{"S":"s"}}]}}}',
            )
        return Reply(200, b'{"Responses":{"t":[{}]}}')

    async def close(self) -> None:
        pass


def test_throttled_and_left_over_items_are_sent_again_and_counted() -> None:
    """Both ways: what is sent again counts as calls, and the waits are in the report."""
    items: list[Item] = [{"PK": {"S": f"p{n}"}, "SK": {"S": "s"}} for n in range(3)]
    waits: list[float] = []

    async def sleep(delay_s: float) -> None:
        waits.append(delay_s)

    async def run() -> tuple[Report, Report, Report]:
        writing = Pass(Throttled(), "write", sleep=sleep)
        batch = await batch_puts(writing, "t", SCHEMA, items)
        single = await single_puts(Pass(Throttled(), "write", sleep=sleep), "t", items)
        reading = Pass(Throttled(), "read", sleep=sleep)
        read = await batch_gets(reading, "t", items[:2], consistent=False, projection=Projection())
        return batch, single, read

    batch, single, read = asyncio.run(run())
    assert (batch.calls, batch.leftovers, batch.throttles, batch.written) == (3, 1, 1, 3)
    assert (single.calls, single.throttles, single.written) == (4, 1, 3)
    assert (read.calls, read.leftovers, read.found) == (3, 1, 2)
    assert len(waits) == 3
    assert batch.waited_s + single.waited_s + read.waited_s == pytest.approx(sum(waits))


def test_its_own_table_is_gone_afterwards_also_after_an_error() -> None:
    """The second item is refused by the service: a key attribute is missing."""
    items: list[Item] = [items_of("batch-products.json")[0], {"PK": {"S": "p"}}]

    async def write(connection: AsyncConnection) -> None:
        async with OwnTable(connection, CREATE) as table:
            await single_puts(Pass(connection.target, "write"), table, items)

    async def run() -> list[str]:
        async with connect_async("memory") as connection:
            with pytest.raises(CallError, match="ValidationException"):
                await write(connection)
            answer = await connection.call("ListTables", {})
            names: list[str] = answer["TableNames"]
            return names

    assert asyncio.run(run()) == []


async def _held(connection: AsyncConnection) -> list[Item]:
    answer = await connection.call("Scan", {"TableName": TABLE})
    found: list[Item] = answer["Items"]
    return found


def test_its_own_keys_are_gone_afterwards_and_others_are_not_touched() -> None:
    """The same keys are there before, during and after the comparison."""
    items = items_of("batch-products.json")
    theirs: Item = {**items[0], "name": {"S": "theirs"}}

    async def broken_off(connection: AsyncConnection, own: OwnKeys) -> None:
        async with own:
            comparing = Comparing(connection, TABLE, SCHEMA, Wanted(rounds=1))
            await comparing.writes(own.items, Comparison("", "", 3, 1))
            held = await _held(connection)
            assert len(held) == 4
            assert theirs in held
            raise RuntimeError("in the middle")

    async def run() -> None:
        async with connect_async("memory") as connection:
            await connection.call("CreateTable", CREATE)
            await connection.call("PutItem", {"TableName": TABLE, "Item": theirs})
            own = OwnKeys(connection, TABLE, SCHEMA, items)
            with pytest.raises(RuntimeError, match="in the middle"):
                await broken_off(connection, own)
            assert await _held(connection) == [theirs]

    asyncio.run(run())


def test_keys_that_are_no_text_can_not_be_told_apart() -> None:
    async def run() -> None:
        async with connect_async("memory") as connection:
            schema = KeySchema([KeyAttribute("id", "N")], [])
            OwnKeys(connection, "t", schema, [{"id": {"N": "1"}}])

    with pytest.raises(UserError, match="is no text"):
        asyncio.run(run())
