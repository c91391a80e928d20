"""What a service refused can be found in its log: commands and failures files tell the id."""

import json
from pathlib import Path

from tests.conftest import run_pannier, serving


def logged(file: Path, error: str) -> list[str]:
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    return [line["request_id"] for line in lines if line.get("error") == error]


def test_an_error_tells_its_request_id(tmp_path: Path):
    file = tmp_path / "log"
    with serving("--memory", "--log", str(file), "--log-requests", "--no-console") as (url, _):
        done = run_pannier("delete-table", "nowhere", "--yes", "--target", url, cwd=tmp_path)
    assert done.returncode == 1
    said = done.stderr.splitlines()
    assert said[-1].split() == ["request", "id", *logged(file, "ResourceNotFoundException")[-1:]]


def test_a_failures_file_tells_it_too(tmp_path: Path):
    """The item whose index key has a wrong type is found to be at fault by the service alone."""
    file = tmp_path / "log"
    (tmp_path / "items.jsonl").write_text('{"PK": "a", "G": "text"}\n{"PK": "b", "G": 5}\n')
    with serving("--memory", "--log", str(file), "--log-requests", "--no-console") as (url, _):
        index = ("--key", "PK:S", "--index", "by-g=G:S")
        run_pannier("create-table", "shop", *index, "--target", url, cwd=tmp_path)
        options = ("--table", "shop", "--failures", "failures.jsonl", "--target", url)
        done = run_pannier("write", "items.jsonl", *options, cwd=tmp_path)
    assert done.returncode != 0
    (failure,) = map(json.loads, (tmp_path / "failures.jsonl").read_text().splitlines())
    assert failure["attributes"]["PK"] == {"S": "b"}
    assert failure["request_id"] == logged(file, "ValidationException")[-1]


def test_where_there_is_none_nothing_is_said(tmp_path: Path):
    done = run_pannier("delete-table", "nowhere", "--yes", "--target", "memory", cwd=tmp_path)
    assert done.returncode == 1
    assert "request id" not in done.stderr
