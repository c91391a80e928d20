"""TransactWriteItems: all or nothing, and why not.

People use transactions to keep invariants between items, so what matters most is that a cancelled
transaction leaves no trace at all, and that its reasons say, position by position, what to repair.
Where a test says "captured", people have reported that answer from the service.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.engine.database import Database
from tests.engine.transact_asking import (
    Asked,
    asked,
    check,
    delete,
    error,
    key,
    number,
    put,
    reasons,
    text,
    update,
)

FAILED = ("ConditionalCheckFailed", "The conditional request failed")
MISMATCH = ("ValidationError", "The provided key element does not match the schema")
DUPLICATE = "Transaction request cannot include multiple operations on one item"
INVALID = "One or more parameter values were invalid: "
NOT_VALID = "One or more parameter values are not valid. "


@pytest.fixture
def db() -> Asked:
    return asked(Database.in_memory())


def test_all_four_actions_take_effect_together_over_two_tables(db: Asked) -> None:
    db.write(put("stock", more={"n": number(5)}), put("gone"))
    answer = db.write(
        put("order", "plain"),
        update("stock", "SET n = n - :v", number(1)),
        delete("gone"),
        check("ghost", "attribute_not_exists(pk)"),
    )
    assert answer == {}
    assert db.item("order", "plain") == key("order", "plain")
    assert db.item("stock") == {**key("stock"), "n": number(4)}
    assert db.item("gone") is None
    assert db.item("ghost") is None


def test_a_false_condition_cancels_everything_and_every_false_one_is_told(db: Asked) -> None:
    """All actions are evaluated, so one look at the reasons is enough."""
    db.write(put("old", more={"g": text("1"), "l": text("2")}))
    before, counts = db.stored(), db.counts()
    answer = db.write(
        put("new", more={"g": text("3"), "l": text("4")}),
        put("old", ConditionExpression="attribute_not_exists(pk)"),
        update("other", "SET a = :v", text("x"), ConditionExpression="attribute_exists(pk)"),
        check("ghost", "attribute_exists(pk)"),
        delete("ghost2", ConditionExpression="attribute_exists(pk)"),
    )
    assert reasons(answer) == [None, FAILED, FAILED, FAILED, FAILED]
    assert db.stored() == before
    assert db.counts() == counts, "counts are kept in memory, ahead of the store"


def test_the_item_that_failed_a_condition_is_shown_only_if_asked_for(db: Asked) -> None:
    """A missing item has nothing to show."""
    old = {**key("old"), "a": text("x")}
    db.write(put("old", more={"a": text("x")}))
    shown = {
        "ConditionExpression": "attribute_exists(b)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    for action in (
        put("old", **shown),
        delete("old", **shown),
        update("old", "REMOVE a", **shown),
        check("old", "attribute_exists(b)", ReturnValuesOnConditionCheckFailure="ALL_OLD"),
    ):
        first = db.write(action, delete("missing", **shown))["CancellationReasons"]
        assert [reason.get("Item") for reason in first] == [old, None]
    answer = db.write(put("old", ConditionExpression="attribute_exists(b)"))
    assert "Item" not in answer["CancellationReasons"][0]


def test_an_update_that_its_item_does_not_allow_is_a_reason(db: Asked) -> None:
    """The request alone is right; only the item shows that it can't be done."""
    missing = "The provided expression refers to an attribute that does not exist in the item"
    operand = "An operand in the update expression has an incorrect data type"
    too_large = "Item size to update has exceeded the maximum allowed size"
    db.write(put("old", more={"a": text("x")}), put("big", more={"a": text("y" * 300_000)}))
    before = db.stored()
    answer = db.write(
        put("new"),
        update("old", "SET n = n + :v", number(1)),
        update("big", "SET b = :v", text("y" * 200_000)),
    )
    assert reasons(answer) == [None, ("ValidationError", missing), ("ValidationError", too_large)]
    answer = db.write(update("old", "ADD a :v", number(1)))
    assert reasons(answer) == [("ValidationError", operand)]
    assert db.stored() == before


def test_a_false_condition_comes_before_what_the_update_would_do(db: Asked) -> None:
    action = update("x", "SET n = n + :v", number(1), ConditionExpression="attribute_exists(pk)")
    assert reasons(db.write(action)) == [FAILED]


