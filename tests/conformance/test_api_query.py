"""Query: one partition key, in the order of the sort key, forwards and backwards, in pages."""

import itertools
from base64 import b64decode
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.conformance.api import Api, Json, sized, texts

NO_TABLE = "pannier-test-no-such-table"

# Sort key values in DynamoDB's order: texts by their UTF-8 bytes (so that U+FFFF comes before the
# emoji, which UTF-16 would sort the other way), numbers by value, binaries as unsigned bytes.
ORDERED = {
    "S": ["\0", "\0\0", "\0a", "A", "a", "a\0", "a\0b", "aa", "ab", "b", "z", "é", "\uffff", "😀"],
    "N": ["-100000000000000000000", "-100", "-99.5", "-1", "-0.001", "0", "0.0005", "0.5", "1",
          "2", "10", "99", "100", "100000000000000000000.5"],
    "B": ["AA==", "AAA=", "AAE=", "AQ==", "YQ==", "YQA=", "YWI=", "Yg==", "fw==", "gA==", "/w==",
          "/wA=", "//8="],  # 00, 0000, 0001, 01, a, a00, ab, b, 7F, 80, FF, FF00, FFFF
}  # fmt: skip
# Values that no item has, between those that are there.
ABSENT = {"S": ["a\0a", "aaa", "zz"], "N": ["-50", "0.0001", "1.5"], "B": ["AAB6", "YXo=", "/gA="]}


def sorting(kind: str, content: str) -> Any:
    """What Python may compare to get DynamoDB's order."""
    if kind == "N":
        return Decimal(content)
    return b64decode(content) if kind == "B" else content.encode()


def starts_with(kind: str) -> Callable[[str, str], bool]:
    def check(content: str, prefix: str) -> bool:
        return bool(sorting(kind, content).startswith(sorting(kind, prefix)))

    return check


COMPARISONS = {
    "=": lambda one, two: one == two,
    "<": lambda one, two: one < two,
    "<=": lambda one, two: one <= two,
    ">": lambda one, two: one > two,
    ">=": lambda one, two: one >= two,
}


@pytest.fixture(scope="module", params=["S", "N", "B"])
def sorted_table(request: pytest.FixtureRequest, connected: Api) -> Iterator[tuple[str, str]]:
    """A table whose sort key has one of the three types, with its values in two partitions."""
    kind = request.param
    table = connected.create(f"p:S s:{kind}")
    connected.tables.remove(table)
    for partition in ("one", "another"):
        items = [{"p": {"S": partition}, "s": {kind: content}} for content in ORDERED[kind]]
        connected.put(table, *items[1::2], *items[0::2])
    yield kind, table
    connected.call("DeleteTable", TableName=table)


def ask(
    api: Api, table: str, condition: str, values: dict[str, Json], *, forward: bool, **members: Any
) -> list[str]:
    """The sort key values of all pages of a query in partition `one`."""
    items = api.items(
        "Query",
        TableName=table,
        KeyConditionExpression=f"p = :p{' AND ' if condition else ''}{condition}",
        ExpressionAttributeValues={":p": {"S": "one"}, **values},
        ScanIndexForward=forward,
        **members,
    )
    return texts(items, "s")


@pytest.mark.parametrize("forward", [True, False], ids=["forward", "backward"])
@pytest.mark.parametrize("operator", COMPARISONS)
def test_comparisons(api: Api, sorted_table: tuple[str, str], operator: str, *, forward: bool):
    """Each comparison, with every value there is and some there are not, in both directions."""
    kind, table = sorted_table
    compare = COMPARISONS[operator]
    for probe in ORDERED[kind] + ABSENT[kind]:
        expected = [
            each for each in ORDERED[kind] if compare(sorting(kind, each), sorting(kind, probe))
        ]
        found = ask(api, table, f"s {operator} :s", {":s": {kind: probe}}, forward=forward)
        assert found == (expected if forward else expected[::-1]), probe


@pytest.mark.parametrize("forward", [True, False], ids=["forward", "backward"])
def test_between(api: Api, sorted_table: tuple[str, str], *, forward: bool):
    """Both bounds belong to it."""
    kind, table = sorted_table
    probes = sorted(ORDERED[kind] + ABSENT[kind], key=lambda each: sorting(kind, each))
    for low, high in itertools.combinations_with_replacement(probes[::2], 2):
        expected = [
            each
            for each in ORDERED[kind]
            if sorting(kind, low) <= sorting(kind, each) <= sorting(kind, high)
        ]
        values = {":low": {kind: low}, ":high": {kind: high}}
        found = ask(api, table, "s BETWEEN :low AND :high", values, forward=forward)
        assert found == (expected if forward else expected[::-1]), (low, high)


