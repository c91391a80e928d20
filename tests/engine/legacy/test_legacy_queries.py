"""KeyConditions, QueryFilter, ScanFilter: Query and Scan as they were before expressions."""

from typing import Any

import pytest

from tests.engine.legacy.legacy_asking import BOUNDS, INVALID, OPERATORS, Json, Things, is_, n, s

P = is_("EQ", s("p"))
NOT_SUPPORTED = "Query key condition not supported"
NOT_INDEXABLE = "Attempted conditional constraint is not an indexable operation"
EMPTY_KEY = (
    "One or more parameter values are not valid. The AttributeValue for a key attribute "
    "cannot contain an empty string value. Key: h"
)
TYPE = INVALID + "Condition parameter type does not match schema type"


@pytest.fixture(scope="module")
def things() -> Things:
    """Five items in one partition; the odd ones are in the indexes."""
    things = Things()
    for number in range(1, 6):
        item = {"h": s("p"), "r": n(number), "a": n(number * 10), "b": s(f"b{number}")}
        if number % 2:
            item |= {"g": s("g"), "l": s("l" * number)}
        assert things.ask("PutItem", Item=item) == {}
    return things


def numbers(things: Things, **request: Any) -> list[int]:
    answer = things.ask("Query", **request)
    return [int(item["r"]["N"]) for item in answer["Items"]]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, [1, 2, 3, 4, 5]),
        (is_("EQ", n(3)), [3]),
        (is_("LE", n(2)), [1, 2]),
        (is_("LT", n(2)), [1]),
        (is_("GE", n(4)), [4, 5]),
        (is_("GT", n(4)), [5]),
        (is_("BETWEEN", n(2), n("3.5")), [2, 3]),
    ],
)
def test_key_conditions_of_a_table(
    things: Things, condition: Json | None, expected: list[int]
) -> None:
    conditions = {"h": P, **({"r": condition} if condition else {})}
    assert numbers(things, KeyConditions=conditions) == expected
    backwards = numbers(things, KeyConditions=conditions, ScanIndexForward=False)
    assert backwards == expected[::-1]


def test_key_conditions_of_indexes(things: Things) -> None:
    local = {"h": P, "l": is_("BEGINS_WITH", s("lll"))}
    assert numbers(things, IndexName="by_l", KeyConditions=local) == [3, 5]
    of_global = {"g": is_("EQ", s("g")), "l": is_("LT", s("lll"))}
    assert numbers(things, IndexName="by_g", KeyConditions=of_global) == [1]