KEY_TYPE = f"{INVALID}Type mismatch for key pk expected: S actual: N"
INDEX_TYPE = f"{INVALID}Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g"
BAD_KEY = {"pk": number(1), "sk": text("s")}
SHORT_KEY = {"pk": text("a")}


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (put("a", more={"pk": number(1)}), ("ValidationError", KEY_TYPE)),
        (put("a", more={"pk": {"L": []}}), ("ValidationError", KEY_TYPE.replace(": N", ": L"))),
        (put("a", more={"g": number(1)}), ("ValidationError", INDEX_TYPE)),
        ({"Put": {"TableName": "orders", "Item": SHORT_KEY}}, None),
        ({"Delete": {"TableName": "orders", "Key": BAD_KEY}}, MISMATCH),
        ({"Delete": {"TableName": "orders", "Key": SHORT_KEY}}, MISMATCH),
        (update("a", "REMOVE a", Key=BAD_KEY), MISMATCH),
        (check("a", "attribute_exists(a)", Key=BAD_KEY), MISMATCH),
        (
            update("a", "SET sk = :v", text("x")),
            (
                "ValidationError",
                f"{INVALID}Cannot update attribute sk. This attribute is part of the key",
            ),
        ),
    ],
)
def test_what_needs_the_table_cancels_the_transaction(
    db: Asked, action: dict[str, Any], reason: tuple[str, str] | None
) -> None:
    """Captured: a key of the wrong type, no scalar, or missing. Only the first has its reason."""
    reason = reason or ("ValidationError", f"{INVALID}Missing the key sk in the item")
    assert reasons(db.write(put("ok"), action, action)) == [None, reason, None]


def test_an_index_key_of_the_wrong_type_set_by_an_update_cancels(db: Asked) -> None:
    """Captured. It is found with the item, so conditions of other actions are told as well."""
    answer = db.write(
        update("a", "SET g = :v", number(1)), delete("b", ConditionExpression="attribute_exists(a)")
    )
    told = reasons(answer)
    assert [reason[0] for reason in told] == ["ValidationError", "ConditionalCheckFailed"]


@pytest.mark.parametrize(
    "action",
    [
        put(""),
        put("a", more={"g": text("")}),
        delete(""),
        update("", "REMOVE a"),
        check("", "attribute_exists(a)"),
        update("a", "SET g = :v", text("")),
    ],
)
def test_an_empty_key_fails_the_request_instead(db: Asked, action: dict[str, Any]) -> None:
    """Captured: AWS looks for empty keys and index keys up front, before any key's type."""
    before = db.stored()
    mistyped = {"Delete": {"TableName": "plain", "Key": {"pk": number(1)}}}
    actions = [action] if "Update" in action else [mistyped, action]
    code, message = error(db.write(*actions))
    assert code == "ValidationException"
    assert message.startswith(NOT_VALID)
    assert db.stored() == before


SYNTAX = 'Invalid ConditionExpression: Syntax error; token: "=", near: "=="'
UNUSED = "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"
TOO_LARGE = "Item size has exceeded the maximum allowed size"


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (put("a", ConditionExpression="a =="), SYNTAX),
        (check("a", "attribute_exists(a)", ExpressionAttributeNames={"#a": "b"}), UNUSED),
        (put("a", more={"a": text("y" * 410_000)}), TOO_LARGE),
        (put("a", more={"a": {"SS": []}}), f"{INVALID}An string set  may not be empty"),
        (delete("a", more=0) | {"Put": {"TableName": "nowhere", "Item": {}}}, "one of"),
        ({}, "should contain"),
        ({"Nothing": {}}, "should contain"),
    ],
)
def test_what_the_request_alone_shows_fails_the_request(
    db: Asked, action: dict[str, Any], message: str
) -> None:
    """It comes before tables, keys and duplicates, wherever it stands in the request."""
    told = {
        "one of": "TransactItems can only contain one of Check, Put, Update or Delete",
        "should contain": (
            "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"
        ),
    }.get(message, message)
    nowhere = {"Delete": {"TableName": "nowhere", "Key": key("a")}}
    assert error(db.write(delete("b"), delete("b"), nowhere, action)) == (
        "ValidationException",
        told,
    )


