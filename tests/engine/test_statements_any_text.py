"""No text, however malformed, gets a 500, and none keeps the engine busy for long."""

import re
from typing import Any

import hypothesis.strategies as st
import orjson
import pytest
from hypothesis import given, settings

from tests.engine.statement_asking import Asked

GOOD = [
    """SELECT m.x[0], "n" FROM "songs"."by_l" WHERE pk = 'a' AND l BETWEEN 'L' AND ? ORDER BY l""",
    "SELECT * FROM songs WHERE pk IN ['a', 'b'] AND NOT (size(n) > 1 OR g IS NOT MISSING)",
    "INSERT INTO songs VALUE {'pk': 'c', 'sk': 1, 'm': {'l': [1e1, <<'x'>>, null]}, 'p': ?}",
    ("UPDATE songs SET n = n + 1, s = set_add(s, <<1>>) REMOVE l[0] WHERE pk = 'a' AND sk = 1 "
    "RETURNING MODIFIED NEW *"),
    "DELETE FROM songs WHERE pk = 'a' AND sk = ? AND begins_with(g, 'G') RETURNING ALL OLD *",
    "EXISTS(SELECT * FROM songs WHERE pk = 'a' AND sk = 1 AND contains(g, 'G'))",
]  # fmt: skip
PIECES = [piece for text in GOOD for piece in re.findall(r"\w+|'[^']*'|\S", text)]
STRANGE = [
    *("'", '"', "''", '""', "`1`", "/*", "--", "\x00", "é", "1e999", "9" * 50, "?", "(", "[", "<<"),
    *("@", "-", ";", "NOT", "FROM", "VALUES", "LIMIT", "JOIN", "ON", "AS", "AT"),
]
VALUES: list[dict[str, Any]] = [
    {"S": "a"}, {"N": "1"}, {"NULL": True}, {"L": [{"N": "1"}]}, {"SS": ["a"]}, {"S": ""},
]  # fmt: skip
SONGS = Asked()


@st.composite
def _statements(draw: st.DrawFn) -> str:
    pieces = re.findall(r"\w+|'[^']*'|\S", draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(pieces) - 1))
        width = draw(st.integers(0, 2))
        pieces[at : at + width] = [draw(st.sampled_from(PIECES + STRANGE))]
    return " ".join(pieces)


@settings(max_examples=150, deadline=None)
@given(statement=_statements(), data=st.data())
def test_damaged_statements(statement, data):
    count = data.draw(st.sampled_from([statement.count("?"), 1]))
    parameters = [data.draw(st.sampled_from(VALUES)) for _ in range(count)]
    entry = {"Statement": statement, **({"Parameters": parameters} if parameters else {})}
    SONGS.ask("ExecuteStatement", **orjson.loads(orjson.dumps(entry)), Limit=2)
    SONGS.ask("BatchExecuteStatement", Statements=[entry])
    SONGS.ask("ExecuteTransaction", TransactStatements=[entry])


@pytest.mark.parametrize(
    "body",
    [
        "(" * 4000,
        "[" * 4000,
        "NOT " * 2000 + "n",
        "- " * 4000 + "n",
        "-" * 8000,
        "n+" * 4000 + "n",
        "n=" * 3000 + "n",
        "a." * 4000 + "a",
        "a[0]" + "[0]" * 2500,
        "/*" * 4000,
        "{'a':" * 1600,
        "n=1 AND " * 1000 + "n=1",
        "n=1 OR " * 1000 + "n=1",
        "f(" * 4000,
        "'" * 8001,
        "<<" * 4000,
        "n IN [" + "1," * 3900 + "1]",
        "1" * 8000,
    ],
)
@pytest.mark.parametrize(
    "frame",
    [
        "{}",
        "SELECT {} FROM songs",
        "SELECT * FROM songs WHERE {}",
        "UPDATE songs SET q = {} WHERE pk = 'a' AND sk = 1",
    ],
)
def test_statements_that_are_deep_or_long(frame, body):
    """A stack is finite: depth is refused, and length costs no more than its reading."""
    answer = SONGS.run(frame.format(body)[:8192])
    assert "__type" in answer
