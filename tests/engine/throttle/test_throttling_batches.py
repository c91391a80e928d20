"""Batches under throttling: what passes, what comes back, what is answered if nothing passes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from throttled import KB, Throttled, item, key, throttled

from pannier.engine.throttle import ON, Throttling

TABLES = Throttling(tables=True)
NO_BURST = Throttling(tables=True, burst_s=0)


def test_some_are_written_and_the_others_come_back():
    """The heart of it: 25 items of a unit each, five units there: five written, twenty returned.

    What is returned was not written, what was written is not returned.
    """
    with throttled(NO_BURST) as asked:
        table = asked.create("orders", write=5, read=100)
        items = [item("a", number) for number in range(25)]
        written, left = asked.write(table, *items)
        assert written == 5
        assert left == items[5:]
        there = asked.ask("Scan", TableName=table, ConsistentRead=True)["Items"]
        assert sorted(each["s"]["S"] for each in there) == ["0", "1", "2", "3", "4"]


def test_the_workshop_loop_gets_everything_through_at_the_rate_of_the_bucket():
    """Re-sending what is left, second by second: the sum is what the bucket allows, to the unit."""
    with throttled(TABLES) as asked:
        table = asked.create("orders", write=5)
        asked.spend_burst(table)
        pending = [item("b", number, size_bytes=KB) for number in range(500)]
        total = 0
        for _ in range(60):
            asked.clock.advance(1)
            while True:
                written, left = asked.write(table, *pending[:25])
                pending = left + pending[25:]
                total += written
                if not written:
                    break
        assert total == 300
        assert len(pending) == 200


def test_nothing_admitted_is_the_exception_of_a_provisioned_table():
    with throttled(NO_BURST) as asked:
        table = asked.create("orders", write=1)
        asked.write(table, item("a", 1))
        error = asked.refused(
            "BatchWriteItem", RequestItems={table: [{"PutRequest": {"Item": item("a", 2)}}]}
        )
        assert error.code == "ProvisionedThroughputExceededException"
        assert error.body["message"].startswith("The level of configured provisioned throughput")
        (reason,) = error.body["ThrottlingReasons"]
        assert reason["reason"] == "TableWriteProvisionedThroughputExceeded"
        assert reason["resource"].endswith(":table/orders")


def test_an_index_without_capacity_holds_back_its_table():
    """Two units for the index, five for the table: two items pass, and the reason is the index's.

    An item that does not touch the index is not held back by it.
    """
    with throttled(NO_BURST) as asked:
        table = asked.create("orders", write=5, index=(1, 2))
        with_index = [item("a", number, g={"S": "x"}) for number in range(4)]
        without = [item("b", number) for number in range(3)]
        written, left = asked.write(table, *with_index, *without)
        assert written == 5
        assert left == with_index[2:]
        asked.clock.advance(0.4)  # two units for the table, less than one for the index
        error = asked.refused("PutItem", TableName=table, Item=with_index[3])
        assert error.code == "ProvisionedThroughputExceededException"
        assert "global secondary indexes" in error.body["message"]
        (reason,) = error.body["ThrottlingReasons"]
        assert reason["reason"] == "IndexWriteProvisionedThroughputExceeded"
        assert reason["resource"].endswith(":table/orders/index/by-g")


def test_what_an_index_refuses_costs_its_table_nothing():
    with throttled(NO_BURST) as asked:
        table = asked.create("orders", write=5, index=(1, 1))
        asked.write(table, item("a", 1, g={"S": "x"}))
        for _ in range(10):
            asked.refused("PutItem", TableName=table, Item=item("a", 2, g={"S": "x"}))
        assert asked.write(table, *(item("b", number) for number in range(10)))[0] == 4


def test_an_on_demand_table_begins_with_4000_writes_a_second():
    with throttled(TABLES) as asked:
        table = asked.create("orders")
        written = sum(
            asked.write(table, *(item("a", 25 * batch + each) for each in range(25)))[0]
            for batch in range(200)
        )
        assert written == 4000
        error = asked.refused("PutItem", TableName=table, Item=item("a", 1))
        assert error.code == "ThrottlingException"
        assert error.body["__type"].startswith("com.amazon.coral.availability#")
        assert error.body["message"].startswith("Throughput exceeds the current capacity")
        (reason,) = error.body["throttlingReasons"]
        assert reason["reason"] == "TableWriteKeyRangeThroughputExceeded"


def test_an_on_demand_table_keeps_to_its_maximum():
    with throttled(TABLES) as asked:
        table = asked.create("orders", OnDemandThroughput={"MaxWriteRequestUnits": 7})
        assert asked.write(table, *(item("a", number) for number in range(25)))[0] == 7
        error = asked.refused("PutItem", TableName=table, Item=item("a", 1))
        assert error.body["throttlingReasons"][0]["reason"] == (
            "TableWriteMaxOnDemandThroughputExceeded"
        )
        asked.clock.advance(1)
        assert asked.write(table, *(item("a", number) for number in range(25)))[0] == 7


def test_a_hot_key_is_throttled_while_its_table_is_not():
    """One partition serves 1,000 write units a second, however much the table has provisioned."""
    with throttled(ON) as asked:
        table = asked.create("orders", write=40_000)
        hot = 0
        for batch in range(60):
            hot += asked.write(table, *(item("hot", 25 * batch + each) for each in range(25)))[0]
        assert hot == 1000
        error = asked.refused("PutItem", TableName=table, Item=item("hot", "x"))
        assert error.code == "ProvisionedThroughputExceededException"
        assert error.body["ThrottlingReasons"][0]["reason"] == (
            "TableWriteKeyRangeThroughputExceeded"
        )
        others = [item(f"cold-{number}", 1) for number in range(25)]
        assert asked.write(table, *others)[0] > 15  # all but those that share its partition
        asked.clock.advance(0.5)
        assert asked.write(table, *(item("hot", f"x{each}") for each in range(25)))[0] == 25


def test_reads_come_back_as_unprocessed_keys_with_all_they_came_with():
    with throttled(NO_BURST) as asked:
        table = asked.create("orders", write=100, read=3)
        asked.write(table, *(item("a", number) for number in range(20)))
        request = {
            "Keys": [key("a", number) for number in range(20)],
            "ConsistentRead": False,
            "ProjectionExpression": "#s",
            "ExpressionAttributeNames": {"#s": "s"},
        }
        answer = asked.ask(
            "BatchGetItem", RequestItems={table: request}, ReturnConsumedCapacity="TOTAL"
        )
        assert len(answer["Responses"][table]) == 6  # half a unit each
        assert answer["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 3.0}]
        left = answer["UnprocessedKeys"][table]
        assert left == {**request, "Keys": request["Keys"][6:]}
        error = asked.refused("BatchGetItem", RequestItems={table: left})
        assert error.code == "ProvisionedThroughputExceededException"
        assert error.body["ThrottlingReasons"][0]["reason"] == (
            "TableReadProvisionedThroughputExceeded"
        )


def test_a_missing_key_is_metered_and_throttled_like_any_other():
    with throttled(NO_BURST) as asked:
        table = asked.create("orders", write=10, read=2)
        answer = asked.ask(
            "BatchGetItem", RequestItems={table: {"Keys": [key("no", n) for n in range(9)]}}
        )
        assert len(answer["UnprocessedKeys"][table]["Keys"]) == 5


def test_tables_of_one_batch_are_throttled_each_by_itself():
    """A full table beside an empty one: its items are written, the other's come back."""
    with throttled(NO_BURST) as asked:
        empty, full = asked.create("empty", write=1), asked.create("full", write=50)
        asked.write(empty, item("a", 1))
        puts = [{"PutRequest": {"Item": item("b", number)}} for number in range(10)]
        deletes = [{"DeleteRequest": {"Key": key("b", number)}} for number in range(5)]
        answer = asked.ask(
            "BatchWriteItem",
            RequestItems={full: puts, empty: deletes},
            ReturnConsumedCapacity="TOTAL",
        )
        assert answer["UnprocessedItems"] == {empty: deletes}
        assert answer["ConsumedCapacity"] == [{"TableName": full, "CapacityUnits": 10.0}]


