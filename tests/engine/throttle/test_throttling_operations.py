"""Every operation on items under throttling, and what it costs when it fails."""

from typing import Any

import pytest
from throttled import KB, Throttled, item, key, throttled

from pannier.engine.throttle import ON, Throttling

NO_BURST = Throttling(tables=True, burst_s=0)
PROVISIONED = "ProvisionedThroughputExceededException"


def units_left(asked: Throttled, kind: str, index: str | None = None) -> float:
    """What is in the bucket of the only table, or of its index."""
    (found,) = [
        each
        for each in asked.database.admission.throttle.describe(asked.database.catalog)
        if each["index"] == index
    ]
    (bucket,) = found[kind]
    units: float = bucket["units"]
    return units


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("PutItem", {"Item": item("a", 1)}),
        ("DeleteItem", {"Key": key("a", 1)}),
        (
            "UpdateItem",
            {
                "Key": key("a", 1),
                "UpdateExpression": "SET n = :n",
                "ExpressionAttributeValues": {":n": {"N": "1"}},
            },
        ),
        ("GetItem", {"Key": key("a", 1)}),
        (
            "Query",
            {
                "KeyConditionExpression": "p = :p",
                "ExpressionAttributeValues": {":p": {"S": "a"}},
            },
        ),
        ("Scan", {}),
    ],
)
def test_every_operation_on_items_is_throttled(operation: str, request_: dict[str, Any]):
    """A unit of each kind, spent on the first request: the second is refused, nothing changes."""
    with throttled(NO_BURST) as asked:
        table = asked.create("orders", write=1, read=1)
        asked.ask("PutItem", TableName=table, Item=item("b", 1))
        asked.ask("GetItem", TableName=table, Key=key("b", 1), ConsistentRead=True)
        before = asked.database.catalog.table(table).describe()
        assert asked.refused(operation, TableName=table, **request_).code == PROVISIONED
        assert asked.database.catalog.table(table).describe() == before
        asked.clock.advance(1)
        asked.ask(operation, TableName=table, **request_)


def test_a_false_condition_costs_what_the_item_would():
    """AWS charges the attempt: the size of the item that is there, or one unit for none."""
    with throttled(NO_BURST) as asked:
        table = asked.create("orders", write=20)
        asked.ask("PutItem", TableName=table, Item=item("a", 1, 5 * KB))
        assert units_left(asked, "write") == 15
        for place, cost in ((key("a", 1), 5), (key("none", 1), 1)):
            before = units_left(asked, "write")
            error = asked.refused(
                "DeleteItem",
                TableName=table,
                Key=place,
                ConditionExpression="attribute_exists(nowhere)",
            )
            assert error.code == "ConditionalCheckFailedException"
            assert before - units_left(asked, "write") == cost


def test_a_page_passes_if_anything_is_left_and_leaves_a_debt():
    """What a query costs is known once it is read: the next ones wait until the debt is paid."""
    with throttled(NO_BURST) as asked:
        table = asked.create("orders", write=1000, read=10)
        for number in range(10):
            asked.ask("PutItem", TableName=table, Item=item("a", number, 20 * KB))
        answer = asked.ask("Scan", TableName=table, ReturnConsumedCapacity="TOTAL")
        assert answer["ConsumedCapacity"]["CapacityUnits"] == 25
        assert units_left(asked, "read") == -15
        asked.clock.advance(1.5)
        assert asked.refused("Scan", TableName=table).code == PROVISIONED
        asked.clock.advance(0.1)
        asked.ask("Scan", TableName=table)


def test_a_query_of_an_index_spends_what_the_index_has():
    with throttled(NO_BURST) as asked:
        table = asked.create("orders", write=100, read=100, index=(1, 100))
        asked.ask("PutItem", TableName=table, Item=item("a", 1, g={"S": "x"}))
        query = {
            "IndexName": "by-g",
            "KeyConditionExpression": "g = :g",
            "ExpressionAttributeValues": {":g": {"S": "x"}},
        }
        asked.ask("Query", TableName=table, **query)
        asked.ask("Query", TableName=table, **query)
        error = asked.refused("Query", TableName=table, **query)
        (reason,) = error.body["ThrottlingReasons"]
        assert reason["reason"] == "IndexReadProvisionedThroughputExceeded"
        assert units_left(asked, "read") == 100