def test_an_unknown_table_comes_before_keys_and_duplicates(db: Asked) -> None:
    nowhere = {"Delete": {"TableName": "nowhere", "Key": key("a")}}
    mistyped = {"Delete": {"TableName": "plain", "Key": {"pk": number(1)}}}
    for actions in ([nowhere, nowhere], [mistyped, put(""), nowhere]):
        assert error(db.write(*actions)) == (
            "ResourceNotFoundException",
            "Requested resource not found",
        )


@pytest.mark.parametrize(
    "second", [put("a"), delete("a"), update("a", "REMOVE b"), check("a", "attribute_exists(pk)")]
)
def test_no_two_actions_may_touch_one_item(db: Asked, second: dict[str, Any]) -> None:
    """A check counts, whatever the order of the key's attributes; conditions are not looked at."""
    first = {"Put": {"TableName": "orders", "Item": dict(reversed(key("a").items()))}}
    first["Put"]["ConditionExpression"] = "attribute_exists(pk)"
    assert error(db.write(first, second)) == ("ValidationException", DUPLICATE)
    assert db.write(put("a"), put("a", "plain")) == {}, "another table has other items"


def test_a_table_named_by_its_arn_is_the_same_table(db: Asked) -> None:
    arn = db.ask("DescribeTable", TableName="plain")["Table"]["TableArn"]
    assert db.write({"Put": {"TableName": arn, "Item": {"pk": text("a")}}}) == {}
    both = db.write(delete("a", "plain"), {"Delete": {"TableName": arn, "Key": {"pk": text("a")}}})
    assert error(both)[1] == DUPLICATE


def test_one_to_a_hundred_actions(db: Asked) -> None:
    assert db.write(*(put(str(position), "plain") for position in range(100))) == {}
    assert error(db.write())[1] == (
        "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1"
    )
    code, message = error(db.write(*(put(str(position), "plain") for position in range(101))))
    assert code == "ValidationException"
    assert message.endswith("Member must have length less than or equal to 100")


def test_members_that_an_action_must_have_are_constraints(db: Asked) -> None:
    answer = db.write({"Update": {"TableName": "orders", "Key": key("a")}})
    assert error(answer)[1] == (
        "1 validation error detected: Value null at 'transactItems.1.member.update."
        "updateExpression' failed to satisfy constraint: Member must not be null"
    )


def test_four_megabytes_in_total(db: Asked) -> None:
    """Items, keys and values of the request count, not the items that are there already."""
    large = [put(str(position), more={"a": text("y" * 390_000)}) for position in range(11)]
    code, message = error(db.write(*large))
    assert (code, message) == (
        "ValidationException",
        "Transaction payload size cannot exceed 4MB. Payload Size: 4290078",
    )
    assert db.write(*large[:10]) == {}
    assert db.write(large[10]) == {}
    assert db.write(*(update(str(each), "SET b = :v", text("x")) for each in range(11))) == {}


def test_placeholders_beside_no_expression_are_accepted(db: Asked) -> None:
    """Captured: unlike PutItem, a transaction does not mind them."""
    assert db.write(put("a", ExpressionAttributeNames={"#a": "b"})) == {}
    assert db.write(delete("a", ExpressionAttributeValues={":a": text("b")})) == {}


def test_members_of_single_operations_mean_nothing_here(db: Asked) -> None:
    """The API has no such members in a transaction, so they are as unknown as any other."""
    assert db.write(put("a", ReturnValues="ALL_OLD", Expected={"a": {"Exists": True}})) == {}
    assert db.item("a") == key("a")


def test_a_value_nested_too_deeply_cancels_only_in_an_update(db: Asked) -> None:
    """Captured: a Put of such an item fails the request, an Update with such a value cancels."""
    deep: dict[str, Any] = text("x")
    for _ in range(33):
        deep = {"L": [deep]}
    assert error(db.write(put("a", more={"a": deep})))[0] == "ValidationException"
    ((code, message),) = reasons(db.write(update("a", "SET a = :v", deep)))
    assert code == "ValidationError"
    assert message.startswith("Nesting Levels have exceeded supported limits")


