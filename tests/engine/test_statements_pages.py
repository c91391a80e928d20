"""Pages of a SELECT: Limit, NextToken, what is read and what it costs."""

import pytest

from tests.engine.statement_asking import Asked, error, key


@pytest.fixture
def songs() -> Asked:
    return Asked()


def pages(songs: Asked, statement: str, limit: int, **options) -> list[list[tuple[str, int]]]:
    """The keys on each page, to the end."""
    found = []
    while True:
        answer = songs.run(statement, Limit=limit, **options)
        found.append([(item["pk"]["S"], int(item["sk"]["N"])) for item in answer["Items"]])
        if "NextToken" not in answer:
            return found
        assert set(answer["LastEvaluatedKey"]) >= {"pk", "sk"}
        options["NextToken"] = answer["NextToken"]


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT * FROM songs WHERE pk = 'a'", [("a", 0), ("a", 1), ("a", 2)]),
        ("SELECT * FROM songs WHERE pk = 'a' ORDER BY sk DESC", [("a", 2), ("a", 1), ("a", 0)]),
        (
            "SELECT * FROM songs WHERE pk IN ['a', 'b'] ORDER BY sk DESC",
            [("a", 2), ("a", 1), ("a", 0), ("b", 1)],
        ),
        (
            "SELECT * FROM songs WHERE pk IN ['b', 'a'] AND sk IN [2, 1]",
            [("b", 1), ("a", 1), ("a", 2)],
        ),
        ("SELECT * FROM songs.by_l WHERE pk = 'a' ORDER BY l DESC", [("a", 2), ("a", 1), ("a", 0)]),
    ],
)
def test_pages_join_to_the_whole_in_its_order(songs, statement, expected, limit):
    found = pages(songs, statement, limit)
    assert [each for page in found for each in page] == expected
    assert all(len(page) <= limit for page in found)


@pytest.mark.parametrize("source", ["songs", "songs.by_g"])
def test_pages_of_everything(songs, source):
    found = pages(songs, f"SELECT pk, sk FROM {source}", 1)
    everything = songs.keys(f"SELECT pk, sk FROM {source}")
    assert [each for page in found for each in page] == everything


def test_limit_counts_what_is_read_not_what_is_found(songs):
    """A page may be empty and still have a successor: programs must follow the token, not count."""
    answer = songs.run("SELECT * FROM songs WHERE pk = 'a' AND n = 20", Limit=1)
    assert answer["Items"] == []
    assert answer["LastEvaluatedKey"] == key("a", 0)
    assert pages(songs, "SELECT * FROM songs WHERE pk = 'a' AND n = 20", 1) == [
        [], [], [("a", 2)], [],
    ]  # fmt: skip


def test_a_token_belongs_to_its_statement(songs):
    """Captured on AWS: even the same conditions in another order are another statement."""
    statement = "SELECT * FROM songs WHERE pk = ? AND n >= ?"
    given = [{"S": "a"}, {"N": "0"}]
    token = songs.run(statement, *given, Limit=1)["NextToken"]
    assert songs.keys(statement, *given, NextToken=token) == [("a", 1), ("a", 2)]
    mismatch = "NextToken does not match request"
    assert songs.refusal(statement, {"S": "b"}, {"N": "0"}, NextToken=token) == mismatch
    other = "SELECT * FROM songs WHERE n >= ? AND pk = ?"
    assert songs.refusal(other, *given[::-1], NextToken=token) == mismatch


@pytest.mark.parametrize("token", ["abc", "AAAA", "e30=", "WzEsMl0=", "é"])
def test_what_is_no_token(songs, token):
    assert songs.refusal("SELECT * FROM songs", NextToken=token) == "Invalid NextToken"


def test_a_limit_is_positive(songs):
    code, text = error(songs.run("SELECT * FROM songs", Limit=0))
    assert (code, "greater than or equal to 1" in text) == ("ValidationException", True)


def test_a_page_ends_at_one_megabyte(songs):
    for number in range(5):
        songs.put("big", number, text="x" * 300_000)
    answer = songs.run("SELECT sk FROM songs WHERE pk = 'big'")
    assert [item["sk"]["N"] for item in answer["Items"]] == ["0", "1", "2", "3"]
    rest = songs.run("SELECT sk FROM songs WHERE pk = 'big'", NextToken=answer["NextToken"])
    assert [item["sk"]["N"] for item in rest["Items"]] == ["4"]


@pytest.mark.parametrize(
    ("statement", "units"),
    [
        ("SELECT n FROM songs WHERE pk = 'big' AND sk = 1", 1.0),  # 8 KB alone
        ("SELECT n FROM songs WHERE pk = 'big'", 4.0),  # the sum, rounded once
        ("SELECT n FROM songs WHERE pk IN ['big', 'b']", 4.0),
        ("SELECT n FROM songs WHERE pk = 'nobody' AND sk = 1", 0.5),
        ("SELECT n FROM songs WHERE pk = 'big' AND n = 77", 4.0),  # a filter saves nothing
        ("SELECT n FROM songs", 4.0),
    ],
)
def test_units_are_those_of_the_read_that_it_is(songs, statement, units):
    for number in range(4):
        songs.put("big", number, text="x" * 7_800 if number < 2 else "y" * 7_700)
    answer = songs.run(statement, ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == {"TableName": "songs", "CapacityUnits": units}
    strong = songs.run(statement, ReturnConsumedCapacity="TOTAL", ConsistentRead=True)
    assert strong["ConsumedCapacity"]["CapacityUnits"] == units * 2
    assert set(strong) <= {"Items", "ConsumedCapacity"}