@pytest.mark.parametrize("forward", [True, False], ids=["forward", "backward"])
def test_begins_with(api: Api, sorted_table: tuple[str, str], *, forward: bool):
    """Texts and binaries; AWS refuses it for numbers."""
    kind, table = sorted_table
    if kind == "N":
        request: Json = {
            "TableName": table,
            "KeyConditionExpression": "p = :p AND begins_with(s, :s)",
            "ExpressionAttributeValues": {":p": {"S": "one"}, ":s": {"N": "1"}},
        }
        assert api.validation("Query", request) == (
            "Invalid KeyConditionExpression: Incorrect operand type for operator or function; "
            "operator or function: begins_with, operand type: N"
        )
        return
    begins = starts_with(kind)
    for prefix in ORDERED[kind] + ABSENT[kind]:
        expected = [each for each in ORDERED[kind] if begins(each, prefix)]
        found = ask(api, table, "begins_with(s, :s)", {":s": {kind: prefix}}, forward=forward)
        assert found == (expected if forward else expected[::-1]), prefix


@pytest.mark.parametrize("limit", [1, 2, 5, 14, 100])
@pytest.mark.parametrize("forward", [True, False], ids=["forward", "backward"])
def test_pages_by_limit(api: Api, sorted_table: tuple[str, str], limit: int, *, forward: bool):
    """`Limit` items a page, each once, none twice.

    A page that `Limit` ended carries LastEvaluatedKey, even if nothing follows: AWS does not look
    ahead. So a client must not take the key for a promise of more.
    """
    kind, table = sorted_table
    request: Json = {
        "TableName": table,
        "KeyConditionExpression": "p = :p",
        "ExpressionAttributeValues": {":p": {"S": "one"}},
        "ScanIndexForward": forward,
        "Limit": limit,
    }
    pages = list(api.pages("Query", **request))
    found = [content for page in pages for content in texts(page["Items"], "s")]
    assert found == (ORDERED[kind] if forward else ORDERED[kind][::-1])
    for page in pages[:-1]:
        assert page["Count"] == page["ScannedCount"] == limit
        assert page["LastEvaluatedKey"] == page["Items"][-1]
    assert pages[-1]["Count"] < limit


def test_start_keys_need_not_exist(api: Api, sorted_table: tuple[str, str]):
    """A start key is a position: the item may have been deleted since, or never been there."""
    kind, table = sorted_table
    for content in ABSENT[kind]:
        start = {"p": {"S": "one"}, "s": {kind: content}}
        for forward in (True, False):
            items = api.call(
                "Query",
                TableName=table,
                KeyConditionExpression="p = :p",
                ExpressionAttributeValues={":p": {"S": "one"}},
                ScanIndexForward=forward,
                ExclusiveStartKey=start,
            )["Items"]
            after = [
                each
                for each in ORDERED[kind]
                if (sorting(kind, each) > sorting(kind, content)) == forward
            ]
            assert texts(items, "s") == (after if forward else after[::-1])


@pytest.fixture(scope="module")
def table(connected: Api) -> Iterator[str]:
    """Ten items in one partition, `s` from 0 to 9, `even` true or false."""
    table = connected.create("p:S s:N")
    connected.tables.remove(table)
    items = [
        {"p": {"S": "one"}, "s": {"N": str(n)}, "even": {"BOOL": n % 2 == 0}} for n in range(10)
    ]
    connected.put(table, *items)
    yield table
    connected.call("DeleteTable", TableName=table)


def query(api: Api, table: str, **members: Any) -> Json:
    values = {":p": {"S": "one"}, **members.pop("values", {})}
    return {
        "TableName": table,
        "KeyConditionExpression": "p = :p",
        "ExpressionAttributeValues": values,
        **members,
    }


def test_a_filter_comes_after_the_page(api: Api, table: str):
    """`Limit` counts what is read, not what passes: a page may come back empty and not be the last.

    Count is what passed, ScannedCount what was read; the second is what is paid for.
    """
    request = query(
        api, table, FilterExpression="even = :e", values={":e": {"BOOL": True}}, Limit=3
    )
    pages = list(api.pages("Query", **request))
    assert [page["Count"] for page in pages] == [2, 1, 2, 0]
    assert [page["ScannedCount"] for page in pages] == [3, 3, 3, 1]
    assert [texts(page["Items"], "s") for page in pages] == [["0", "2"], ["4"], ["6", "8"], []]
    assert [page.get("LastEvaluatedKey", {}).get("s") for page in pages] == [
        {"N": "2"}, {"N": "5"}, {"N": "8"}, None,
    ]  # fmt: skip


def test_a_filter_may_not_name_the_key(api: Api, table: str):
    """Conditions on the key belong into the key condition."""
    request = query(api, table, FilterExpression="s > :s", values={":s": {"N": "1"}})
    assert api.validation("Query", request) == (
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: s"
    )


def test_count_only(api: Api, table: str):
    """Select COUNT answers numbers without items, which is cheaper on the wire, not in units."""
    answer = api.call("Query", query(api, table, Select="COUNT"))
    assert answer == {"Count": 10, "ScannedCount": 10}


def test_an_empty_partition(api: Api, table: str):
    """No items is no error."""
    answer = api.call("Query", query(api, table, values={":p": {"S": "nobody"}}))
    assert answer == {"Items": [], "Count": 0, "ScannedCount": 0}