def test_units_are_doubled_on_the_table_and_plain_on_its_indexes(db: Asked) -> None:
    """Captured: 1.5 KB are two units, four in a transaction, and two more for each index."""
    answer = db.write(
        put("a", more={"g": text("1"), "l": text("2"), "x": text("y" * 1500)}),
        put("b", "plain"),
        check("ghost", "attribute_not_exists(pk)"),
        ReturnConsumedCapacity="INDEXES",
    )
    two, six = ({"CapacityUnits": units, "WriteCapacityUnits": units} for units in (2.0, 6.0))
    assert answer["ConsumedCapacity"] == [
        {
            "TableName": "orders",
            "CapacityUnits": 10.0,
            "WriteCapacityUnits": 10.0,
            "Table": six,
            "LocalSecondaryIndexes": {"by-l": two},
            "GlobalSecondaryIndexes": {"by-g": two},
        },
        {"TableName": "plain", **two, "Table": two},
    ]


@pytest.mark.parametrize(
    "action", [delete("a"), check("a", "attribute_exists(pk)"), put("a"), update("a", "REMOVE q")]
)
def test_units_are_those_of_the_item_that_is_there(db: Asked, action: dict[str, Any]) -> None:
    """Captured: deleting or only checking 3 KB costs 6, as much as writing them."""
    db.write(put("a", more={"x": text("y" * 3000)}))
    answer = db.write(action, ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == [
        {"TableName": "orders", "CapacityUnits": 6.0, "WriteCapacityUnits": 6.0}
    ]


def test_a_cancelled_transaction_tells_no_units(db: Asked) -> None:
    answer = db.write(check("a", "attribute_exists(pk)"), ReturnConsumedCapacity="TOTAL")
    assert set(answer) == {"__type", "Message", "CancellationReasons"}


def test_item_collections_are_told_for_what_was_written_beside_local_indexes(db: Asked) -> None:
    answer = db.write(
        put("a"),
        put("a", "plain"),
        check("ghost", "attribute_not_exists(pk)"),
        ReturnItemCollectionMetrics="SIZE",
    )
    entry = {"ItemCollectionKey": {"pk": text("a")}, "SizeEstimateRangeGB": [0.0, 1.0]}
    assert answer == {"ItemCollectionMetrics": {"orders": [entry]}}
    assert db.write(put("b", "plain"), ReturnItemCollectionMetrics="SIZE") == {}


_SINGLE = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}
_values = st.sampled_from([None, text("1"), text("2"), number(3)])


@st.composite
def _actions(draw: st.DrawFn) -> list[dict[str, Any]]:
    actions = []
    for pk in draw(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6, unique=True)):
        content = {name: draw(_values) for name in "glx"}
        more = {name: value for name, value in content.items() if value is not None}
        made = [put(pk, more=more), delete(pk), update(pk, "REMOVE g SET x = :v", text("5"))]
        made.append(update(pk, "SET l = :v", draw(_values) or text("9")))
        action = draw(st.sampled_from([*made, check(pk, "attribute_exists(pk)")]))
        if draw(st.booleans()):
            (member,) = action.values()
            member["ConditionExpression"] = draw(
                st.sampled_from(["attribute_exists(x)", "attribute_not_exists(x)"])
            )
        actions.append(action)
    return actions


@settings(deadline=None, max_examples=60)
@given(st.lists(_actions(), max_size=8))
def test_a_transaction_does_what_its_writes_do_one_by_one_or_nothing(
    transactions: list[list[dict[str, Any]]],
) -> None:
    """Down to the last byte in the store: rows, index entries and counts."""
    together, apart = asked(Database.in_memory()), asked(Database.in_memory())
    for actions in transactions:
        before = together.stored()
        answer = together.write(*actions)
        if "__type" in answer:
            assert together.stored() == before
            continue
        for action in actions:
            ((kind, content),) = action.items()
            if kind != "ConditionCheck":
                assert "__type" not in apart.ask(_SINGLE[kind], **content)
    assert _rows(together) == _rows(apart)
    assert _counts(together) == _counts(apart)


def _rows(db: Asked) -> list[tuple[bytes, bytes]]:
    """All but the tables' own records, which name each table by a random id."""
    return [row for row in db.stored() if b"table/" not in row[0]]


def _counts(db: Asked) -> list[Any]:
    return [
        (part["ItemCount"], part.get("TableSizeBytes", part.get("IndexSizeBytes")))
        for table in db.counts().values()
        for part in (
            table,
            *table.get("GlobalSecondaryIndexes", ()),
            *table.get("LocalSecondaryIndexes", ()),
        )
    ]
