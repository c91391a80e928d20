"""Ten kinds of broken files: each gives failures with places, and the good rest goes in.

A file is broken in one place. The law: every item before and behind the broken place goes in, where
the format lets its reader find the next; and what does not go in is told with file and line.
"""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pannier.files.opening import FileError
from tests.files.elements import elements, failures, puts, written

GOOD = [{"PK": {"S": f"item#{number}"}, "n": {"N": str(number)}} for number in range(30)]


def json_lines(broken: bytes) -> bytes:
    lines = [json.dumps(item).encode() for item in GOOD]
    return b"\n".join([*lines[:10], broken, *lines[10:], b""])


def array(broken: str) -> bytes:
    texts = [json.dumps(item) for item in GOOD]
    return ("[\n" + ",\n".join([*texts[:10], broken, *texts[10:]]) + "\n]\n").encode()


def rows(broken: str) -> bytes:
    lines = ["PK:S,n:N", *(f"{item['PK']['S']},{item['n']['N']}" for item in GOOD)]
    return "\r\n".join([*lines[:11], broken, *lines[11:], ""]).encode()


KINDS: dict[str, tuple[str, Callable[[], bytes], str, str, int]] = {
    # name: file, content, place, reason, how many of the good items are lost
    "half a line": (
        "x.jsonl", lambda: json_lines(b'{"PK": {"S": "ite'),
        "line 11", "this is not JSON (unterminated string), column 14", 0,
    ),
    "a line of something else": (
        "x.jsonl", lambda: json_lines(b"ERROR: connection reset"),
        "line 11", "this is not JSON (expecting value), column 1", 0,
    ),
    "bytes that are no text": (
        "x.jsonl", lambda: json_lines(b'{"PK": {"S": "\xff\xfe"}}'),
        "line 11", "this is not UTF-8 text, column 15", 0,
    ),
    "a number that is none": (
        "x.jsonl", lambda: json_lines(b'{"PK": {"S": "a"}, "n": {"N": NaN}}'),
        "line 11", "NaN is no JSON number", 0,
    ),
    "a value that is no item": (
        "x.jsonl", lambda: json_lines(b'"item#10"'),
        "line 11", "an item must be a JSON object", 0,
    ),
    "a quote that is never closed in an array": (
        "x.json", lambda: array('{"PK": {"S": "item}}'),
        "line 12, item 11", "this is not JSON", 0,
    ),
    "a comma too many in an array": (
        "x.json", lambda: array(""),
        "line 12, item 11", "line 12, column 1: this is not JSON (a value is missing)", 0,
    ),
    "a row with too few cells": (
        "x.csv", lambda: rows("item"),
        "line 12", "the row has 1 cells, the header 2", 0,
    ),
    "a row whose quote is never closed": (
        "x.csv", lambda: rows('"item,5'),
        "line 12", "a quote is never closed", 0,
    ),
    "a cell of another type": (
        "x.csv", lambda: rows("item,many"),
        "line 12", "n: it is no number", 0,
    ),
    "a file that ends in the middle": (
        "x.json", lambda: array(json.dumps(GOOD[0]))[:-200],
        "line 28", "line 28, column 1: this is not JSON (a quote or bracket is never closed)", 5,
    ),
    "a compressed file that ends in the middle": (
        "x.jsonl.gz", lambda: gzip.compress(json_lines(b"{}"), 0, mtime=0)[:-200],
        "line 27", "the compressed data breaks off: the end of the file is missing", 5,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_good_rest_goes_in(tmp_path: Path, kind: str) -> None:
    name, content, place, reason, lost = KINDS[kind]
    (tmp_path / name).write_bytes(content())
    found = elements(tmp_path / name)
    good = [item for item in puts(found) if item in GOOD]
    said = failures(found)
    assert (said[-1][0], reason in said[-1][1]) == (f"{name}, {place}", True), said
    assert [item for item in GOOD if item in good][: len(GOOD) - lost] == GOOD[: len(GOOD) - lost]
    assert len(said) <= 2


def test_a_file_of_several_that_can_t_be_used_does_not_end_the_job(tmp_path: Path) -> None:
    """The first may: nothing was sent then. Later ones are failures, and the next is read."""
    names: list[Any] = [tmp_path / f"{number}.json" for number in range(4)]
    for name in names:
        name.write_text(json.dumps([GOOD[0]]))
    names[1].write_text("")
    names[2] = tmp_path / "missing.json"
    found = elements(*names)
    assert len(puts(found)) == 2
    assert failures(found) == [
        ("1.json, line 1", f"{names[1]} is empty"),
        ("missing.json, line 1", f"there is no file {names[2]}"),
    ]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.data(),
    st.sampled_from(["x.jsonl", "x.json", "x.csv", "request.json", "model.json", "x.jsonl.gz"]),
    st.sampled_from(["t", None]),
)
def test_whatever_is_damaged_no_reader_fails(
    tmp_path: Path, data: st.DataObject, name: str, table: str | None
) -> None:
    """Items, failures, or one error that names the file; never another exception."""
    path = tmp_path / name
    if name == "model.json":
        rows = {"TableName": "A", "TableData": GOOD}
        path.write_text(json.dumps({"ModelName": "m", "DataModel": [rows, rows]}, indent=1))
    else:
        written(path, GOOD, types=True, **({"format": "request"} if "request" in name else {}))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 30))] = data.draw(
            st.sampled_from([b"", b'"', b"{", b"]", b",", b"\n", b"\xff", b"\\", b"NaN", b"[[[["])
        )
        content = content or bytearray(b" ")
    path.write_bytes(content)
    try:
        found = elements(path, table=table)
    except FileError as error:
        found = []
        said = error.message
        assert said.startswith((str(path), "there is no"))  # or it reads something
    # Of commas alone, so many may be wrong before the rest is given up; of lines, each may be.
    assert len(found) <= max(500, content.count(b"\n") + 1)
