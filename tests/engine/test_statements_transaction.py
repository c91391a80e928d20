"""ExecuteTransaction: statements all of which are carried out, or none."""

from typing import Any

import pytest

from tests.engine.statement_asking import Asked, error, key

READ = "SELECT n FROM songs WHERE pk = 'a' AND sk = 1"
INSERT = "INSERT INTO songs VALUE {'pk': 'new', 'sk': 1}"
ELSEWHERE = "DELETE FROM songs WHERE pk = 'b' AND sk = 1"
FAILED = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
NONE = {"Code": "None"}


@pytest.fixture
def songs() -> Asked:
    return Asked()


def transact(songs: Asked, *statements: Any, **options: Any) -> dict[str, Any]:
    entries = [each if isinstance(each, dict) else {"Statement": each} for each in statements]
    return songs.ask("ExecuteTransaction", TransactStatements=entries, **options)


def refusal(songs: Asked, *statements: Any) -> str:
    code, text = error(transact(songs, *statements))
    assert code == "ValidationException"
    return text


def test_writes_happen_together(songs):
    update = "UPDATE songs SET n = n + 1 WHERE pk = 'a' AND sk = 1"
    assert transact(songs, INSERT, update, ELSEWHERE) == {"Responses": []}
    assert songs.item("new", 1) == key("new", 1)
    assert (songs.item("a", 1) or {})["n"] == {"N": "11"}
    assert songs.item("b", 1) is None


def test_one_that_fails_cancels_all_and_says_why(songs):
    """The reasons stand in the order of the statements, so that a program knows which to mend."""
    answer = transact(
        songs,
        INSERT,
        "INSERT INTO songs VALUE {'pk': 'a', 'sk': 2}",
        {"Statement": "UPDATE songs SET n = 1 WHERE pk = 'a' AND sk = 1 AND n = 99",
         "ReturnValuesOnConditionCheckFailure": "ALL_OLD"},
        "UPDATE songs SET n = 1 WHERE pk = 'nobody' AND sk = 1",
        "UPDATE songs SET n = g + 1 WHERE pk = 'a' AND sk = 0",
    )  # fmt: skip
    code, text = error(answer)
    assert code == "TransactionCanceledException"
    assert text.endswith(
        "[None, DuplicateItem, ConditionalCheckFailed, ConditionalCheckFailed, ValidationError]"
    )
    assert answer["CancellationReasons"] == [
        NONE,
        {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"},
        {**FAILED, "Item": songs.item("a", 1)},
        FAILED,
        {"Code": "ValidationError",
         "Message": "An operand in the update expression has an incorrect data type"},
    ]  # fmt: skip
    assert songs.item("new", 1) is None


def test_exists_checks_an_item_that_is_not_written(songs):
    holds = "EXISTS(SELECT * FROM songs WHERE pk = 'a' AND sk = 1 AND n = 10)"
    assert transact(songs, holds, ELSEWHERE) == {"Responses": []}
    fails = "EXISTS(SELECT * FROM songs WHERE pk = 'a' AND sk = ? AND n = 77)"
    answer = transact(songs, {"Statement": fails, "Parameters": [{"N": "1"}]}, INSERT)
    assert answer["CancellationReasons"] == [FAILED, NONE]
    missing = "exists(SELECT * FROM songs WHERE pk = 'no' AND sk = 1 AND n IS MISSING)"
    assert transact(songs, missing, INSERT) == {"Responses": []}


def test_reads_see_one_moment(songs):
    nobody = "SELECT * FROM songs WHERE pk = 'nobody' AND sk = 1"
    assert transact(songs, READ, nobody) == {"Responses": [{"Item": {"n": {"N": "10"}}}, {}]}


def test_units_are_twice_those_of_single_ones(songs):
    level = {"ReturnConsumedCapacity": "TOTAL"}
    (read,) = transact(songs, READ, **level)["ConsumedCapacity"]
    assert (read["CapacityUnits"], read["ReadCapacityUnits"]) == (2.0, 2.0)
    (written,) = transact(songs, ELSEWHERE, **level)["ConsumedCapacity"]
    assert (written["CapacityUnits"], written["WriteCapacityUnits"]) == (2.0, 2.0)


def test_a_token_makes_a_request_idempotent(songs):
    """A program that lost the answer may send the request again."""
    assert transact(songs, INSERT, ClientRequestToken="once") == {"Responses": []}
    assert transact(songs, INSERT, ClientRequestToken="once") == {"Responses": []}
    assert error(transact(songs, INSERT))[0] == "TransactionCanceledException"
    other = error(transact(songs, ELSEWHERE, ClientRequestToken="once"))
    assert other[0] == "IdempotentParameterMismatchException"
    assert songs.item("b", 1) is not None


@pytest.mark.parametrize(
    ("statements", "text"),
    [
        (
            (READ, ELSEWHERE),
            (
                "ExecuteTransaction API does not support both read and write operations "
                "in the same request."
            ),
        ),
        (
            (READ, "SELECT n FROM songs WHERE pk = 'a'"),
            (
                "Validation failed in TransactStatements[1]: Select statements within "
                "ExecuteTransaction "
                "must specify the primary key in the where clause."
            ),
        ),
        (
            ("SELECT n FROM songs WHERE pk = 'a' AND sk = 1 AND n = 10",),
            (
                "Validation failed in TransactStatements[0]: Select statements within "
                "ExecuteTransaction "
                "must specify the primary key in the where clause."
            ),
        ),
        (
            ("SELECT * FROM songs.by_g WHERE g = 'G'",),
            (
                "Validation failed in TransactStatements[0]: "
                "Reads on indices are not supported within transactions."
            ),
        ),
        (
            (ELSEWHERE, "DELETE FROM songs WHERE pk = 'a' AND sk = 1 RETURNING ALL OLD *"),
            (
                "Validation failed in TransactStatements[1]: "
                "RETURNING clause is not supported in ExecuteTransaction."
            ),
        ),
        (
            ("EXISTS(SELECT * FROM songs WHERE pk = 'a' AND sk = 1)", ELSEWHERE),
            (
                "Validation failed in TransactStatements[0]: "
                "EXISTS() must contain a single item read with additional condition"
            ),
        ),
        (
            (ELSEWHERE, "DELETE FROM songs WHERE pk = ? AND sk = 1"),
            (
                "Validation failed in TransactStatements[1]: "
                "Number of parameters in request and statement don't match."
            ),
        ),
        (
            (ELSEWHERE, ELSEWHERE),
            "Transaction request cannot include multiple operations on one item",
        ),
        (
            (ELSEWHERE, "SELCT * FROM songs"),
            "Statement wasn't well formed, can't be processed: Expected data manipulation",
        ),
    ],
)
def test_transactions_that_are_refused(songs, statements, text):
    assert refusal(songs, *statements) == text
    assert songs.item("b", 1) is not None


def test_what_does_not_fit_the_keys_cancels(songs):
    """DynamoDB Local: the first of them is a reason, although no item was looked at."""
    answer = transact(
        songs, ELSEWHERE, "INSERT INTO songs VALUE {'pk': 'x'}", "DELETE FROM songs WHERE pk = 'x'"
    )
    assert answer["CancellationReasons"] == [
        NONE,
        {"Code": "ValidationError",
         "Message": "Key attribute should be present in the item: Key sk"},
        NONE,
    ]  # fmt: skip
    assert songs.item("b", 1) is not None


def test_unknown_tables(songs):
    answer = transact(songs, ELSEWHERE, "DELETE FROM nowhere WHERE pk = 'a'")
    assert error(answer) == ("ResourceNotFoundException", "Requested resource not found")
