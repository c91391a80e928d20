"""Bad input: a clear error that says what to do next, a status that is not 0, and no traceback."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import TABLE, run_pannier, serving

KEY = {"PK": {"S": "a"}, "SK": {"S": "b"}}


def put(**attributes: object) -> dict[str, object]:
    return {"PutRequest": {"Item": {**KEY, **attributes}}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with the workshop's table."""
    assert run_pannier("create-table", TABLE, "--key", "PK:S,SK:S", cwd=tmp_path).returncode == 0
    return tmp_path


def write(folder: Path, content: object, *options: str) -> "subprocess.CompletedProcess[str]":
    """Write a request file and give it to `pannier write`."""
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "request.json").write_text(text)
    return run_pannier("write", "request.json", *options, cwd=folder)


def explained(done: "subprocess.CompletedProcess[str]", *texts: str) -> None:
    """The command failed and said all of these; nobody saw a traceback."""
    assert done.returncode not in (0, None), done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    for text in texts:
        assert text in " ".join(done.stderr.split()), done.stderr


def test_not_json(folder: Path) -> None:
    explained(write(folder, '{"a": [\n  1,,\n]}'), "line 2, column 5", "not JSON")


def test_an_empty_file(folder: Path) -> None:
    explained(write(folder, ""), "request.json is empty")


@pytest.mark.parametrize("content", [[1, 2], {"a": 1}, "3", {TABLE: {"PutRequest": {}}}])
def test_json_of_another_shape(folder: Path, content: object) -> None:
    done = write(folder, content)
    assert done.returncode != 0
    explained(done)


def test_a_shape_that_is_no_request_is_explained(folder: Path) -> None:
    explained(write(folder, {"a": {"b": 1}}), "no write request", "It should look like")


def test_a_read_request_given_to_write_names_the_right_command(folder: Path) -> None:
    explained(write(folder, {TABLE: {"Keys": [KEY]}}), "Read it with: pannier get request.json")


def test_a_write_request_given_to_get_names_the_right_command(folder: Path) -> None:
    (folder / "request.json").write_text(json.dumps({TABLE: [put()]}))
    done = run_pannier("get", "request.json", cwd=folder)
    explained(done, "Write it with: pannier write request.json")


def test_an_unknown_table_shows_the_line_that_makes_it(tmp_path: Path) -> None:
    """The line that is shown works as it stands, and then the write does."""
    item = {"GSI1PK": {"S": "c"}, "GSI1SK": {"S": "d"}}
    done = write(tmp_path, {"shop": [put(**item)]})
    explained(done, "there is no table shop here")
    line = done.stderr.strip().splitlines()[-1].split()
    assert line[:3] == ["pannier", "create-table", "shop"]
    assert run_pannier(*line[1:], cwd=tmp_path).returncode == 0
    assert write(tmp_path, {"shop": [put(**item)]}).returncode == 0