def test_leftovers_keep_the_name_that_the_request_has_for_the_table():
    with throttled(NO_BURST) as asked:
        asked.create("orders", write=1)
        arn = asked.ask("DescribeTable", TableName="orders")["Table"]["TableArn"]
        _, left = asked.write(arn, item("a", 1), item("a", 2))
        assert left == [item("a", 2)]


def test_an_item_larger_than_the_bucket_gets_through_a_full_one():
    """400 KB into a table of one unit: it passes when all that can be saved is there."""
    with throttled(TABLES) as asked:
        table = asked.create("orders", write=1)
        big = item("a", 1, size_bytes=400 * KB)
        assert asked.write(table, big)[0] == 1
        assert asked.write(table, item("a", 2))[0] == 0
        asked.clock.advance(100)
        assert asked.write(table, item("a", 2))[0] == 0  # still in debt
        asked.clock.advance(1)
        assert asked.write(table, item("a", 2))[0] == 1


def test_a_change_of_throughput_counts_from_the_next_request():
    with throttled(NO_BURST) as asked:
        table = asked.create("orders", write=1)
        asked.write(table, item("a", 0))
        asked.ask(
            "UpdateTable",
            TableName=table,
            ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 10},
        )
        assert asked.write(table, *(item("a", number) for number in range(25)))[0] == 0
        asked.clock.advance(1)
        assert asked.write(table, *(item("a", number) for number in range(25)))[0] == 10


