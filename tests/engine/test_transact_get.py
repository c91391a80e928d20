"""TransactGetItems: several items as they are at one moment.

Answers stand in the order of the request, unlike BatchGetItem's, so a program may pair them by
position; that is why a missing item must leave its place behind.
"""

from typing import Any

import pytest

from pannier.engine.database import Database
from tests.engine.transact_asking import Asked, asked, error, key, number, put, reasons, text


@pytest.fixture
def db() -> Asked:
    return asked(Database.in_memory())


def wanted(pk: str, table: str = "orders", **options: Any) -> dict[str, Any]:
    return {"TableName": table, "Key": key(pk, table), **options}


def test_items_come_in_the_order_of_the_request_and_leave_their_place(db: Asked) -> None:
    """A missing item is `{}`; one of which nothing is shown has an empty `Item` (service model)."""
    db.write(put("a", more={"x": text("1"), "y": text("2")}), put("b", "plain"))
    answer = db.get(
        wanted("b", "plain"),
        wanted("missing"),
        wanted("a", ProjectionExpression="#x", ExpressionAttributeNames={"#x": "x"}),
        wanted("b"),
    )
    assert answer == {
        "Responses": [{"Item": key("b", "plain")}, {}, {"Item": {"x": text("1")}}, {}]
    }
    assert db.get(wanted("a", ProjectionExpression="nothing")) == {"Responses": [{"Item": {}}]}


def test_units_are_twice_those_of_a_consistent_read(db: Asked) -> None:
    """Captured: 2 for each 4 KB begun, and 2 for an item that is not there."""
    db.write(put("a", more={"x": text("y" * 5000)}), put("b", "plain"))
    gets = [wanted("b", "plain"), wanted("a", ProjectionExpression="pk"), wanted("missing")]
    answer = db.get(*gets, ReturnConsumedCapacity="INDEXES")
    two, six = ({"CapacityUnits": units, "ReadCapacityUnits": units} for units in (2.0, 6.0))
    assert answer["ConsumedCapacity"] == [
        {"TableName": "plain", **two, "Table": two},
        {"TableName": "orders", **six, "Table": six},
    ]
    answer = db.get(*gets, ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == [
        {"TableName": "plain", **two},
        {"TableName": "orders", **six},
    ]


@pytest.mark.parametrize("bad", [{"pk": text("a")}, {"pk": number(1), "sk": text("s")}])
def test_a_key_that_does_not_match_the_schema_cancels(db: Asked, bad: dict[str, Any]) -> None:
    """Captured: it is a reason, not a ValidationException as in GetItem."""
    answer = db.get(wanted("a"), {"TableName": "orders", "Key": bad})
    mismatch = "The provided key element does not match the schema"
    assert reasons(answer) == [None, ("ValidationError", mismatch)]


def test_what_fails_the_request_as_a_whole(db: Asked) -> None:
    """In this order: expressions, tables, empty keys, keys, duplicates."""
    broken = wanted("a", ProjectionExpression="a,,b")
    nowhere = wanted("a", TableName="nowhere")
    assert error(db.get(nowhere, broken))[1].startswith("Invalid ProjectionExpression: Syntax")
    assert error(db.get(wanted("a"), wanted("a"), nowhere))[0] == "ResourceNotFoundException"
    mistyped = {"TableName": "plain", "Key": {"pk": number(1)}}
    assert error(db.get(mistyped, wanted("")))[0] == "ValidationException"
    assert error(db.get(mistyped, mistyped))[0] == "TransactionCanceledException"
    assert error(db.get(wanted("a"), wanted("a"))) == (
        "ValidationException",
        "Transaction request cannot include multiple operations on one item",
    )


def test_names_beside_no_projection_are_accepted(db: Asked) -> None:
    """Captured: as in writing transactions, and unlike GetItem."""
    answer = db.get(wanted("a", ExpressionAttributeNames={"#a": "b"}))
    assert answer == {"Responses": [{}]}


def test_one_to_a_hundred_gets_and_each_has_one(db: Asked) -> None:
    assert len(db.get(*(wanted(str(each)) for each in range(100)))["Responses"]) == 100
    assert "less than or equal to 100" in error(db.get(*(wanted(str(n)) for n in range(101))))[1]
    assert "greater than or equal to 1" in error(db.get())[1]
    answer = db.ask("TransactGetItems", TransactItems=[{}])
    assert error(answer)[1] == (
        "1 validation error detected: Value null at 'transactItems.1.member.get' "
        "failed to satisfy constraint: Member must not be null"
    )


def test_four_megabytes_in_total(db: Asked) -> None:
    """The items count as they are stored, whatever a projection shows of them."""
    for position in range(11):
        db.write(put(str(position), more={"x": text("y" * 390_000)}))
    gets = [wanted(str(position), ProjectionExpression="pk") for position in range(11)]
    assert len(db.get(*gets[:10])["Responses"]) == 10
    assert error(db.get(*gets))[0] == "ValidationException"
