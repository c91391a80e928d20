"""PutItem, GetItem, DeleteItem: one item, its old values, and conditions."""

import re

import pytest

from tests.conformance.api import Api, ApiError, Index, Json, sized

NO_TABLE = "pannier-test-no-such-table"
KEY = {"p": {"S": "a"}, "s": {"N": "1"}}
EVERY_TYPE: Json = {
    "S": {"S": "text, ünïcode, 'quotes' \" and \u2028"},
    "empty": {"S": ""},
    "N": {"N": "-12.5"},
    "B": {"B": "AAEC/w=="},
    "BOOL": {"BOOL": False},
    "NULL": {"NULL": True},
    "M": {"M": {"a": {"L": [{"N": "1"}, {"M": {}}]}}},
    "L": {"L": []},
    "SS": {"SS": ["a", "b"]},
    "NS": {"NS": ["1", "2.5"]},
    "BS": {"BS": ["AA==", "AQ=="]},
}


@pytest.fixture
def table(api: Api) -> str:
    return api.create("p:S s:N", Index("by-color", "color:S"))


def get(api: Api, table: str, key: Json = KEY) -> Json | None:
    return api.call("GetItem", TableName=table, Key=key, ConsistentRead=True).get("Item")


def test_all_types_come_back_as_they_were_put(api: Api, table: str):
    """The ten types, nested ones and empty ones. Sets have no order."""
    api.call("PutItem", TableName=table, Item={**KEY, **EVERY_TYPE})
    item = get(api, table)
    assert item is not None
    for name in ("SS", "NS", "BS"):
        item[name][name].sort()
    assert item == {**KEY, **EVERY_TYPE}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("007", "7"),
        ("1.500", "1.5"),
        ("-0", "0"),
        ("1e3", "1000"),
        ("1E-3", "0.001"),
        ("+5", "5"),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ("1E125", "1" + "0" * 125),
        ("-1E-130", "-0." + "0" * 129 + "1"),
        ("9.9999999999999999999999999999999999999E+125", "9" * 38 + "0" * 88),
    ],
)
def test_numbers_are_decimals(api: Api, table: str, sent: str, kept: str):
    """38 digits, no binary rounding; AWS trims needless zeros and writes no exponents."""
    api.call("PutItem", TableName=table, Item={**KEY, "n": {"N": sent}})
    assert (get(api, table) or {})["n"] == {"N": kept}


def test_a_put_replaces_the_whole_item(api: Api, table: str):
    """Nothing of the old item is left over, not in the index either."""
    api.call("PutItem", TableName=table, Item={**KEY, "color": {"S": "red"}, "a": {"N": "1"}})
    api.call("PutItem", TableName=table, Item={**KEY, "b": {"N": "2"}})
    assert get(api, table) == {**KEY, "b": {"N": "2"}}
    assert api.count(table, IndexName="by-color") == 0


def test_a_missing_item_is_no_error(api: Api, table: str):
    """GetItem answers without `Item`, DeleteItem without a word."""
    assert api.call("GetItem", TableName=table, Key=KEY) == {}
    assert api.call("DeleteItem", TableName=table, Key=KEY) == {}


@pytest.mark.parametrize("operation", ["PutItem", "DeleteItem"])
def test_return_values(api: Api, table: str, operation: str):
    """ALL_OLD answers what was there before, in `Attributes`, which is absent if nothing was."""
    old = {**KEY, "a": {"S": "old"}}
    request: Json = {"TableName": table, "ReturnValues": "ALL_OLD"}
    request |= {"Item": KEY} if operation == "PutItem" else {"Key": KEY}
    assert api.call(operation, request) == {}
    api.call("PutItem", TableName=table, Item=old)
    assert api.call(operation, {**request, "ReturnValues": "NONE"}) == {}
    api.call("PutItem", TableName=table, Item=old)
    assert api.call(operation, request) == {"Attributes": old}


@pytest.mark.parametrize("operation", ["PutItem", "DeleteItem"])
def test_only_updates_can_return_new_values(api: Api, table: str, operation: str):
    """The enumeration has five values, of which puts and deletes take two.

    PutItem and UpdateItem answer what is wrong with their parameters in an envelope.
    """
    request: Json = {"TableName": table, "ReturnValues": "ALL_NEW", "Item": KEY, "Key": KEY}
    envelope = "1 validation error detected: " if operation == "PutItem" else ""
    text = "ReturnValues can only be ALL_OLD or NONE"
    assert api.validation(operation, request) == envelope + text


CONDITIONS = [
    ("attribute_not_exists(p)", False),
    ("attribute_exists(p)", True),
    ("#n = :five", True),
    ("#n < :five", False),
    ("#n BETWEEN :five AND :six", True),
    ("#n IN (:six, :five)", True),
    ("NOT #n = :six", True),
    ("contains(tags, :red) AND size(tags) = :two", True),
    ("begins_with(info.title, :red)", True),
    ("info.parts[1] = :six OR nowhere = :six", True),
    ("nowhere <> :six", True),
    ("nowhere = :six", False),
    ("attribute_type(info, :m)", True),
]


