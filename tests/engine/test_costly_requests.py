"""Requests are applied one after another: none, however it is made, may hold up the others long.

A request may have 16 MB. What is done with each of its parts must not grow with their number, and
what is done with each item of a page must not go on for as many items as there can be.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from pannier.engine.database import Database
from pannier.engine.table_definition import checked_keys, defined_names
from pannier.errors import ValidationException
from pannier.limits import ITEM_BYTES_MAX
from pannier.model.attribute_value import check_item
from tests.engine.table_asking import call, definitions, keys, refused


class Name(str):
    """A text that counts how often it is held against another."""

    __slots__ = ()
    compared = 0

    def __eq__(self, other: object) -> bool:
        Name.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_definitions_are_not_held_against_each_other():
    """Two hundred thousand took six minutes, once."""
    names = [Name(number) for number in range(1000)]
    Name.compared = 0
    assert list(defined_names([{"AttributeName": name} for name in names])) == names
    request: dict[str, Any] = {
        "AttributeDefinitions": [{"AttributeName": name} for name in names],
        "KeySchema": keys(names[0]),
        "GlobalSecondaryIndexes": [{"KeySchema": keys(name)} for name in reversed(names)],
    }
    checked_keys(request)
    assert Name.compared < 50_000  # and each against each: above a million


def test_an_item_is_measured_until_it_is_too_large():
    """An update can put one value of 16 MB at hundreds of places."""
    value = {"L": [{"S": "x" * 50_000}] * 10}
    item = {f"a{number}": value for number in range(20)} | {"last": {"S": 1}}
    assert check_item(item) > ITEM_BYTES_MAX
    with pytest.raises(Exception, match="String"):  # what is not that large is checked to its end
        check_item({"a": value, "last": {"S": 1}})


@pytest.fixture
def database() -> Iterator[Database]:
    with Database.in_memory(sweep_interval_s=None) as database:
        call(
            database,
            "CreateTable",
            TableName="table",
            KeySchema=keys("p", "s"),
            AttributeDefinitions=definitions("p", "s:N"),
            BillingMode="PAY_PER_REQUEST",
        )
        for start in range(0, 100, 25):
            puts = [
                {"PutRequest": {"Item": {"p": {"S": "x"}, "s": {"N": str(number)}}}}
                for number in range(start, start + 25)
            ]
            call(database, "BatchWriteItem", RequestItems={"table": puts})
        yield database


def scanned(database: Database, operation: str, **request: Any) -> tuple[int, int, int]:
    """How many items all pages show, how many pages there are, and how long the longest is."""
    shown, lengths, start = 0, [], {}
    while True:
        page = call(database, operation, TableName="table", **request, **start)
        shown += page["Count"]
        lengths.append(page["ScannedCount"])
        if "LastEvaluatedKey" not in page:
            return shown, len(lengths), max(lengths)
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def test_a_page_ends_where_there_is_too_much_to_do_with_each_item(database: Database):
    """The client asks for the next, as it does after 1 MB: nothing is left out."""
    conditions = {f"a{number}": {"ComparisonOperator": "NOT_NULL"} for number in range(40_000)}
    one_is_met = {"p": {"ComparisonOperator": "NOT_NULL"}, **conditions}
    request = {"ScanFilter": one_is_met, "ConditionalOperator": "OR"}
    assert scanned(database, "Scan", **request) == (100, 3, 49)


def test_pages_with_usual_expressions_are_as_long_as_ever(database: Database):
    usual = {
        "FilterExpression": "attribute_exists(p) AND s >= :low",
        "ExpressionAttributeValues": {":low": {"N": "0"}},
        "ProjectionExpression": "p, s",
    }
    assert scanned(database, "Scan", **usual) == (100, 1, 100)


def test_an_update_that_makes_gigabytes_is_refused(database: Database):
    """It is: before they are made, and without a limit of Python's being met."""
    appended = ",".join(f"b{number}=list_append(:v,:v)" for number in range(140))
    values = {":v": {"L": [{"S": "x" * 100}] * 10_000}}
    text = refused(
        database,
        "UpdateItem",
        TableName="table",
        Key={"p": {"S": "x"}, "s": {"N": "1"}},
        UpdateExpression=f"SET {appended}",
        ExpressionAttributeValues=values,
    )
    assert "Item size to update has exceeded" in text


@pytest.mark.parametrize("depth", [33, 300, 450])
def test_any_depth_of_nesting_is_refused(database: Database, depth: int):
    value: Any = {"S": "x"}
    for level in range(depth):
        value = {"L": [value]} if level % 2 else {"M": {"a": value}}
    text = refused(
        database,
        "PutItem",
        TableName="table",
        Item={"p": {"S": "x"}, "s": {"N": "1"}, "deep": value},
    )
    assert "Nesting Levels have exceeded supported limits" in text
    answer = database.execute("PutItem", b'{"Item":' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    assert answer.status == 400


def test_no_index_is_made_of_a_hundred_thousand(database: Database):
    with pytest.raises(ValidationException):
        checked_keys(
            {
                "AttributeDefinitions": definitions(*(f"a{number}" for number in range(20_000))),
                "KeySchema": keys("a0"),
            }
        )