def test_throttling_is_switched_while_requests_go_on():
    with throttled(NO_BURST) as asked:
        table = asked.create("orders", write=1)
        many = [item("a", number) for number in range(25)]
        assert asked.write(table, *many)[0] == 1
        asked.database.admission.throttle.configure(Throttling())
        assert asked.write(table, *many)[0] == 25
        asked.database.admission.throttle.configure(NO_BURST)
        assert asked.write(table, *many)[0] == 0


Batch = list[tuple[int, int]]


@settings(max_examples=150, deadline=None)
@given(
    write=st.integers(1, 12),
    index=st.integers(1, 6),
    batches=st.lists(
        st.lists(
            st.tuples(st.integers(0, 40), st.sampled_from([100, 1500, 5000])),
            min_size=1,
            max_size=25,
            unique_by=lambda each: each[0],
        ),
        max_size=8,
    ),
    waits=st.lists(st.sampled_from([0.0, 0.5, 1.0, 3.0]), min_size=8, max_size=8),
)
def test_what_is_returned_was_not_written_and_nothing_exceeds_the_buckets(
    write: int, index: int, batches: list[Batch], waits: list[float]
):
    """The law of leftovers, whatever the sizes, the rhythm and the index.

    A model keeps the table as it must be. The units that the answers report never exceed what the
    table and the index were given, but for one item that is larger than a whole bucket.
    """
    with throttled(Throttling(tables=True, partitions=True, burst_s=2)) as asked:
        table = asked.create("orders", write=write, read=40_000, index=(1, index))
        model: dict[str, dict[str, Any]] = {}
        spent = {"table": 0.0, "index": 0.0}
        elapsed_s = 0.0
        for batch, wait_s in zip(batches, waits, strict=False):
            asked.clock.advance(wait_s)
            elapsed_s += wait_s
            items = [
                item("a", number, size_bytes, **({"g": {"S": "x"}} if number % 2 else {}))
                for number, size_bytes in batch
            ]
            puts = [{"PutRequest": {"Item": each}} for each in items]
            answer = asked.answer(
                "BatchWriteItem", RequestItems={table: puts}, ReturnConsumedCapacity="INDEXES"
            )
            if "__type" in answer:
                assert answer["__type"].endswith("#ProvisionedThroughputExceededException")
                continue
            left = answer["UnprocessedItems"].get(table, [])
            assert len(left) < len(puts)
            model |= {
                put["PutRequest"]["Item"]["s"]["S"]: put["PutRequest"]["Item"]
                for put in puts
                if put not in left
            }
            (consumed,) = answer["ConsumedCapacity"]
            spent["table"] += consumed["Table"]["CapacityUnits"]
            indexes = consumed.get("GlobalSecondaryIndexes", {})
            spent["index"] += indexes.get("by-g", {"CapacityUnits": 0})["CapacityUnits"]
        there = asked.ask("Scan", TableName=table)["Items"]
        assert {each["s"]["S"]: each for each in there} == model
        largest = 5
        assert spent["table"] <= write * (2 + elapsed_s) + largest
        assert spent["index"] <= index * (2 + elapsed_s) + 2 * largest


def test_the_same_requests_at_the_same_times_leave_the_same_over():
    """Byte for byte, twice: nothing in it depends on the machine or the moment."""

    def run() -> list[bytes]:
        with throttled(ON) as asked:
            table = asked.create("orders", write=7, index=(1, 3))
            asked.spend_burst(table)
            return [_step(asked, table, number) for number in range(60)]

    assert run() == run()


def _step(asked: Throttled, table: str, number: int) -> bytes:
    import orjson

    asked.clock.advance(0.3)
    items = [item(f"{each % 3}", number * 25 + each, 900, g={"S": "x"}) for each in range(25)]
    request = {"RequestItems": {table: [{"PutRequest": {"Item": each}} for each in items]}}
    return asked.database.execute("BatchWriteItem", orjson.dumps(request)).body


@pytest.mark.parametrize("name", ["nothing", "ON", ""])
def test_an_unknown_setting_says_which_there_are(name: str):
    from pannier.engine.throttle import named
    from pannier.errors import UserError

    with pytest.raises(UserError, match="on, off or tables"):
        named(name)
