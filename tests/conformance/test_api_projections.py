"""What is shown of an item: ProjectionExpression with nested paths, in every reading operation."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.api import Api, Json

KEY = {"p": {"S": "a"}, "s": {"N": "1"}}
ITEM: Json = {
    **KEY,
    "title": {"S": "Laptop"},
    "name.with.dots": {"S": "odd"},
    "price": {"N": "79.99"},
    "info": {
        "M": {
            "rating": {"N": "4.5"},
            "pictures": {
                "L": [
                    {"M": {"front": {"S": "f.jpg"}, "rear": {"S": "b.jpg"}}},
                    {"S": "loose.jpg"},
                    {"M": {"front": {"S": "g.jpg"}}},
                ]
            },
        }
    },
    "numbers": {"L": [{"N": "0"}, {"N": "1"}, {"L": [{"N": "20"}, {"N": "21"}]}, {"N": "3"}]},
}


@pytest.fixture
def table(api: Api) -> str:
    table = api.create("p:S s:N")
    api.call("PutItem", TableName=table, Item=ITEM)
    return table


def get_item(api: Api, table: str, **members: Any) -> Json:
    return api.call("GetItem", TableName=table, Key=KEY, **members)["Item"]


def batch_get_item(api: Api, table: str, **members: Any) -> Json:
    answer = api.call("BatchGetItem", RequestItems={table: {"Keys": [KEY], **members}})
    (item,) = answer["Responses"][table]
    return item


def query(api: Api, table: str, **members: Any) -> Json:
    request: Json = {
        "TableName": table,
        "KeyConditionExpression": "p = :p",
        "ExpressionAttributeValues": {":p": KEY["p"]},
    }
    (item,) = api.call("Query", request, **members)["Items"]
    return item


def scan(api: Api, table: str, **members: Any) -> Json:
    (item,) = api.call("Scan", TableName=table, **members)["Items"]
    return item


READS: list[Callable[..., Json]] = [get_item, batch_get_item, query, scan]


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("title", {"title": ITEM["title"]}),
        ("title, price, p", {"title": ITEM["title"], "price": ITEM["price"], "p": KEY["p"]}),
        ("nowhere", {}),
        ("title, nowhere.deeper[3]", {"title": ITEM["title"]}),
        ("info.rating", {"info": {"M": {"rating": {"N": "4.5"}}}}),
        (
            "info.pictures[0].rear, info.rating",
            {
                "info": {
                    "M": {
                        "rating": {"N": "4.5"},
                        "pictures": {"L": [{"M": {"rear": {"S": "b.jpg"}}}]},
                    }
                }
            },
        ),
        (
            "info.pictures[2].front, info.pictures[0].front",
            {
                "info": {
                    "M": {
                        "pictures": {
                            "L": [
                                {"M": {"front": {"S": "f.jpg"}}},
                                {"M": {"front": {"S": "g.jpg"}}},
                            ]
                        }
                    }
                }
            },
        ),
        ("numbers[3], numbers[1]", {"numbers": {"L": [{"N": "1"}, {"N": "3"}]}}),
        ("numbers[2][1]", {"numbers": {"L": [{"L": [{"N": "21"}]}]}}),
        ("numbers[9]", {}),
        ("title.nothing.inside", {}),
        ("#d", {"name.with.dots": {"S": "odd"}}),
        ("#t, info.#r", {"title": ITEM["title"], "info": {"M": {"rating": {"N": "4.5"}}}}),
    ],
)
def test_paths(api: Api, table: str, read: Callable[..., Json], expression: str, shown: Json):
    """Names, members of maps, elements of lists. What is not there is left out without a word.

    List elements close up, in the order of the list, whatever the order of the expression; so a
    client can't tell from their position which ones they were.
    """
    names = {"#d": "name.with.dots", "#t": "title", "#r": "rating"}
    used = {key: name for key, name in names.items() if key in expression}
    members: Json = {"ProjectionExpression": expression}
    if used:
        members["ExpressionAttributeNames"] = used
    assert read(api, table, **members) == shown


@pytest.mark.parametrize("read", [get_item, batch_get_item, scan])
def test_the_older_parameter(api: Api, table: str, read: Callable[..., Json]):
    """AttributesToGet names whole attributes; dots have no meaning in it."""
    shown = read(api, table, AttributesToGet=["title", "name.with.dots", "info.rating"])
    assert shown == {"title": ITEM["title"], "name.with.dots": {"S": "odd"}}


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("", "Invalid ProjectionExpression: The expression can not be empty;"),
        (
            "title, title",
            (
                "Invalid ProjectionExpression: Two document paths overlap with each other; "
                "must remove or rewrite one of these paths; path one: [title], path two: [title]"
            ),
        ),
        (
            "info, info.rating",
            (
                "Invalid ProjectionExpression: Two document paths overlap with each other; "
                "must remove or rewrite one of these paths; "
                "path one: [info], path two: [info, rating]"
            ),
        ),
        (
            "a b",
            'Invalid ProjectionExpression: Syntax error; token: "b", near: "a b"',
        ),
    ],
)
def test_wrong_expressions(api: Api, table: str, expression: str, text: str):
    """Overlapping paths are refused: what would be shown twice, where?"""
    request: Json = {"TableName": table, "Key": KEY, "ProjectionExpression": expression}
    assert api.validation("GetItem", request) == text


def test_a_projection_leaves_the_units_as_they_are(api: Api, table: str):
    """The whole item is read, and paid for; a projection saves bytes on the wire only."""
    item = {**KEY, "title": {"S": "Laptop"}, "text": {"S": "x" * 10_000}}
    api.call("PutItem", TableName=table, Item=item)
    for members in ({}, {"ProjectionExpression": "title"}):
        request: Json = {"TableName": table, "Key": KEY, "ReturnConsumedCapacity": "TOTAL"}
        answer = api.call("GetItem", request, ConsistentRead=True, **members)
        assert answer["ConsumedCapacity"]["CapacityUnits"] == 3.0
        batch = api.call(
            "BatchGetItem",
            RequestItems={table: {"Keys": [KEY], "ConsistentRead": True, **members}},
            ReturnConsumedCapacity="TOTAL",
        )
        assert batch["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 3.0}]
