"""Older parameters beside expressions: refused, with the names of both.

A request that mixes them was put together by two layers that do not know of each other; DynamoDB
would otherwise have to ignore one of them.
"""

from typing import Any

import pytest

from tests.engine.legacy.legacy_asking import KEY, Json, Things, is_, mixed, s

ANY = {"a": is_("NOT_NULL")}
H = {"h": is_("EQ", s("p"))}


def envelope(operation: str) -> str:
    """PutItem and UpdateItem answer what is wrong with their parameters in an envelope."""
    return "1 validation error detected: " if operation in ("PutItem", "UpdateItem") else ""


@pytest.mark.parametrize(
    ("operation", "request_", "older", "newer"),
    [
        # Captured on the service, one and one:
        (
            "PutItem",
            {"Expected": {}, "ConditionExpression": "x"},
            "Expected",
            "ConditionExpression",
        ),
        (
            "UpdateItem",
            {"AttributeUpdates": {}, "ConditionExpression": "x"},
            "AttributeUpdates",
            "ConditionExpression",
        ),
        (
            "Query",
            {"QueryFilter": ANY, "KeyConditionExpression": "x"},
            "QueryFilter",
            "KeyConditionExpression",
        ),
        # Local, for the order of many:
        (
            "DeleteItem",
            {"ConditionalOperator": "OR", "Expected": {}, "ConditionExpression": "x"},
            "Expected, ConditionalOperator",
            "ConditionExpression",
        ),
        (
            "UpdateItem",
            {
                "ConditionExpression": "x",
                "UpdateExpression": "y",
                "ConditionalOperator": "OR",
                "Expected": {},
                "AttributeUpdates": {},
            },
            "AttributeUpdates, Expected, ConditionalOperator",
            "UpdateExpression, ConditionExpression",
        ),
        (
            "Query",
            {
                "KeyConditions": H,
                "KeyConditionExpression": "x",
                "QueryFilter": {},
                "AttributesToGet": ["a"],
                "ConditionalOperator": "OR",
                "FilterExpression": "y",
                "ProjectionExpression": "z",
            },
            "AttributesToGet, QueryFilter, ConditionalOperator, KeyConditions",
            "ProjectionExpression, FilterExpression, KeyConditionExpression",
        ),
        (
            "Query",  # KeyConditions are not at fault here
            {"KeyConditions": H, "AttributesToGet": ["a"], "FilterExpression": "x"},
            "AttributesToGet",
            "FilterExpression",
        ),
        (
            "Query",
            {"KeyConditions": H, "KeyConditionExpression": "x"},
            "KeyConditions",
            "KeyConditionExpression",
        ),
        (
            "Scan",
            {
                "ScanFilter": ANY,
                "FilterExpression": "x",
                "ConditionalOperator": "AND",
                "AttributesToGet": ["a"],
                "ProjectionExpression": "y",
            },
            "AttributesToGet, ScanFilter, ConditionalOperator",
            "ProjectionExpression, FilterExpression",
        ),
    ],
)
def test_the_names_of_both_in_their_order(
    operation: str, request_: dict[str, Any], older: str, newer: str
) -> None:
    """Before anything else that is wrong: the table is missing and no expression can be read."""
    target: Json = {"TableName": "nowhere"}
    if operation == "PutItem":
        target["Item"] = KEY
    elif operation not in ("Query", "Scan"):
        target["Key"] = KEY
    text = Things().complaint(operation, **target, **request_)
    assert text == envelope(operation) + mixed(older, newer)


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("PutItem", {"Item": KEY, "Expected": {"a": {"Exists": False}}}),
        ("UpdateItem", {"Key": KEY, "AttributeUpdates": {}}),
        ("Query", {"KeyConditions": H}),
        ("Scan", {"ScanFilter": ANY}),
    ],
)
def test_placeholders_are_for_expressions_alone(operation: str, request_: Json) -> None:
    text = Things().complaint(operation, **request_, ExpressionAttributeNames={"#a": "a"})
    assert text == "ExpressionAttributeNames can only be specified when using expressions"
    text = Things().complaint(operation, **request_, ExpressionAttributeValues={":a": s("a")})
    assert text.startswith(
        f"{envelope(operation)}ExpressionAttributeValues can only be specified when using "
        "expressions: "
    )
