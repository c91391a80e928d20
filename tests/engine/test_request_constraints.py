"""Parameter constraints, compiled from the service model, and the texts that they are told in.

The service model says what each request may hold; the texts are AWS's: every violated constraint
is gathered into one, in the order of the model's members, while a wrong JSON type is told at once
and alone. Texts are pinned where they were captured (`facts.md`, and the docstring of
`constraints`).
"""

from typing import Any

import pytest

from pannier.engine import constraints, service_model
from pannier.errors import SerializationException, ValidationException

KEY = {"p": {"S": "a"}}


def told(operation: str, request: Any) -> str:
    with pytest.raises(ValidationException) as caught:
        constraints.check(operation, request)
    return caught.value.message


def problem(value: Any, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def one(value: Any, path: str, constraint: str) -> str:
    return f"1 validation error detected: {problem(value, path, constraint)}"


NOT_NULL = "Member must not be null"


def test_a_good_request_passes():
    """Nothing is said, and nothing is changed."""
    request = {"TableName": "tab", "Key": KEY, "ConsistentRead": True}
    constraints.check("GetItem", request)
    assert request == {"TableName": "tab", "Key": KEY, "ConsistentRead": True}


def test_absent_members():
    """Paths begin with a small letter, whatever the member's own spelling."""
    assert told("GetItem", {"Key": KEY}) == one(None, "tableName", NOT_NULL)
    assert told("GetItem", {"TableName": None, "Key": KEY}) == one(None, "tableName", NOT_NULL)


def test_all_violations_are_gathered():
    """Two mistakes, `errors` in the plural, separated by a semicolon."""
    wrong = "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
    expected = {
        problem(None, "tableName", NOT_NULL),
        problem(None, "key", NOT_NULL),
        problem("ALWAYS", "returnConsumedCapacity", wrong),
    }
    text = told("GetItem", {"ReturnConsumedCapacity": "ALWAYS"})
    intro, _, problems = text.partition(": ")
    assert intro == "3 validation errors detected"
    assert set(problems.split("; ")) == expected


@pytest.mark.parametrize(
    ("request_of_query", "text"),
    [
        ({"TableName": "tab", "IndexName": "ab"},
         one("ab", "indexName", "Member must have length greater than or equal to 3")),
        ({"TableName": "tab", "IndexName": "x" * 256},
         one("x" * 256, "indexName", "Member must have length less than or equal to 255")),
        ({"TableName": "tab", "IndexName": "no blanks"},
         one("no blanks", "indexName",
             "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")),
        ({"TableName": "tab", "Limit": 0},
         one(0, "limit", "Member must have value greater than or equal to 1")),
        ({"TableName": "tab", "ReturnConsumedCapacity": "SOME"},
         one("SOME", "returnConsumedCapacity",
             "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]")),
        ({"TableName": "tab", "AttributesToGet": []},
         one("[]", "attributesToGet", "Member must have length greater than or equal to 1")),
    ],
    ids=["too short", "too long", "pattern", "range", "enumeration", "list"],
)  # fmt: skip
def test_each_kind_of_constraint(request_of_query: dict[str, Any], text: str):
    """Lengths of texts and lists, ranges, patterns, enumerations."""
    assert told("Query", request_of_query) == text


def test_list_members_are_counted_from_1():
    """And called `member`, as Java's lists are in AWS's framework."""
    request = {
        "TableName": "tab",
        "KeySchema": [
            {"AttributeName": "p", "KeyType": "HASH"},
            {"AttributeName": "s", "KeyType": "SORT"},
        ],
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}, {}],
    }
    text = told("CreateTable", request)
    assert text.startswith("3 validation errors detected: ")
    enumeration = "Member must satisfy enum value set: [HASH, RANGE]"
    for part in (
        problem("SORT", "keySchema.2.member.keyType", enumeration),
        problem(None, "attributeDefinitions.2.member.attributeName", NOT_NULL),
        problem(None, "attributeDefinitions.2.member.attributeType", NOT_NULL),
    ):
        assert part in text


def test_map_members_are_called_by_their_key():
    """A table's name is part of the path in the batch operations."""
    request = {"RequestItems": {"tab": [{"PutRequest": {"Item": KEY}}, {"PutRequest": {}}]}}
    path = "requestItems.tab.member.2.member.putRequest.item"
    assert told("BatchWriteItem", request) == one(None, path, NOT_NULL)


@pytest.mark.parametrize("count", [0, 26])
def test_lists_in_a_map_have_a_text_of_their_own(count: int):
    """The whole map is shown, and both limits, whichever is violated (captured, `facts.md`)."""
    shown = ", ".join(["{}"] * count)
    assert told("BatchWriteItem", {"RequestItems": {"tab": [{}] * count}}) == one(
        f"{{tab=[{shown}]}}",
        "requestItems",
        "Map value must satisfy constraint: [Member must have length less than or equal to 25, "
        "Member must have length greater than or equal to 1]",
    )