def test_pages_go_on_where_they_ended(things: Things) -> None:
    seen: list[int] = []
    start: Json = {}
    while True:
        answer = things.ask("Query", KeyConditions={"h": P}, Limit=2, **start)
        seen += [int(item["r"]["N"]) for item in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            break
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    assert seen == [1, 2, 3, 4, 5]


def test_key_conditions_may_stand_beside_a_filter_expression(things: Things) -> None:
    """The one mixture that the service takes (captured): object mappers in transition use it."""
    request: Json = {
        "KeyConditions": {"h": P},
        "FilterExpression": "a > :a",
        "ProjectionExpression": "r",
        "ExpressionAttributeValues": {":a": n(30)},
    }
    assert numbers(things, **request) == [4, 5]


@pytest.mark.parametrize(
    ("conditions", "text"),
    [
        ({}, "Conditions can be of length 1 or 2 only"),
        ({"h": P, "r": is_("EQ", n(1)), "x": P}, "Conditions can be of length 1 or 2 only"),
        ({"h": P, "x": P}, "Query condition missed key schema element: r"),
        ({"r": is_("EQ", n(1))}, "Query condition missed key schema element: h"),
        ({"h": is_("EQ", n(1))}, TYPE),
        ({"h": P, "r": is_("EQ", s("1"))}, TYPE),
        ({"h": is_("EQ", {"SS": ["p"]})}, TYPE),
        ({"h": P, "r": is_("BEGINS_WITH", s("1"))}, TYPE),
        (
            {"h": P, "r": is_("BEGINS_WITH", n(1))},
            INVALID + "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type",
        ),
        (
            {"h": is_("EQ")},
            INVALID + "Invalid number of argument(s) for the EQ ComparisonOperator",
        ),
        (
            {"h": P, "r": is_("BETWEEN", n(2), n(1))},
            BOUNDS,
        ),
        (
            {"h": is_("EQ", s(""))},
            EMPTY_KEY,
        ),
    ],
)
def test_key_conditions_that_are_no_good(things: Things, conditions: Json, text: str) -> None:
    assert things.complaint("Query", KeyConditions=conditions) == text


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_key_takes_no_condition_that_needs_a_walk(things: Things, operator: str) -> None:
    """The partition takes EQ alone, the sort key what is a range of it."""
    values = {"NULL": 0, "NOT_NULL": 0, "BETWEEN": 2}.get(operator, 1)
    if operator != "EQ":
        conditions = {"h": is_(operator, *[s("p")] * values)}
        assert things.complaint("Query", KeyConditions=conditions) == NOT_SUPPORTED
    if operator in ("NE", "IN", "CONTAINS", "NOT_CONTAINS", "NULL", "NOT_NULL"):
        conditions = {"h": P, "r": is_(operator, *[n(1)] * values)}
        assert things.complaint("Query", KeyConditions=conditions) == NOT_INDEXABLE


def test_a_condition_needs_an_operator(things: Things) -> None:
    text = things.complaint("Query", KeyConditions={"h": {"AttributeValueList": [s("p")]}})
    assert text == (
        "1 validation error detected: Value null at 'keyConditions.h.member.comparisonOperator' "
        "failed to satisfy constraint: Member must not be null"
    )


def test_a_query_needs_key_conditions(things: Things) -> None:
    assert things.complaint("Query") == (
        "Either the KeyConditions or KeyConditionExpression parameter must be specified "
        "in the request."
    )


def test_filters_are_joined_and_counted(things: Things) -> None:
    """What a filter drops is read all the same: ScannedCount says so."""
    filters = {"a": is_("GE", n(40)), "b": is_("EQ", s("b1"))}
    for operator, count in ((None, 0), ("AND", 0), ("OR", 3)):
        joined = {"ConditionalOperator": operator} if operator else {}
        for operation, member in (("Query", "QueryFilter"), ("Scan", "ScanFilter")):
            request: Json = {member: filters, **joined}
            if operation == "Query":
                request["KeyConditions"] = {"h": P}
            answer = things.ask(operation, **request)
            assert (answer["Count"], answer["ScannedCount"]) == (count, 5)


def test_a_querys_filter_names_no_key(things: Things) -> None:
    """A scan's may; AWS names the first attribute of the key that is filtered on."""
    key = "QueryFilter can only contain non-primary key attributes: Primary key attribute: "
    filters = {"r": is_("EQ", n(1)), "h": P}
    conditions = {"KeyConditions": {"h": P}}
    assert things.complaint("Query", **conditions, QueryFilter=filters) == key + "h"
    of_index = {"l": is_("NULL"), "b": is_("NULL")}
    request = {**conditions, "IndexName": "by_l", "QueryFilter": of_index}
    assert things.complaint("Query", **request) == key + "l"
    assert things.ask("Scan", ScanFilter=filters)["Count"] == 1


def test_a_querys_filter_needs_what_the_index_carries(things: Things) -> None:
    request: Json = {
        "KeyConditions": {"h": P},
        "IndexName": "by_l",
        "QueryFilter": {"b": is_("NULL"), "a": is_("NOT_NULL")},
    }
    assert things.complaint("Query", **request) == (
        INVALID + "Secondary index by_l does not project one or more filter attributes: [b]"
    )
    del request["QueryFilter"]["b"]
    assert things.ask("Query", **request)["Count"] == 3


@pytest.mark.parametrize(
    ("operation", "member"), [("Query", "QueryFilter"), ("Scan", "ScanFilter")]
)
def test_the_operator_between_filters_needs_two(
    things: Things, operation: str, member: str
) -> None:
    request: Json = {"ConditionalOperator": "OR"}
    if operation == "Query":
        request["KeyConditions"] = {"h": P, "r": is_("EQ", n(1))}  # these do not count
    without = "ConditionalOperator cannot be used without Filter or Expected"
    assert things.complaint(operation, **request) == without
    assert things.complaint(operation, **request, **{member: {}}) == without
    assert things.complaint(operation, **request, **{member: {"a": is_("NULL")}}) == (
        "ConditionalOperator can only be used when Filter or Expected has two or more elements"
    )


def test_conditions_are_checked_before_the_table(things: Things) -> None:
    count = INVALID + "Invalid number of argument(s) for the {} ComparisonOperator"
    nowhere: Json = {"TableName": "nowhere"}
    for request, operator in (
        ({"KeyConditions": {"h": is_("EQ")}, "QueryFilter": {"a": is_("LT")}}, "EQ"),
        ({"KeyConditions": {"h": P}, "QueryFilter": {"a": is_("LT")}}, "LT"),
    ):
        assert things.complaint("Query", **nowhere, **request) == count.format(operator)
    request = {"ScanFilter": {"a": is_("LT")}, "AttributesToGet": ["a", "a"]}
    assert things.complaint("Scan", **nowhere, **request) == count.format("LT")