@pytest.mark.parametrize("operation", ["PutItem", "DeleteItem"])
@pytest.mark.parametrize(("condition", "holds"), CONDITIONS)
def test_conditions(api: Api, table: str, operation: str, condition: str, *, holds: bool):
    """The write happens only if the condition holds for the item as it is; else nothing changes."""
    item: Json = {
        **KEY,
        "number": {"N": "5"},
        "tags": {"SS": ["red", "green"]},
        "info": {"M": {"title": {"S": "redder"}, "parts": {"L": [{"N": "5"}, {"N": "6"}]}}},
    }
    values = {":five": {"N": "5.0"}, ":six": {"N": "6"}, ":red": {"S": "red"}, ":two": {"N": "2"},
              ":m": {"S": "M"}}  # fmt: skip
    used = {name: values[name] for name in re.findall(r":\w+", condition)}
    request: Json = {"TableName": table, "ConditionExpression": condition}
    if used:
        request["ExpressionAttributeValues"] = used
    if "#n" in condition:
        request["ExpressionAttributeNames"] = {"#n": "number"}
    request |= {"Item": KEY} if operation == "PutItem" else {"Key": KEY}
    api.call("PutItem", TableName=table, Item=item)
    if holds:
        api.call(operation, request)
        assert get(api, table) == (KEY if operation == "PutItem" else None)
    else:
        assert api.error(operation, request) == (
            "ConditionalCheckFailedException",
            "The conditional request failed",
        )
        assert api.count(table) == 1
        assert (get(api, table) or {})["number"] == {"N": "5"}


def test_a_failed_condition_shows_the_item_if_asked(api: Api, table: str):
    """ReturnValuesOnConditionCheckFailure saves the read that would find out why it failed."""
    item = {**KEY, "a": {"S": "there"}}
    api.call("PutItem", TableName=table, Item=item)
    request: Json = {
        "TableName": table,
        "Item": KEY,
        "ConditionExpression": "attribute_not_exists(p)",
    }
    for wanted, shown in (("ALL_OLD", item), ("NONE", None)):
        with pytest.raises(ApiError) as caught:
            api.call("PutItem", request, ReturnValuesOnConditionCheckFailure=wanted)
        assert caught.value.type == "ConditionalCheckFailedException"
        assert caught.value.body.get("Item") == shown


def test_a_condition_on_a_missing_item_fails_without_an_item(api: Api, table: str):
    """There is nothing to show."""
    request: Json = {
        "TableName": table,
        "Key": KEY,
        "ConditionExpression": "attribute_exists(p)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    with pytest.raises(ApiError) as caught:
        api.call("DeleteItem", request)
    assert caught.value.type == "ConditionalCheckFailedException"
    assert "Item" not in caught.value.body


def test_the_largest_item(api: Api, table: str):
    """400 KB as stored, keys and names included; one byte more is refused."""
    item = sized(400 * 1024 - 3, p={"S": "a"})  # 3 for the sort key: its name, and the number 1
    api.call("PutItem", TableName=table, Item={**item, "s": {"N": "1"}})
    assert get(api, table) == {**item, "s": {"N": "1"}}
    item["fill"]["S"] += "x"
    assert api.validation("PutItem", TableName=table, Item={**item, "s": {"N": "1"}}) == (
        "Item size has exceeded the maximum allowed size"
    )


def test_values_may_be_nested_to_a_depth(api: Api, table: str):
    """31 maps around a text pass everywhere; 40 do not."""

    def nested(depth: int) -> Json:
        value: Json = {"S": "innermost"}
        for _ in range(depth):
            value = {"M": {"a": value}}
        return {**KEY, "nested": value}

    api.call("PutItem", TableName=table, Item=nested(31))
    assert get(api, table) == nested(31)
    for depth in (40, 400):
        assert api.validation("PutItem", TableName=table, Item=nested(depth)) == (
            "Nesting Levels have exceeded supported limits: "
            "Attributes in the item have nested levels beyond supported limit"
        )


@pytest.mark.parametrize(
    ("operation", "members"),
    [("GetItem", {"Key": KEY}), ("DeleteItem", {"Key": KEY}), ("PutItem", {"Item": KEY})],
)
def test_an_unknown_table(api: Api, operation: str, members: Json):
    """Operations on items do not name the table in their text."""
    assert api.error(operation, TableName=NO_TABLE, **members) == (
        "ResourceNotFoundException",
        "Requested resource not found",
    )


@pytest.mark.parametrize("operation", ["GetItem", "DeleteItem"])
@pytest.mark.parametrize(
    "wrong", [{"p": {"S": "a"}}, {**KEY, "x": {"S": "a"}}, {"p": {"S": "a"}, "s": {"S": "1"}}]
)
def test_a_key_matches_the_schema(api: Api, table: str, operation: str, wrong: Json):
    """Exactly the key attributes, with their types."""
    text = api.validation(operation, TableName=table, Key=wrong)
    assert text == "The provided key element does not match the schema"


def test_an_empty_key_value(api: Api, table: str):
    """Since 2020 texts may be empty, but not those of keys."""
    empty = {"p": {"S": ""}, "s": {"N": "1"}}
    assert api.validation("GetItem", TableName=table, Key=empty) == (
        "One or more parameter values are not valid. The AttributeValue for a key attribute "
        "cannot contain an empty string value. Key: p"
    )


def test_all_missing_members_are_named(api: Api):
    """Constraints are gathered into one text."""
    text = api.validation("PutItem")
    assert text.startswith("2 validation errors detected: ")
    for member in ("tableName", "item"):
        assert f"Value null at '{member}' failed to satisfy constraint: Member must not be" in text


def test_through_boto3s_resource(api: Api, table: str):
    """The way most Python programs speak to DynamoDB, with plain values and Decimal numbers."""
    client = api.boto3
    client.put_item(TableName=table, Item={**KEY, "blob": {"B": b"\x00\xff"}})
    answer = client.get_item(TableName=table, Key=KEY)
    assert answer["Item"] == {**KEY, "blob": {"B": b"\x00\xff"}}
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.put_item(TableName=table, Item=KEY, ConditionExpression="attribute_not_exists(p)")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_item(TableName=NO_TABLE, Key=KEY)
