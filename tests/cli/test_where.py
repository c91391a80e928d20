"""`pannier delete` and `pannier update`: by key, and by condition with a preview."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import good, refused, run

COUNT = 300


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with a local table."""
    good(tmp_path, "create-table", "shop", "--key", "PK:S,SK:S", "--index", "GSI1=g:S")
    items = [
        {"PK": f"p{n % 7}", "SK": f"{n:04}", "price": n % 100, "status": "open", "g": str(n % 3)}
        for n in range(COUNT)
    ]
    (tmp_path / "items.jsonl").write_text("".join(json.dumps(each) + "\n" for each in items))
    good(tmp_path, "write", "items.jsonl", "--table", "shop", "--report", "none")
    return tmp_path


def items(folder: Path) -> list[dict[str, Any]]:
    done = good(folder, "scan", "shop", "--format", "plain", "--report", "none")
    return [json.loads(line) for line in done.out.splitlines()]


def report_of(err: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(err[err.index("{\n") :])
    assert report["balanced"]
    return report


DEAR = ("--where", "price >= :high", "--values", '{":high": 90}')


def test_whole_items_are_deleted_by_their_keys(folder: Path) -> None:
    done = good(folder, "delete", "items.jsonl", "--table", "shop", "--report", "json")
    report = report_of(done.err)
    assert (report["operation"], report["deleted"], report["calls"]) == ("write", COUNT, 12)
    assert items(folder) == []


def test_keys_of_every_kind_of_file_are_deleted(folder: Path) -> None:
    (folder / "keys.csv").write_text("PK:S,SK:S,other:N\np0,0000,5\np1,0001,6\n")
    key = {"PK": {"S": "p2"}, "SK": {"S": "0002"}}
    other = {"PK": {"S": "p3"}, "SK": {"S": "0003"}}
    request = {"shop": [{"DeleteRequest": {"Key": key}}, {"PutRequest": {"Item": other}}]}
    (folder / "request.json").write_text(json.dumps(request))
    (folder / "broken.jsonl").write_text('{"PK": "p4", "SK": "0004"}\n{"PK": "p5"}\n{\n')
    good(folder, "delete", "keys.csv", "request.json", "--table", "shop")
    done = run(folder, "delete", "broken.jsonl", "--table", "shop", "--failures", "failed.jsonl")
    assert done.status == 1
    assert len(items(folder)) == COUNT - 5
    failed = [json.loads(line) for line in (folder / "failed.jsonl").read_text().splitlines()]
    assert [(each["line"], each["kind"]) for each in failed] == [(2, "delete"), (3, "parse")]
    assert "does not match the schema" in failed[0]["reason"]


def test_deleting_from_a_table_that_is_not_there_shows_how_to_make_it(folder: Path) -> None:
    said = refused(folder, "delete", "items.jsonl", "--table", "nowhere")
    assert "there is no table nowhere here" in said


def test_a_preview_says_how_many_which_and_what_it_costs_and_does_nothing(folder: Path) -> None:
    for more in (("--dry-run",), ()):
        done = run(folder, "delete", "shop", *DEAR, *more)
        said = " ".join(done.out.split())
        assert "would delete 30 items of shop for example {" in said
        assert "would write about 30 units" in said
        assert "assumes" in said
        assert done.status == (0 if more else 1)
        assert ("add --yes" in done.err) is not bool(more)
    preview = json.loads(good(folder, "delete", "shop", *DEAR, "--dry-run", "--report", "json").out)
    assert (preview["items"], preview["exact"], len(preview["examples"])) == (30, True, 5)
    assert set(preview["examples"][0]) == {"PK", "SK"}
    assert len(items(folder)) == COUNT


def test_nothing_to_do_is_no_error(folder: Path) -> None:
    nothing = ("--where", "price > :high", "--values", '{":high": 1000}')
    assert "would delete 0 items" in good(folder, "delete", "shop", *nothing).out
    done = good(folder, "delete", "shop", *nothing, "--yes")
    assert "0 read: nothing to do" in done.err


def test_what_meets_the_condition_is_deleted_and_nothing_else(folder: Path) -> None:
    done = good(folder, "delete", "shop", *DEAR, "--yes", "--report", "json")
    report = report_of(done.err)
    assert (report["operation"], report["read"], report["deleted"]) == ("act", 30, 30)
    assert report["units"]["write"]["shop"] == 30
    assert report["units"]["read"]["shop"] > 0
    assert f"{COUNT} items were read to find 30" in done.err
    assert {each["price"] for each in items(folder)} == set(range(90))


def test_an_update_sets_removes_and_adds(folder: Path) -> None:
    """Reserved words as they are; and it can't be repeated, so it is guarded."""
    update = ("update", "shop", "--where", "price >= :high AND status = :open")
    update += ("--set", "price = price - :off, status = :sale", "--remove", "g", "--add", "n :off")
    update += ("--values", '{":high": 90, ":open": "open", ":off": 50, ":sale": "sale"}')
    preview = json.loads(good(folder, *update, "--dry-run", "--report", "json").out)
    assert preview["guarded"]
    done = good(folder, *update, "--yes", "--report", "json", "--parallel", "4")
    assert report_of(done.err)["written"] == 30
    changed = [each for each in items(folder) if each["status"] == "sale"]
    assert sorted(each["price"] for each in changed) == sorted([*range(40, 50)] * 3)
    assert all(each["n"] == 50 and "g" not in each for each in changed)
    again = good(folder, *update, "--yes", "--report", "json")
    assert report_of(again.err)["read"] == 0


def test_an_item_that_cant_be_changed_is_a_failure_with_its_key(folder: Path) -> None:
    """`status` is a text of which nothing can be subtracted; the others are changed."""
    (folder / "more.jsonl").write_text('{"PK": "x", "SK": "y", "price": "dear", "m": 1}\n')
    good(folder, "write", "more.jsonl", "--table", "shop", "--report", "none")
    done = run(
        folder,
        *("update", "shop", "--where", "attribute_exists(m) OR SK < :two"),
        *("--set", "price = price + :one", "--values", '{":one": 1, ":two": "0002"}'),
        *("--yes", "--failures", "failed.jsonl", "--report", "json"),
    )
    assert done.status == 1
    report = report_of(done.err[: done.err.rindex("pannier:")])
    assert (report["written"], report["failed"]) == (2, 1)
    (failure,) = map(json.loads, (folder / "failed.jsonl").read_text().splitlines())
    assert failure["kind"] == "update"
    assert failure["attributes"] == {"PK": {"S": "x"}, "SK": {"S": "y"}}
    assert "incorrect data type" in failure["reason"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("delete", "nowhere", "--where", "a = :v"), "there is no table nowhere"),
        (("delete", "shop"), "pannier delete TABLE --where"),
        (("delete", "shop", "--where", "price > 5", "--yes"), "Values stand in --values"),
        (("delete", "shop", "more", "--where", "a = b"), "--where takes one table"),
        (("delete", "shop", "--where", "a = b", "--resume"), "has no journal, and needs none"),
        (("delete", "items.jsonl", "--table", "shop", "--yes"), "--yes goes with --where"),
        (("update", "shop", "--where", "a = b"), "nothing is to be changed"),
        (("update", "shop", "--set", "a = b"), "for all of them"),
        (("update", "shop", "--where", "g = g", "--set", "SK = g", "--yes"), "part of the key"),
        (
            ("update", "shop", "--where", "a = b", "--set", "a = b", "--values", '{":x": 1}'),
            "Leave out of --values",
        ),
        (
            ("delete", "shop", "--where", "a = b", "--yes", "--write-units", "10%"),
            "--write-units 500",
        ),
    ],
)
def test_what_cant_be_done_is_told_before_anything_is_done(
    folder: Path, arguments: tuple[str, ...], text: str
) -> None:
    assert text in refused(folder, *arguments)
    assert len(items(folder)) == COUNT


@pytest.mark.parametrize(("answer", "left"), [("y", COUNT - 30), ("n", COUNT), ("", COUNT)])
def test_on_a_terminal_it_asks(folder: Path, answer: str, left: int) -> None:
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "pannier", "delete", "shop", *DEAR, "--report", "none"],
        cwd=folder,
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        said = b""
        while b"[y/N]" not in said:
            said += os.read(ours, 1000)
        os.write(ours, answer.encode() + b"\n")
        assert program.wait(30) == (0 if answer == "y" else 1)
    finally:
        if program.poll() is None:
            program.kill()
            program.wait()
        os.close(ours)
    assert len(items(folder)) == left