def test_a_query_of_a_hot_partition_is_throttled_but_a_scan_is_not():
    """A page of one partition key spends what its partition has; a scan spreads over all."""
    with throttled(ON) as asked:
        table = asked.create("orders", write=40_000, read=40_000)
        for number in range(4):
            asked.ask("PutItem", TableName=table, Item=item("hot", number, 350 * KB))
            asked.clock.advance(1)
        query = {
            "KeyConditionExpression": "p = :p",
            "ExpressionAttributeValues": {":p": {"S": "hot"}},
            "ConsistentRead": True,
        }
        answers = [
            asked.answer("Query", TableName=table, **query) for _ in range(13)
        ]  # 264 units each
        refused = [answer for answer in answers if "__type" in answer]
        assert len(refused) == 1
        assert refused[0]["ThrottlingReasons"][0]["reason"] == (
            "TableReadKeyRangeThroughputExceeded"
        )
        asked.ask("Scan", TableName=table)


def test_a_transaction_is_throttled_as_a_whole():
    """Each action that lacks capacity gives its reason; nothing is written and nothing spent."""
    with throttled(NO_BURST) as asked:
        table = asked.create("orders", write=5)
        actions = [{"Put": {"TableName": table, "Item": item("a", number)}} for number in range(3)]
        error = asked.refused("TransactWriteItems", TransactItems=actions)
        assert error.code == "TransactionCanceledException"
        codes = [reason["Code"] for reason in error.body["CancellationReasons"]]
        assert codes == ["None", "None", "ProvisionedThroughputExceeded"]
        assert units_left(asked, "write") == 5
        asked.ask("TransactWriteItems", TransactItems=actions[:2])
        assert units_left(asked, "write") == 1


def test_a_transaction_on_demand_names_a_throttling_error():
    with throttled(NO_BURST) as asked:
        table = asked.create("orders", OnDemandThroughput={"MaxReadRequestUnits": 3})
        gets = [{"Get": {"TableName": table, "Key": key("a", number)}} for number in range(2)]
        error = asked.refused("TransactGetItems", TransactItems=gets)
        codes = [reason["Code"] for reason in error.body["CancellationReasons"]]
        assert codes == ["None", "ThrottlingError"]
        asked.ask("TransactGetItems", TransactItems=gets[:1])


def test_statements_are_throttled_each_by_itself():
    """A batch of statements answers the ones that passed, and an error for each that did not."""
    with throttled(NO_BURST) as asked:
        table = asked.create("orders", write=2, read=1)
        insert = f"INSERT INTO \"{table}\" VALUE {{'p': 'a', 's': '%s'}}"
        answer = asked.ask(
            "BatchExecuteStatement", Statements=[{"Statement": insert % n} for n in range(4)]
        )
        codes = [each.get("Error", {}).get("Code") for each in answer["Responses"]]
        assert codes == [None, None, *["ProvisionedThroughputExceeded"] * 2]
        select = f"SELECT * FROM \"{table}\" WHERE p = 'a' AND s = '%s'"
        answer = asked.ask(
            "BatchExecuteStatement", Statements=[{"Statement": select % n} for n in range(4)]
        )
        codes = [each.get("Error", {}).get("Code") for each in answer["Responses"]]
        assert codes == [None, None, *["ProvisionedThroughputExceeded"] * 2]
        error = asked.refused("ExecuteStatement", Statement=select % 1)
        assert error.code == PROVISIONED


def test_the_state_of_all_buckets_can_be_looked_at():
    with throttled(ON) as asked:
        asked.create("one", write=10, read=20, index=(3, 4))
        asked.create("two")
        asked.write("one", item("a", 1), item("a", 2, g={"S": "x"}))
        shown = asked.database.admission.throttle.describe(asked.database.catalog)
        assert [(each["table"], each["index"]) for each in shown] == [
            ("one", None),
            ("one", "by-g"),
            ("two", None),
        ]
        one, index, two = shown
        assert one["write"] == [
            {
                "limit": "ProvisionedThroughput",
                "units_per_s": 10,
                "units_max": 3000,
                "units": 2998,
            }
        ]
        assert index["write"][0]["units"] == 1199
        assert {each["limit"] for each in two["read"]} == {"KeyRangeThroughput", "AccountLimit"}
        assert len(two["partitions"]) == 4
        assert [each["write_units_left"] for each in one["partitions"]] == [998]
