"""No request, however malformed, gets a 500, an exception or a half-done change out of the engine.

A 500 tells a client that the service is broken and to try again: for a bad request that is a lie,
and SDKs would retry it for seconds. So every body, of every operation there is, must be answered
200 or with an error of the API that is well formed; and after an error nothing may have changed.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, assume, example, given, settings

from pannier.engine.database import Database
from pannier.engine.operations import OPERATIONS
from tests.engine.reference import call
from tests.engine.requests_of_the_model import ANYTHING, damaged, requests

Json = dict[str, Any]
# More for a long run: PANNIER_FUZZ_EXAMPLES=3000 pytest tests/engine/test_request_fuzz.py
EXAMPLES = int(os.environ.get("PANNIER_FUZZ_EXAMPLES", "15"))
ROUNDS = settings(
    deadline=None,
    max_examples=EXAMPLES,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)

KEY = {"p": {"S": "a"}, "s": {"S": "1"}}
ITEM = {**KEY, "g": {"S": "x"}, "t": {"N": "5"}, "m": {"M": {"b": {"L": [{"SS": ["a"]}]}}}}
VALUES = {":p": {"S": "a"}, ":s": {"S": "0"}}
# Requests that succeed, as places to begin damaging from.
GOOD: dict[str, Json] = {
    "BatchWriteItem": {
        "RequestItems": {
            "tab": [{"PutRequest": {"Item": ITEM}},
                    {"DeleteRequest": {"Key": {**KEY, "s": {"S": "2"}}}}],
            "tab2": [{"PutRequest": {"Item": {"p": {"N": "1"}}}}],
        },
        "ReturnConsumedCapacity": "INDEXES",
        "ReturnItemCollectionMetrics": "SIZE",
    },
    "BatchGetItem": {
        "RequestItems": {
            "tab": {"Keys": [KEY, {**KEY, "s": {"S": "2"}}], "ConsistentRead": True,
                    "ProjectionExpression": "#n, m.b[0]", "ExpressionAttributeNames": {"#n": "t"}},
            "tab2": {"Keys": [{"p": {"N": "1"}}], "AttributesToGet": ["p"]},
        },
        "ReturnConsumedCapacity": "TOTAL",
    },
    "CreateTable": {
        "TableName": "new",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in "psgt"],
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"},
                      {"AttributeName": "s", "KeyType": "RANGE"}],
        "GlobalSecondaryIndexes": [
            {"IndexName": "gsi", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
             "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]}}],
        "LocalSecondaryIndexes": [
            {"IndexName": "lsi", "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"},
                                               {"AttributeName": "t", "KeyType": "RANGE"}],
             "Projection": {"ProjectionType": "KEYS_ONLY", "NonKeyAttributes": None}}],
        "BillingMode": "PAY_PER_REQUEST",
        "Tags": [{"Key": "k", "Value": "v"}],
    },
    "DeleteItem": {"TableName": "tab", "Key": KEY, "ConditionExpression": "t > :s",
                   "ExpressionAttributeValues": {":s": {"N": "0"}}, "ReturnValues": "ALL_OLD"},
    "DeleteTable": {"TableName": "tab2"},
    "DescribeTable": {"TableName": "tab"},
    "GetItem": {"TableName": "tab", "Key": KEY, "ProjectionExpression": "m.b[0], #n",
                "ExpressionAttributeNames": {"#n": "t"}, "ConsistentRead": True},
    "ListTables": {"Limit": 1, "ExclusiveStartTableName": "aaa"},
    "PutItem": {"TableName": "tab", "Item": ITEM, "ConditionExpression": "attribute_exists(#n)",
                "ExpressionAttributeNames": {"#n": "t"}, "ReturnValues": "ALL_OLD",
                "ReturnConsumedCapacity": "INDEXES", "ReturnItemCollectionMetrics": "SIZE"},
    "Query": {"TableName": "tab", "KeyConditionExpression": "p = :p AND s > :s",
              "ExpressionAttributeValues": {**VALUES, ":n": {"N": "1"}},
              "FilterExpression": "t > :n", "ProjectionExpression": "p, m.b", "Limit": 2,
              "ScanIndexForward": False,
              "ExclusiveStartKey": {**KEY, "s": {"S": "5"}}, "Select": "SPECIFIC_ATTRIBUTES"},
    "Scan": {"TableName": "tab", "IndexName": "gsi", "FilterExpression": "begins_with(g, :p)",
             "ExpressionAttributeValues": {":p": {"S": "x"}}, "Segment": 0, "TotalSegments": 2,
             "Limit": 3},
    "UpdateItem": {"TableName": "tab", "Key": KEY, "UpdateExpression": "SET t = t + :n, #m.c = :p",
                   "ExpressionAttributeNames": {"#m": "m"}, "ReturnValues": "UPDATED_NEW",
                   "ExpressionAttributeValues": {":n": {"N": "1"}, ":p": {"S": "a"}}},
}  # fmt: skip


@pytest.fixture
def database() -> Iterator[Database]:
    with Database.in_memory() as database:
        fill(database)
        yield database


def fill(database: Database) -> None:
    """Make the tables `tab`, with an index of each kind, and `tab2`, with something in them."""
    for name in database.catalog.names():
        database.submit("DeleteTable", json.dumps({"TableName": name}).encode())
    definition = {**GOOD["CreateTable"], "TableName": "tab"}
    definition["AttributeDefinitions"] = [
        {"AttributeName": name, "AttributeType": "N" if name == "t" else "S"} for name in "psgt"
    ]
    call(database, "CreateTable", **definition)
    plain = {
        "TableName": "tab2",
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    call(database, "CreateTable", **plain)
    for request in (ITEM, {**ITEM, "s": {"S": "3"}}):
        call(database, "PutItem", TableName="tab", Item=request)
    call(database, "PutItem", TableName="tab2", Item={"p": {"N": "1"}})


def state(database: Database) -> list[tuple[bytes, bytes]]:
    """Everything that is stored, with counts, and what is shown of every table."""
    stored = list(database.store.range(b"", b"\xff" * 8))
    shown = []
    for name in database.catalog.names():
        request = json.dumps({"TableName": name}).encode()
        shown.append((name.encode(), database.submit("DescribeTable", request).body))
    return stored + shown


def check_answer(database: Database, operation: str, body: bytes) -> int:
    """Submit a body; whatever it is, the answer must be one that the API could give."""
    before = state(database)
    answer = database.submit(operation, body)
    assert answer.status in (200, 400), (operation, body, answer)
    shown = json.loads(answer.body or b"{}")  # a few operations answer nothing at all
    assert isinstance(shown, dict)
    if answer.status == 400:
        assert shown["__type"].rpartition("#")[2].endswith("Exception"), (operation, body, shown)
        assert state(database) == before, (operation, body, shown)
    else:
        check_counts(database)
    return answer.status


def check_counts(database: Database) -> None:
    """The counts of every table and index are those of what a scan finds."""
    for name in database.catalog.names():
        table = call(database, "DescribeTable", TableName=name)["Table"]
        indexes = [
            *table.get("GlobalSecondaryIndexes", []), *table.get("LocalSecondaryIndexes", [])
        ]  # fmt: skip
        for each in (table, *indexes):
            request = {"TableName": name, "Select": "COUNT"}
            if "IndexName" in each:
                request["IndexName"] = each["IndexName"]
            assert call(database, "Scan", **request)["Count"] == each["ItemCount"], each


@pytest.mark.parametrize("operation", sorted(GOOD))
def test_the_good_requests_are_good(database: Database, operation: str):
    """Otherwise the damage below would begin behind the first check already."""
    assert check_answer(database, operation, json.dumps(GOOD[operation]).encode()) == 200


# One of each JSON type, and what tends to break programs: emptiness, halves, huge numbers, depth.
ODD: list[Any] = [
    None, True, 0, -1, 1.5, 10**25, "", "text", [], {}, [None], [{}], {"a": None}, {"S": "a"},
    {"N": 1}, {"M": {"a": {"L": [{"S": []}]}}}, [[[[]]]],
]  # fmt: skip


def replaced_everywhere(node: Any) -> Iterator[Any]:
    """A request with each of its parts, at every depth, replaced by each odd value, or removed."""
    yield from ODD
    if isinstance(node, dict):
        for member, content in node.items():
            yield {other: each for other, each in node.items() if other != member}
            for damaged_content in replaced_everywhere(content):
                yield {**node, member: damaged_content}
            yield {**node, "Unknown": content}
    elif isinstance(node, list):
        for position, content in enumerate(node):
            for damaged_content in replaced_everywhere(content):
                yield [*node[:position], damaged_content, *node[position + 1 :]]
            yield [*node, content]


@pytest.mark.parametrize("operation", sorted(GOOD))
def test_every_part_replaced_by_every_json_type(database: Database, operation: str):
    """Wrong JSON types at every depth, one at a time, and every member left out once."""
    for request in replaced_everywhere(GOOD[operation]):
        if check_answer(database, operation, json.dumps(request).encode()) == 200:
            fill(database)


@pytest.mark.parametrize("operation", sorted(GOOD))
def test_damaged_requests(database: Database, operation: str):
    """Good requests with one or two places replaced by any JSON."""

    @ROUNDS
    @given(damaged(GOOD[operation]))
    def run(request: Any) -> None:
        if "tab" not in database.catalog.names() or "tab2" not in database.catalog.names():
            fill(database)
        check_answer(database, operation, json.dumps(request).encode())

    run()


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_requests_of_the_service_model(database: Database, operation: str):
    """Any well-typed request of any operation, also those that this module does not know."""

    @ROUNDS
    @given(requests(operation))
    def run(request: Any) -> None:
        if "tab" not in database.catalog.names():
            fill(database)
        check_answer(database, operation, json.dumps(request).encode())

    run()


@ROUNDS
@given(st.sampled_from(sorted(OPERATIONS)), st.one_of(st.binary(max_size=40), ANYTHING))
@example("PutItem", b"")
@example("PutItem", b"\xff\xfe{}")
@example("PutItem", b'{"TableName":"tab","Item":{"p":{"S":"\xc3("}}}')
@example("PutItem", b'{"TableName":"tab","Item":{"p":{"S":"\\ud800"},"s":{"S":"1"}}}')
@example("PutItem", b'{"TableName":"tab","Item":{"p":{"S":"a"},"s":{"S":"1"},"b":{"B":"*"}}}')
@example("GetItem", b'{"TableName":"tab","TableName":7,"Key":{}}')
@example("BatchGetItem", b"[" * 100_000)
@example("Scan", b'{"TableName":"tab","Limit":1e400}')
@example("Scan", b'{"TableName":"tab","Limit":NaN}')
def test_bodies_that_are_no_request(database: Database, operation: str, body: Any):
    """Broken JSON, broken UTF-8, half surrogates, broken base64, no object at all."""
    check_answer(
        database, operation, body if isinstance(body, bytes) else json.dumps(body).encode()
    )


def nested(depth: int, innermost: Any) -> Any:
    value = innermost
    for level in range(depth):
        value = {"M": {"a": value}} if level % 2 else {"L": [value]}
    return value


@pytest.mark.parametrize("depth", [30, 33, 100, 300, 500, 5000])
@pytest.mark.parametrize("innermost", [{"S": "a"}, {"S": 1}, 7], ids=["good", "type", "scalar"])
@pytest.mark.parametrize(
    "operation", ["PutItem", "BatchWriteItem", "BatchGetItem", "Query", "GetItem"]
)
def test_values_nested_deeper_than_pythons_stack(
    database: Database, operation: str, innermost: Any, depth: int
):
    """JSON may nest deeper than a recursive program can follow; it is answered all the same."""
    text = '{"L":[{"M":{"a":' * (depth // 2) + json.dumps(innermost) + "}}]}" * (depth // 2)
    request = {
        "PutItem": '{"TableName":"tab","Item":{"p":{"S":"d"},"s":{"S":"1"},"d":%s}}',
        "BatchWriteItem": '{"RequestItems":{"tab":[{"PutRequest":{"Item":'
        '{"p":{"S":"d"},"s":{"S":"1"},"d":%s}}}]}}',
        "Query": '{"TableName":"tab","KeyConditionExpression":"p = :p",'
        '"ExpressionAttributeValues":{":p":%s}}',
        "GetItem": '{"TableName":"tab","Key":{"p":%s,"s":{"S":"1"}}}',
        "BatchGetItem": '{"RequestItems":{"tab":{"Keys":[{"p":%s,"s":{"S":"1"}}]}}}',
    }[operation]
    check_answer(database, operation, (request % text).encode())


@pytest.mark.parametrize(
    "request_items",
    [
        {"tab": [{"PutRequest": {"Item": {"p": nested(200, {"S": "a"})}}}] * 26},
        {"tab": nested(200, {"S": "a"})},
        {"x" * 100_000: []},
    ],
    ids=["too many deep ones", "deep in the wrong place", "long name"],
)
def test_texts_that_repeat_the_request(database: Database, request_items: Any):
    """Constraint texts print the value that is wrong, however it looks."""
    assert (
        check_answer(
            database, "BatchWriteItem", json.dumps({"RequestItems": request_items}).encode()
        )
        == 400
    )


@given(st.text(max_size=30))
@settings(deadline=None)
def test_operations_that_do_not_exist(operation: str):
    """An unknown target is an error of the client, too."""
    assume(operation not in OPERATIONS)
    with Database.in_memory() as database:
        answer = database.submit(operation, b"{}")
    assert answer.status == 400
    assert json.loads(answer.body)["__type"].endswith("#UnknownOperationException")