def test_an_unknown_table_for_get_takes_the_key_from_the_request(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(json.dumps({"shop": {"Keys": [{"id": {"N": "1"}}]}}))
    explained(run_pannier("get", "keys.json", cwd=tmp_path), "create-table shop --key id:N")


def test_an_item_without_its_key_fails_alone(folder: Path) -> None:
    """The others are written; the failures file has the item, the reason and its place."""
    broken = {"PutRequest": {"Item": {"PK": {"S": "a"}}}}
    done = write(folder, {TABLE: [put(), broken]}, "--failures", "failed.jsonl")
    explained(done, "1 written, 1 failed", "Missing the key SK in the item", "failed.jsonl")
    (failure,) = map(json.loads, (folder / "failed.jsonl").read_text().splitlines())
    assert failure["request"] == 2
    assert failure["source"] == "request.json"
    assert failure["attributes"] == {"PK": {"S": "a"}}


def test_an_item_above_400_kb(folder: Path) -> None:
    done = write(folder, {TABLE: [put(text={"S": "x" * 410_000})]})
    explained(done, "Item size has exceeded the maximum allowed size")


def test_a_number_of_39_digits(folder: Path) -> None:
    done = write(folder, {TABLE: [put(n={"N": "1" * 39})]})
    explained(done, "Attempting to store more than 38 significant digits in a Number")


def test_a_key_twice_the_last_one_stands_and_the_report_counts(folder: Path) -> None:
    """`write` keeps the order of the input: of two puts to one key the second is what is there."""
    done = write(folder, {TABLE: [put(v={"N": "1"}), put(v={"N": "2"})]})
    assert done.returncode == 0, done.stderr
    assert "1 superseded" in done.stderr
    (folder / "keys.json").write_text(json.dumps({TABLE: {"Keys": [KEY]}}))
    found = run_pannier("get", "keys.json", cwd=folder)
    assert json.loads(found.stdout)["v"] == {"N": "2"}


def test_a_key_twice_in_the_aws_spelling_is_aws_error_and_nothing_is_written(folder: Path) -> None:
    other = {"PutRequest": {"Item": {"PK": {"S": "c"}, "SK": {"S": "d"}}}}
    request = json.dumps({TABLE: [other, put(v={"N": "1"}), put(v={"N": "2"})]})
    done = run_pannier("batch-write-item", "--request-items", request, cwd=folder)
    explained(
        done,
        "An error occurred (ValidationException) when calling the BatchWriteItem operation: "
        "Provided list of item keys contains duplicates",
    )
    assert done.returncode == 254
    described = json.loads(run_pannier("describe-table", TABLE, cwd=folder).stdout)
    assert described["Table"]["ItemCount"] == 0


def test_a_file_that_is_not_there(folder: Path) -> None:
    explained(run_pannier("write", "nowhere.json", cwd=folder), "there is no file nowhere.json")
    explained(run_pannier("get", "nowhere.json", cwd=folder), "there is no file nowhere.json")
    request = ("batch-get-item", "--request-items", "file://nowhere.json")
    explained(run_pannier(*request, cwd=folder), "there is no file nowhere.json")


def test_one_missing_file_of_several_and_nothing_is_written(folder: Path) -> None:
    (folder / "good.json").write_text(json.dumps({TABLE: [put()]}))
    explained(run_pannier("write", "good.json", "nowhere.json", cwd=folder), "no file nowhere.json")
    described = json.loads(run_pannier("describe-table", TABLE, cwd=folder).stdout)
    assert described["Table"]["ItemCount"] == 0


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run_pannier("serve", "--memory", "--port", port, cwd=tmp_path)
    explained(done, f"port {port} is in use", "--port 0")


def test_a_folder_that_another_process_holds_open(tmp_path: Path) -> None:
    """A server says where it can be reached; a program without an address is named by its id."""
    with serving("--path", str(tmp_path / "db")) as (url, process_id):
        done = run_pannier("serve", "--port", "0", "--path", "db", cwd=tmp_path)
        explained(done, f"held by process {process_id}", url)
    holder = subprocess.Popen(
        [sys.executable, "-c",
         "import pannier; db = pannier.connect('local:db'); print('ready', flush=True); input()"],
        cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        done = run_pannier("tables", "--target", "local:db", cwd=tmp_path)
        explained(done, f"held by process {holder.pid}", "use another folder")
    finally:
        holder.communicate("\n", timeout=20)


def test_a_folder_of_a_newer_format(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "format.json").write_text('{"format": 99}')
    done = run_pannier("tables", "--target", "local:db", cwd=tmp_path)
    explained(done, "has format 99", "Use a newer pannier")


def test_a_target_that_means_nothing(tmp_path: Path) -> None:
    explained(run_pannier("tables", "--target", "mars", cwd=tmp_path), "there is no target 'mars'")


def test_an_endpoint_where_nobody_answers(tmp_path: Path) -> None:
    done = run_pannier("tables", "--target", "http://127.0.0.1:9", cwd=tmp_path)
    explained(done, "nobody answers at http://127.0.0.1:9")


def test_wrong_usage(tmp_path: Path) -> None:
    for arguments in (("frobnicate",), ("write",), ("write", "f", "--parallel", "0"), ()):
        done = run_pannier(*arguments, cwd=tmp_path)
        explained(done, "--help")
        assert done.returncode == 2


def test_a_bad_line_among_good_ones(folder: Path) -> None:
    """What can't be read in a stream is a failure with its line, not a stop."""
    lines = ['{"PK": "a", "SK": "1"}', "{broken", '{"PK": "b", "SK": "2"}', '{"PK": "c"}']
    (folder / "items.jsonl").write_text("\n".join(lines))
    options = ("--table", TABLE, "--failures", "failed.jsonl")
    done = run_pannier("write", "items.jsonl", *options, cwd=folder)
    explained(done, "4 read: 2 written, 2 failed")
    failures = [json.loads(line) for line in (folder / "failed.jsonl").read_text().splitlines()]
    assert sorted(failure["line"] for failure in failures) == [2, 4]


def test_items_that_name_no_table(folder: Path) -> None:
    (folder / "items.jsonl").write_text('{"PK": "a", "SK": "1"}\n')
    explained(run_pannier("write", "items.jsonl", cwd=folder), "no write request", "--table NAME")


def test_delete_table_asks(folder: Path) -> None:
    explained(run_pannier("delete-table", TABLE, cwd=folder), "Add --yes")
    assert TABLE in run_pannier("tables", cwd=folder).stdout
    assert run_pannier("delete-table", TABLE, "--yes", cwd=folder).returncode == 0
    assert TABLE not in run_pannier("tables", cwd=folder).stdout


def test_half_a_surrogate_pair_is_a_failure_and_can_be_written_down(folder: Path) -> None:
    (folder / "items.jsonl").write_text('{"PK": "a", "SK": "1"}\n{"PK": "\\ud800", "SK": "2"}\n')
    options = ("--table", TABLE, "--failures", "failed.jsonl")
    done = run_pannier("write", "items.jsonl", *options, cwd=folder)
    explained(done, "1 written, 1 failed")
    assert len((folder / "failed.jsonl").read_text().splitlines()) == 1


def test_keys_in_a_pretty_printed_list(folder: Path) -> None:
    (folder / "keys.json").write_text(json.dumps([{"PK": "a", "SK": "b"}], indent=2))
    done = run_pannier("get", "keys.json", "--table", TABLE, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "1 read: 1 missing" in done.stderr
