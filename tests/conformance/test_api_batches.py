"""Batches that succeed: many items, few calls; and what a read leaves over above 16 MB."""

import pytest

from tests.conformance.api import Api, Json, delete, put, sized, texts

MIB = 1024 * 1024


def key(name: int | str) -> Json:
    return {"p": {"S": f"{name}"}}


def test_puts_and_deletes_over_several_tables(api: Api):
    """One call, two tables, puts and deletes mixed; a delete of nothing is no error."""
    one, two = api.create("p:S"), api.create("p:S")
    api.put(one, key("old"))
    answer = api.call(
        "BatchWriteItem",
        RequestItems={
            one: [put({**key("new"), "n": {"N": "1"}}), delete(key("old"))],
            two: [put(key("new")), delete(key("never there"))],
        },
    )
    assert answer == {"UnprocessedItems": {}}
    assert api.items("Scan", TableName=one) == [{**key("new"), "n": {"N": "1"}}]
    assert api.items("Scan", TableName=two) == [key("new")]


def test_25_writes_and_100_reads(api: Api):
    """The two limits, which are not the same: 4 calls to write what one call reads."""
    table = api.create("p:S")
    for start in range(0, 100, 25):
        requests = [put(key(n)) for n in range(start, start + 25)]
        assert api.call("BatchWriteItem", RequestItems={table: requests}) == {
            "UnprocessedItems": {}
        }
    answer = api.call("BatchGetItem", RequestItems={table: {"Keys": [key(n) for n in range(100)]}})
    assert answer["UnprocessedKeys"] == {}
    assert sorted(map(int, texts(answer["Responses"][table], "p"))) == list(range(100))


def test_missing_items_are_absent(api: Api):
    """Not null, not an error: a client must look which keys came back. Each table is answered."""
    one, two = api.create("p:S"), api.create("p:S")
    api.put(one, key("there"))
    answer = api.call(
        "BatchGetItem",
        RequestItems={one: {"Keys": [key("there"), key("not")]}, two: {"Keys": [key("not")]}},
    )
    assert answer == {"Responses": {one: [key("there")], two: []}, "UnprocessedKeys": {}}


def test_a_batch_write_is_seen_by_a_consistent_read(api: Api):
    """What was answered is there."""
    table = api.create("p:S")
    for n in range(20):
        api.call("BatchWriteItem", RequestItems={table: [put({**key("a"), "n": {"N": f"{n}"}})]})
        request = {table: {"Keys": [key("a")], "ConsistentRead": True}}
        (item,) = api.call("BatchGetItem", RequestItems=request)["Responses"][table]
        assert item["n"] == {"N": f"{n}"}


@pytest.mark.parametrize(
    "write_request",
    [
        {"PutRequest": {"Item": {"p": {"S": "a"}}}, "DeleteRequest": None},
        {"PutRequest": {"Item": {"p": {"S": "a"}}}, "FutureRequest": {"Key": 1}},
    ],
    ids=["null member", "unknown member"],
)
def test_members_that_say_nothing_are_ignored(api: Api, write_request: Json):
    """Some SDKs write null for what is not there, and newer ones may send what is not known yet.

    AWS's JSON reader skips both, as DynamoDB Local does.
    """
    table = api.create("p:S")
    api.call("BatchWriteItem", RequestItems={table: [write_request]})
    assert api.items("Scan", TableName=table) == [{"p": {"S": "a"}}]


def test_one_table_by_name_and_by_arn(api: Api):
    """The same key through both would be written twice in one batch, so it is a duplicate.

    Not captured on AWS; what matters is that nothing contradictory is stored, indexes and counts
    included.
    """
    table = api.create("p:S")
    arn = api.call("DescribeTable", TableName=table)["Table"]["TableArn"]
    requests = {table: [put(key("a"))], arn: [put(key("a"))]}
    assert api.validation("BatchWriteItem", RequestItems=requests) == (
        "Provided list of item keys contains duplicates"
    )
    assert api.count(table) == 0
    requests = {table: [put(key("a"))], arn: [put(key("b"))]}
    api.call("BatchWriteItem", RequestItems=requests)
    assert api.count(table) == 2
    answer = api.call(
        "BatchGetItem", RequestItems={table: {"Keys": [key("a")]}, arn: {"Keys": [key("b")]}}
    )
    found = [item for items in answer["Responses"].values() for item in items]
    assert sorted(texts(found, "p")) == ["a", "b"]


# --- Above 16 MB, and above 1 MB of one partition ------------------------------------------------

OTHERS = {
    "ConsistentRead": True,
    "ProjectionExpression": "#p, #f",
    "ExpressionAttributeNames": {"#p": "p", "#f": "fill"},
}


def read_in_rounds(api: Api, table: str, keys: list[Json], units: float) -> list[list[str]]:
    """Ask for keys and for what comes back unprocessed until nothing does; the texts of `p`.

    Each leftover carries all other fields of its request, so that it can be sent as it is: forget
    the projection or the consistent read, and the second answer differs from the first.
    """
    pending: Json = {table: {"Keys": keys, **OTHERS}}
    rounds = []
    while pending:
        answer = api.call("BatchGetItem", RequestItems=pending, ReturnConsumedCapacity="TOTAL")
        items = answer["Responses"][table]
        assert items, "a round without progress would never end"
        assert all(item.keys() == {"p", "fill"} for item in items)
        (spent,) = answer["ConsumedCapacity"]
        assert spent["CapacityUnits"] == units * len(items)  # only what was read is paid for
        rounds.append(texts(items, "p"))
        pending = answer["UnprocessedKeys"]
        if pending:
            assert pending.keys() == {table}
            left = pending[table]
            assert {name: left[name] for name in OTHERS} == OTHERS
            assert left.keys() == {"Keys", *OTHERS}
    return rounds


def test_what_does_not_fit_comes_back_unprocessed(api: Api):
    """An answer holds at most 16 MB; the rest of the keys comes back, to be asked for again.

    The table has the throughput of many partitions, so that hardly any has more than 1 MB of this.
    """
    many = {"ReadCapacityUnits": 40_000, "WriteCapacityUnits": 40_000}
    table = api.create("p:S", BillingMode="PROVISIONED", ProvisionedThroughput=many)
    api.put(table, *(sized(200_000, **key(f"{n:02}")) for n in range(90)))
    rounds = read_in_rounds(api, table, [key(f"{n:02}") for n in range(90)], units=49)
    assert len(rounds) > 1
    assert all(len(each) * 200_000 <= 16 * MIB for each in rounds)
    assert sorted(name for each in rounds for name in each) == [f"{n:02}" for n in range(90)]


def test_one_partition_answers_at_most_one_megabyte(api: Api):
    """What one partition has beyond 1 MB comes back, however much room the answer has left.

    That is about size, not about throttling: there is progress in every round, so a client that
    backs off before it asks again waits for nothing.
    """
    table = api.create("p:S s:N")
    items = [sized(390_000 - 3, **key("one")) | {"s": {"N": f"{n}"}} for n in range(1, 8)]
    api.put(table, *items)
    keys = [{"p": item["p"], "s": item["s"]} for item in items]
    rounds = read_in_rounds(api, table, keys, units=96)
    assert [len(each) for each in rounds] == [2, 2, 2, 1]
