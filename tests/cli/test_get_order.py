"""`pannier get --ordered` and `--missing`, also where the job is interrupted and goes on."""

import json
import signal
from pathlib import Path

import pytest

from pannier.cli.missing_file import MissingFile
from pannier.errors import UserError
from tests.batch.fake_service import SCHEMA, TABLE, item
from tests.cli.running import good, refused, run
from tests.cli.test_job_resume import interrupted, slow_service
from tests.conftest import run_pannier

COUNT = 6000


def lines_of(path: Path) -> list[dict[str, dict[str, str]]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a table of ten items, and a file of keys with gaps and duplicates."""
    good(tmp_path, "create-table", "shop", "--key", "PK:S")
    items = "".join(json.dumps({"PK": f"k{n}", "n": n}) + "\n" for n in range(10))
    (tmp_path / "items.jsonl").write_text(items)
    good(tmp_path, "write", "items.jsonl", "--table", "shop", "--report", "none")
    keys = "".join(json.dumps({"PK": f"k{n}"}) + "\n" for n in (7, 11, 3, 7, 12, 0, 11))
    (tmp_path / "keys.jsonl").write_text(keys)
    return tmp_path


def test_items_come_in_the_order_of_the_keys(folder: Path) -> None:
    get = ("get", "keys.jsonl", "--table", "shop", "--ordered", "--report", "none")
    done = good(folder, *get, "--missing", "missing.jsonl", "--format", "plain")
    assert [json.loads(line)["n"] for line in done.out.splitlines()] == [7, 3, 7, 0]
    assert lines_of(folder / "missing.jsonl") == [{"PK": {"S": k}} for k in ("k11", "k12", "k11")]
    good(folder, *get, "--out", "found.csv")
    rows = (folder / "found.csv").read_text().splitlines()
    assert [row.partition(",")[0] for row in rows[1:]] == ["k7", "k3", "k7", "k0"]


def test_missing_keys_can_be_read_and_deleted_again(folder: Path) -> None:
    get = ("get", "keys.jsonl", "--table", "shop", "--report", "report.json")
    good(folder, *get, "--out", "found.jsonl", "--missing", "missing.jsonl")
    for command in ("get", "delete"):
        again = (command, "missing.jsonl", "--table", "shop", "--report", "report.json")
        good(folder, *again)
        report = json.loads((folder / "report.json").read_text())
        assert (report["read"], report["failed"]) == (3, 0)


def test_missing_keys_of_a_request_name_their_table(folder: Path) -> None:
    good(folder, "create-table", "other", "--key", "PK:S")
    keys = [{"PK": {"S": "k1"}}, {"PK": {"S": "none"}}]
    request = {"shop": {"Keys": keys}, "other": {"Keys": keys}}
    (folder / "request.json").write_text(json.dumps(request))
    good(folder, "get", "request.json", "--ordered", "--missing", "missing.jsonl")
    named = [next(iter(line)) for line in lines_of(folder / "missing.jsonl")]
    assert named == ["shop", "other", "other"]
    for again in (("delete", "missing.jsonl"), ("get", "missing.jsonl", "--table", "shop")):
        done = good(folder, *again, "--report", "report.json")
        report = json.loads((folder / "report.json").read_text())
        assert (report["read"], report["failed"]) == (3, 0), done.err
        assert set(report["units"]["read"] or report["units"]["write"]) == {"shop", "other"}


def test_the_file_of_missing_keys_is_there_if_none_is_missing(folder: Path) -> None:
    (folder / "keys.jsonl").write_text('{"PK": "k1"}\n')
    good(folder, "get", "keys.jsonl", "--table", "shop", "--missing", "missing.jsonl")
    assert (folder / "missing.jsonl").read_bytes() == b""


@pytest.mark.parametrize("name", ["-", "missing.jsonl.gz", "s3://bucket/missing.jsonl", "f.jsonl"])
def test_a_file_that_cant_take_missing_keys_is_refused(folder: Path, name: str) -> None:
    get = ("get", "keys.jsonl", "--table", "shop", "--out", "f.jsonl", "--missing", name)
    assert "--missing" in refused(folder, *get)


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGKILL])
def test_an_ended_get_goes_on_in_order(tmp_path: Path, by: signal.Signals) -> None:
    """Output and missing keys are what one run would have written, whatever a killed run left."""
    wanted = [f"k{n % 4500}" for n in range(COUNT)]
    (tmp_path / "keys.jsonl").write_text("".join(json.dumps({"PK": k}) + "\n" for k in wanted))
    with slow_service() as server:
        for n in range(0, 4500, 2):
            content = item(f"k{n}", str(n))
            server.service.tables[TABLE][b"".join(SCHEMA.item_key(content))] = content
        options = ("--table", TABLE, "--target", server.url, "--ordered")
        options += ("--out", "found.jsonl", "--missing", "missing.jsonl")
        command = ("get", "keys.jsonl", *options, "--journal", "the.journal")
        done = interrupted(tmp_path, server, *command, by=by, after_calls=25)
        assert done.returncode in (130, -signal.SIGKILL), done.stderr
        for name in ("found.jsonl", "missing.jsonl"):
            with (tmp_path / name).open("a") as file:
                file.write('{"PK": {"S": "of a run that was killed"}}\n{"PK"')
        again = run_pannier(*command, "--resume", "--report", "report.json", cwd=tmp_path)
        assert again.returncode == 0, again.stderr
    found = [line["PK"]["S"] for line in lines_of(tmp_path / "found.jsonl")]
    missing = [line["PK"]["S"] for line in lines_of(tmp_path / "missing.jsonl")]
    assert found == [key for key in wanted if int(key[1:]) % 2 == 0]
    assert missing == [key for key in wanted if int(key[1:]) % 2]
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["found"], report["missing"]) == (len(found), len(missing))
    # A run that is killed may not have noted anything yet.
    assert report["runs"] == 2 or by is signal.SIGKILL


def test_a_file_of_missing_keys_that_is_gone_is_told(tmp_path: Path) -> None:
    path = tmp_path / "missing.jsonl"
    with pytest.raises(UserError, match="is gone, or shorter"):
        MissingFile(str(path), None, 1)
    path.write_text("one\ntwo")
    with pytest.raises(UserError, match="is gone, or shorter"):
        MissingFile(str(path), None, 2)
    with MissingFile(str(path), None, 1) as file:
        file.add({"PK": {"S": "a"}}, 'a"b')
    assert path.read_text() == 'one\n{"a\\"b":[{"DeleteRequest":{"Key":{"PK":{"S":"a"}}}}]}\n'
    with MissingFile(str(path), "t", 0) as file:
        file.add({"PK": {"S": "a"}}, "t")
    assert path.read_text() == '{"PK":{"S":"a"}}\n'


def test_another_order_is_another_job(folder: Path) -> None:
    get = ("get", "keys.jsonl", "--table", "shop", "--out", "found.jsonl")
    assert run(folder, *get, "--journal", "j", "--ordered").status == 0
    assert "not with no --ordered" in refused(folder, *get, "--journal", "j", "--resume")
