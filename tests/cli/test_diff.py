"""`pannier diff`: differences as JSON lines, a summary, and the exit statuses of `diff`."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import good, run

COUNT = 120


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with a local table and a copy of it."""
    good(tmp_path, "create-table", "shop", "--key", "PK:S,SK:N")
    items = [{"PK": f"p{n % 7}", "SK": n, "price": n / 4, "tags": ["x"]} for n in range(COUNT)]
    (tmp_path / "items.jsonl").write_text("".join(json.dumps(each) + "\n" for each in items))
    good(tmp_path, "write", "items.jsonl", "--table", "shop", "--report", "none")
    good(tmp_path, "copy", "shop", "other", "--create", "--report", "none")
    return tmp_path


@pytest.fixture
def changed(folder: Path) -> Path:
    """As before; of the copy one item was changed, one is gone, and one is new."""
    lines = [{"PK": "p0", "SK": 0, "price": 9, "new": "n"}, {"PK": "p9", "SK": 1}]
    (folder / "more.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    good(folder, "write", "more.jsonl", "--table", "other", "--report", "none")
    (folder / "keys.jsonl").write_text('{"PK": "p1", "SK": 1}\n')
    good(folder, "delete", "keys.jsonl", "--table", "other", "--report", "none")
    return folder


def lines(text: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in text.splitlines()]
    return sorted(found, key=lambda each: str(each["key"]))


def key(partition: str, sort: int) -> dict[str, Any]:
    return {"PK": {"S": partition}, "SK": {"N": str(sort)}}


def test_equal_tables_have_no_differences(folder: Path) -> None:
    done = good(folder, "diff", "shop", "other")
    assert done.out == ""
    assert f"compared {COUNT} items of A and {COUNT} of B" in done.err
    assert "0 only in A, 0 only in B, 0 differ" in done.err


def test_differences_are_lines_that_name_attributes(changed: Path) -> None:
    done = run(changed, "diff", "shop", "other")
    assert done.status == 1
    assert lines(done.out) == [
        {
            "key": key("p0", 0),
            "differs": ["new", "price", "tags"],
            "a": {"price": {"N": "0"}, "tags": {"L": [{"S": "x"}]}},
            "b": {"price": {"N": "9"}, "new": {"S": "n"}},
        },
        {"key": key("p1", 1), "only_in": "a"},
        {"key": key("p9", 1), "only_in": "b"},
    ]
    assert "1 only in A, 1 only in B, 1 differ" in done.err


def test_keys_or_some_attributes_are_compared_alone(changed: Path) -> None:
    done = run(changed, "diff", "shop", "other", "--keys-only", "--out", "found.jsonl")
    assert (done.status, done.out) == (1, "")
    found = lines((changed / "found.jsonl").read_text())
    assert [each["only_in"] for each in found] == ["a", "b"]
    done = run(changed, "diff", "shop", "other", "--project", "tags")
    assert [each.get("differs") for each in lines(done.out)] == [["tags"], None, None]


def test_another_target_and_a_sample(changed: Path) -> None:
    there = ("--to-target", "local:backup")
    good(changed, "copy", "shop", "shop", *there, "--create", "--report", "none")
    assert good(changed, "diff", "shop", "shop", *there, "--read-units", "10000").out == ""
    done = run(changed, "diff", "shop", "other", "--sample", "1000")
    assert done.status == 1
    assert len(lines(done.out)) == 3
    assert f"sampled {COUNT} items of A and {COUNT} of B" in done.err
    assert "nothing is known of the others" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere", "other"], "there is no table nowhere here"),
        (["shop", "nowhere"], "there is no table nowhere at local"),
        (["shop", "shop"], "would be compared with itself"),
        (["shop", "keyed"], "the keys are not the same: PK:S, SK:N and PK:S"),
        (["shop", "other", "--out", "no/folder"], "no/folder can't be written"),
        (["shop", "other", "--project", "a["], "could not be read: ValidationException"),
        (["shop", "other", "--keys-only", "--project", "a"], "not allowed with"),
    ],
)
def test_trouble_has_a_status_of_its_own(folder: Path, arguments: list[str], words: str) -> None:
    good(folder, "create-table", "keyed", "--key", "PK:S")
    done = run(folder, "diff", *arguments)
    assert done.status == 2
    assert words in " ".join(done.err.split())
    assert done.out == ""