def test_values_are_shown_as_java_prints_them():
    """Lists and maps in brackets, without quotes; and never without end."""
    deep: Any = "bottom"
    for _ in range(500):
        deep = {"M": [deep]}
    text = told("BatchWriteItem", {"RequestItems": {"tab": [], "other": [{"Put": deep}]}})
    assert "'{tab=[], other=[{Put={M=[{M=[" in text
    assert "bottom" not in text
    assert len(text) < 1000


TEXT = "cannot be converted to String"


@pytest.mark.parametrize(
    ("operation", "request_body", "text"),
    [
        ("GetItem", {"TableName": 7}, f"NUMBER_VALUE {TEXT}"),
        ("GetItem", {"TableName": 7.5}, f"NUMBER_VALUE {TEXT}"),
        ("GetItem", {"TableName": True}, f"TRUE_VALUE {TEXT}"),
        ("GetItem", {"TableName": False}, f"FALSE_VALUE {TEXT}"),
        ("GetItem", {"TableName": {}}, "Start of structure or map found where not expected"),
        ("GetItem", {"TableName": []}, None),
        ("GetItem", {"Key": "text"}, "Unexpected field type"),
        ("GetItem", {"Key": []}, None),
        ("GetItem", {"Key": {"p": "text"}}, None),
        ("GetItem", {"Key": {"p": {"S": 1}}}, f"NUMBER_VALUE {TEXT}"),
        ("GetItem", {"Key": {"p": {"L": [{"M": {"a": {"NS": [1]}}}]}}}, f"NUMBER_VALUE {TEXT}"),
        ("GetItem", {"Key": {"p": {"SS": "a"}}}, None),
        ("GetItem", {"Key": {"p": {"L": {}}}}, None),
        ("GetItem", {"Key": {"p": {"M": []}}}, None),
        ("GetItem", {"Key": {"p": {"BOOL": "no"}}}, "Unexpected token received from parser"),
        ("GetItem", {"Key": {"p": {"B": 1}}}, f"NUMBER_VALUE {TEXT}"),
        ("GetItem", {"ConsistentRead": "yes"}, "Unexpected token received from parser"),
        ("GetItem", {"ConsistentRead": 1}, "Unexpected token received from parser"),
        ("GetItem", {"AttributesToGet": [["a"]]}, None),
        ("GetItem", {"ExpressionAttributeNames": {"#n": 1}}, f"NUMBER_VALUE {TEXT}"),
        ("Query", {"Limit": "1"}, "STRING_VALUE cannot be converted to Integer"),
        ("Query", {"Limit": True}, "TRUE_VALUE cannot be converted to Integer"),
        ("Query", {"Limit": 1.5}, None),
        ("Query", {"Limit": 1e300}, None),
        ("Query", {"Limit": []}, None),
        ("CreateTable", {"ProvisionedThroughput": {"ReadCapacityUnits": "5"}},
         "STRING_VALUE cannot be converted to Long"),
        ("CreateTable", {"KeySchema": {"AttributeName": "p"}}, None),
        ("CreateTable", {"KeySchema": ["p"]}, None),
        ("BatchWriteItem", {"RequestItems": []}, None),
        ("BatchWriteItem", {"RequestItems": {"tab": {}}}, None),
        ("BatchWriteItem", {"RequestItems": {"tab": [{"PutRequest": []}]}}, None),
        ("BatchGetItem", {"RequestItems": {"tab": {"Keys": {"p": {"S": "a"}}}}}, None),
    ],
)  # fmt: skip
def test_wrong_json_types_at_every_depth(operation: str, request_body: Any, text: str | None):
    """Told at once, though much else is missing too; None where the text is inferred."""
    with pytest.raises(SerializationException) as caught:
        constraints.check(operation, request_body)
    assert text is None or caught.value.message == text


def test_nulls_and_unknown_members_are_ignored():
    """A null is absent; what the model does not have is skipped, whatever is in it."""
    request = {"TableName": "tab", "Key": KEY, "ConsistentRead": None, "Future": [{"a": 1}]}
    constraints.check("GetItem", request)
    nulls = {"Key": {"p": {"S": "a", "N": None}}, "TableName": "tab"}
    constraints.check("GetItem", nulls)


def test_a_null_in_a_list_or_map_is_a_violation():
    """A list of nothing is no list; the path says which."""
    assert told("GetItem", {"TableName": "tab", "Key": KEY, "AttributesToGet": ["a", None]}) == one(
        None, "attributesToGet.2.member", NOT_NULL
    )


def test_what_is_kept_of_a_request():
    """CreateTable keeps its request; nulls and unknown members must not end up in descriptions."""
    request = {
        "TableName": "tab",
        "BillingMode": None,
        "Future": 1,
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH", "Future": {}}],
        "Tags": [{"Key": "k", "Value": "v"}],
    }
    assert constraints.known("CreateTable", request) == {
        "TableName": "tab",
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "Tags": [{"Key": "k", "Value": "v"}],
    }


def test_every_operation_of_the_api_has_compiled_constraints():
    """Also those that the engine does not support: the model is enough."""
    names = service_model.operation_names()
    assert {"BatchWriteItem", "TransactWriteItems", "ExecuteStatement"} <= names
    for name in names:
        with pytest.raises(SerializationException):
            constraints.check(name, [])
