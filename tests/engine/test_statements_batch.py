"""BatchExecuteStatement: every statement has its own answer or error, in the order of the request.

A program pairs answers with statements by position, and must look at each: the call itself succeeds
although statements in it have failed.
"""

from typing import Any

import pytest

from tests.engine.statement_asking import Asked, error, key

GOOD = "SELECT n FROM songs WHERE pk = 'a' AND sk = 1"


@pytest.fixture
def songs() -> Asked:
    return Asked()


def batch(songs: Asked, *statements: Any, **options: Any) -> dict[str, Any]:
    entries = [each if isinstance(each, dict) else {"Statement": each} for each in statements]
    return songs.ask("BatchExecuteStatement", Statements=entries, **options)


def responses(songs: Asked, *statements: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = batch(songs, *statements)["Responses"]
    return found


def failed(code: str, message: str, **more: Any) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": message}, **more}


def test_reads_answer_one_item_each(songs):
    assert responses(
        songs,
        GOOD,
        "SELECT * FROM songs WHERE pk = 'nobody' AND sk = 1",
        {"Statement": "SELECT sk, n FROM songs WHERE sk = ? AND pk = ?",
         "Parameters": [{"N": "2"}, {"S": "a"}]},
    ) == [
        {"TableName": "songs", "Item": {"n": {"N": "10"}}},
        {"TableName": "songs"},
        {"TableName": "songs", "Item": {"sk": {"N": "2"}, "n": {"N": "20"}}},
    ]  # fmt: skip


def test_each_statement_fails_for_itself(songs):
    """The text about the primary key is the service's; one about an index is captured, too."""
    whole_key = failed(
        "ValidationError",
        "Select statements within BatchExecuteStatement must specify the primary key "
        "in the where clause.",
    )
    assert responses(
        songs,
        "SELECT * FROM songs WHERE pk = 'a'",
        "SELECT * FROM songs WHERE pk = 'a' AND sk IN [1]",
        "SELECT * FROM songs WHERE pk = 'a' AND sk = 1 AND n = 10",
        "SELECT * FROM songs.by_g WHERE g = 'G'",
        GOOD,
        "SELECT * FROM nowhere WHERE pk = 'a'",
        "SELECT * FROM songs WHERE pk = ? AND sk = 1",
        "SELCT * FROM songs",
    ) == [
        whole_key, whole_key, whole_key, whole_key,
        {"TableName": "songs", "Item": {"n": {"N": "10"}}},
        failed("ResourceNotFound", "Requested resource not found"),
        failed("ValidationError",
               "Number of parameters in request and statement don't match."),
        failed("ValidationError",
               "Statement wasn't well formed, can't be processed: Expected data manipulation"),
    ]  # fmt: skip


def test_writes_are_carried_out_beside_those_that_fail(songs):
    before = songs.item("a", 0)
    found = responses(
        songs,
        "INSERT INTO songs VALUE {'pk': 'new', 'sk': 1}",
        "INSERT INTO songs VALUE {'pk': 'a', 'sk': 2}",
        {"Statement": "UPDATE songs SET n = 1 WHERE pk = 'a' AND sk = 0 AND n = 99",
         "ReturnValuesOnConditionCheckFailure": "ALL_OLD"},
        "UPDATE songs SET n = n + 1 WHERE pk = 'a' AND sk = 1 RETURNING MODIFIED NEW *",
        "UPDATE songs SET n = 1 WHERE pk = 'a'",
        "DELETE FROM songs WHERE pk = 'b' AND sk = 1 RETURNING ALL NEW *",
        "DELETE FROM songs WHERE pk = 'gone' AND sk = 1",
        "UPDATE songs SET n = g + 1 WHERE pk = 'a' AND sk = 3",
    )  # fmt: skip
    named = {"TableName": "songs"}
    condition = failed("ConditionalCheckFailed", "The conditional request failed", **named)
    assert found[:2] == [
        named, failed("DuplicateItem", "Duplicate primary key exists in table", **named),
    ]  # fmt: skip
    assert found[2]["Error"] == {**condition["Error"], "Item": before}
    assert found[3] == {**named, "Item": {"n": {"N": "11"}}}
    assert found[4] == failed(
        "ValidationError",
        "Where clause does not contain a mandatory equality on all key attributes",
    )
    assert found[5]["Error"]["Message"].startswith("Invalid returning clause")
    assert found[6:] == [named, condition]
    assert songs.item("new", 1) == key("new", 1)
    assert songs.item("b", 1) is not None


def test_reads_and_writes_do_not_mix(songs):
    answer = batch(songs, GOOD, "DELETE FROM songs WHERE pk = 'a' AND sk = 1")
    assert error(answer) == (
        "ValidationException",
        "Read and write requests together in the same batch is not supported.",
    )
    assert songs.item("a", 1) is not None


@pytest.mark.parametrize(
    "statements",
    [
        (GOOD, GOOD),
        (
            "INSERT INTO songs VALUE {'pk': 'x', 'sk': 1}",
            "DELETE FROM songs WHERE pk = 'x' AND sk = 1.0",
        ),
    ],
)
def test_no_item_twice(songs, statements):
    text = "Provided list of item keys contains duplicates"
    assert error(batch(songs, *statements)) == ("ValidationException", text)
    assert songs.item("x", 1) is None


def test_between_one_and_twenty_five_statements(songs):
    for count in (0, 26):
        code, text = error(batch(songs, *[GOOD] * count))
        assert (code, "'statements' failed to satisfy" in text) == ("ValidationException", True)
    inserts = [f"INSERT INTO songs VALUE {{'pk': 'x', 'sk': {each}}}" for each in range(25)]
    assert responses(songs, *inserts) == [{"TableName": "songs"}] * 25


def test_units_are_those_of_single_reads_and_writes(songs):
    songs.put("big", 1, text="x" * 5000)
    read = batch(
        songs,
        {"Statement": "SELECT n FROM songs WHERE pk = 'big' AND sk = 1", "ConsistentRead": True},
        GOOD,
        "SELECT n FROM songs WHERE pk = 'nobody' AND sk = 1",
        ReturnConsumedCapacity="TOTAL",
    )
    assert read["ConsumedCapacity"] == [{"TableName": "songs", "CapacityUnits": 3.0}]
    written = batch(
        songs,
        "DELETE FROM songs WHERE pk = 'big' AND sk = 1",
        "DELETE FROM songs WHERE pk = 'nobody' AND sk = 1",
        ReturnConsumedCapacity="TOTAL",
    )
    assert written["ConsumedCapacity"] == [{"TableName": "songs", "CapacityUnits": 6.0}]


def test_exists_belongs_to_transactions(songs):
    exists = "EXISTS(SELECT * FROM songs WHERE pk = 'a' AND sk = 1 AND n = 10)"
    assert responses(songs, exists) == [
        failed("ValidationError", "EXISTS can only be used in ExecuteTransaction write requests.")
    ]
