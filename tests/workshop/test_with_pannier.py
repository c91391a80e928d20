"""The chapter's files through `pannier` itself, in-process on a database on disk."""

import json
import re
import runpy
import sys
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES, TABLE, run_pannier

WORKSHOP = EXAMPLES / "workshop"
CREATE = ("create-table", TABLE, "--key", "PK:S,SK:S", "--index", "GSI1=GSI1PK:S,GSI1SK:S")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with the chapter's table in its `.pannier`."""
    done = run_pannier(*CREATE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_the_chapter_from_write_to_projected_get(folder: Path) -> None:
    """Each file as it is; data on standard output, all else on standard error."""
    done = run_pannier("write", str(WORKSHOP / "batch-products.json"), cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "target: local (.pannier)" in done.stderr.splitlines()[0]
    assert "3 read: 3 written" in done.stderr
    assert "3 on demo-ecommerce-freetier/GSI1" in done.stderr

    done = run_pannier("get", str(WORKSHOP / "batch-get.json"), cwd=folder)
    items = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(items) == 3
    assert all(len(item) == 9 for item in items)

    done = run_pannier("write", str(WORKSHOP / "mixed-batch.json"), cwd=folder)
    assert "2 read: 1 written, 1 deleted" in done.stderr

    done = run_pannier("get", str(WORKSHOP / "batch-get-projection.json"), cwd=folder)
    items = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(items[0]) == ["PK", "SK", "name", "price", "stock"]
    assert len(items) == 3


def test_thirty_items_go_through_two_calls(folder: Path) -> None:
    """What `aws` sends in one refused call, `pannier write` splits."""
    done = run_pannier("write", str(WORKSHOP / "large-batch.json"), "--report", "json", cwd=folder)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stderr[done.stderr.index("{") :])
    assert report["written"] == 30
    assert report["calls"] == 2
    assert report["balanced"] is True
    assert report["units"]["write"] == {TABLE: 30.0}


def test_the_aws_spelling_takes_any_size_and_answers_as_aws_does(folder: Path) -> None:
    """`pannier batch-write-item` and `batch-get-item` beside `aws dynamodb ...`."""
    request = f"file://{WORKSHOP / 'large-batch.json'}"
    done = run_pannier(
        "batch-write-item", "--request-items", request,
        "--return-consumed-capacity", "INDEXES", cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "UnprocessedItems": {},
        "ConsumedCapacity": [
            {"TableName": TABLE, "CapacityUnits": 30.0, "Table": {"CapacityUnits": 30.0}}
        ],
    }
    assert "30 operations in 2 calls" in done.stderr

    keys = [{"PK": {"S": f"PRODUCT#batch-test-{i}"}, "SK": {"S": "DETAILS"}} for i in range(1, 151)]
    request = json.dumps({TABLE: {"Keys": keys, "ProjectionExpression": "price"}})
    done = run_pannier("batch-get-item", "--request-items", request, cwd=folder)
    answer = json.loads(done.stdout)
    assert answer["Responses"][TABLE] == [{"price": {"N": "10"}}] * 30
    assert answer["UnprocessedKeys"] == {}
    assert "150 keys in 2 calls" in done.stderr


def test_data_outlives_the_process_and_is_reached_through_a_server(folder: Path) -> None:
    """A folder that a server holds is not an error: `local` talks to the server."""
    from tests.conftest import serving

    run_pannier("write", str(WORKSHOP / "batch-products.json"), cwd=folder)
    with serving("--path", str(folder / ".pannier")) as (url, _):
        done = run_pannier("get", str(WORKSHOP / "batch-get.json"), cwd=folder)
        assert done.returncode == 0, done.stderr
        assert f"served at {url}" in done.stderr.splitlines()[0]
        assert len(done.stdout.splitlines()) == 3
    done = run_pannier("get", str(WORKSHOP / "batch-get.json"), cwd=folder)
    assert "target: local (.pannier)" in done.stderr.splitlines()[0]
    assert len(done.stdout.splitlines()) == 3


def test_the_demo_shows_what_it_promises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make demo`: writes, reads beside single reads, thirty items, a projection, a report."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["demo.py"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(EXAMPLES / "demo.py"), run_name="__main__")
    assert ended.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "3 written, 0 deleted in 1 call" in shown
    assert "batch: 3 items, 1 call, 1.5 read units" in shown
    assert "single: 3 items, 3 calls, 1.5 read units" in shown
    assert "1 written, 1 deleted in 1 call" in shown
    assert "30 written, 0 deleted in 2 calls" in shown
    full, projected = (int(size) for size in re.findall(r"(\d+) bytes answered", shown))
    assert projected < full
    for row in ("items", "calls", "retries", "write units", "latency", "single calls"):
        assert row in shown
    assert (tmp_path / ".pannier-demo").is_dir()


def test_the_batch_processor_example(capsys: pytest.CaptureFixture[str]) -> None:
    """The chapter's own class, with thirty items and a reserved word in its projection."""
    module = runpy.run_path(str(EXAMPLES / "batch_processor.py"))
    module["main"]("memory")
    shown = capsys.readouterr().out
    assert "30 items in 2 calls, all written: True" in shown
    assert "PRODUCT#batch-test-1 - Test Product 1 - 10" in shown