@pytest.mark.parametrize(
    ("members", "text"),
    [
        (
            {"KeyConditionExpression": None, "ExpressionAttributeValues": None},
            (
                "Either the KeyConditions or KeyConditionExpression parameter must be specified "
                "in the request."
            ),
        ),
        (
            {"KeyConditionExpression": "s = :p"},
            "Query condition missed key schema element: p",
        ),
        (
            {"KeyConditionExpression": "p > :p"},
            "Query key condition not supported",
        ),
        (
            {"values": {":p": {"N": "1"}}},
            (
                "One or more parameter values were invalid: "
                "Condition parameter type does not match schema type"
            ),
        ),
        (
            {"Select": "SPECIFIC_ATTRIBUTES"},
            (
                "Must specify the AttributesToGet or ProjectionExpression "
                "when choosing to get SPECIFIC_ATTRIBUTES"
            ),
        ),
        (
            {"Select": "COUNT", "ProjectionExpression": "s"},
            "Cannot specify the ProjectionExpression when choosing to get only the Count",
        ),
        (
            {"Select": "ALL_ATTRIBUTES", "ProjectionExpression": "s"},
            "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES",
        ),
        (
            {"Select": "ALL_PROJECTED_ATTRIBUTES"},
            "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
        ),
        (
            {"IndexName": "nowhere"},
            "The table does not have the specified index: nowhere",
        ),
        (
            {"Limit": 0},
            (
                "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: "
                "Member must have value greater than or equal to 1"
            ),
        ),
    ],
)
def test_what_a_query_must_say(api: Api, table: str, members: Json, text: str):
    """Equality on the partition key is the one thing that a query cannot do without."""
    assert api.validation("Query", query(api, table, **members)) == text


@pytest.mark.parametrize(
    ("members", "start", "text"),
    [
        ({}, {"p": {"S": "one"}}, "The provided starting key is invalid"),
        (
            {},
            {"p": {"S": "one"}, "s": {"N": "1"}, "even": {"BOOL": True}},
            "The provided starting key is invalid",
        ),
        ({}, {"p": {"S": "one"}, "s": {"S": "1"}}, "The provided starting key is invalid"),
        (
            {},
            {"p": {"S": "another"}, "s": {"N": "1"}},
            "The provided starting key is outside query boundaries based on provided conditions",
        ),
        (
            {"KeyConditionExpression": "p = :p AND s > :s", "values": {":s": {"N": "5"}}},
            {"p": {"S": "one"}, "s": {"N": "1"}},
            "The provided starting key does not match the range key predicate",
        ),
    ],
    ids=["incomplete", "too much", "wrong type", "other partition", "outside the condition"],
)
def test_start_keys_are_checked(api: Api, table: str, members: Json, start: Json, text: str):
    """A start key from another query would silently skip or repeat items, so AWS refuses it.

    Texts as users pasted them from the service: aws-sdk-ruby#2456, pynamodb#50, floci#3322.
    """
    request = query(api, table, ExclusiveStartKey=start, **members)
    assert api.validation("Query", request) == text


def test_unknown_table(api: Api):
    assert api.error("Query", query(api, NO_TABLE)) == (
        "ResourceNotFoundException",
        "Requested resource not found",
    )


def test_pages_of_1_mb(api: Api):
    """A page ends with the item that brings it to 1 MB; a filter does not make it longer.

    That this item still belongs to the page is what a public measurement on AWS shows: with items
    of 1,042 bytes every full page cost 128.5 units, which is 1,007 items, where 1,006 would fit
    (dbi-services.com, "DynamoDB Scan (and why 128.5 RCU?)").
    """
    table = api.create("p:S s:N")
    size_bytes = 100_000  # 10 items are below 1 MB, 11 above
    key = {"p": {"S": "one"}}
    # The sort key counts its name and 2 bytes for a number of one or two digits.
    items = [{**sized(size_bytes - 3, **key), "s": {"N": str(n)}} for n in range(1, 25)]
    api.put(table, *items)
    for members in ({}, {"FilterExpression": "attribute_not_exists(fill)"}):
        pages = list(
            api.pages("Query", **query(api, table, ReturnConsumedCapacity="TOTAL"), **members)
        )
        assert [page["ScannedCount"] for page in pages] == [11, 11, 2]
        assert [page["Count"] for page in pages] == ([0, 0, 0] if members else [11, 11, 2])
        units = [page["ConsumedCapacity"]["CapacityUnits"] for page in pages]
        assert units == [269 / 2, 269 / 2, 49 / 2]  # 1,100,000 and 200,000 bytes, by 4,096


def test_through_boto3s_paginator(api: Api, table: str):
    """Paginators of SDKs follow LastEvaluatedKey by themselves."""
    paginator = api.boto3.get_paginator("query")
    request = query(api, table, PaginationConfig={"PageSize": 4})
    items = [item for page in paginator.paginate(**request) for item in page["Items"]]
    assert texts(items, "s") == [str(n) for n in range(10)]
