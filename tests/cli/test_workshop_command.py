"""`pannier workshop` from start to clean, and what it says when something is in the way."""

import io
import json
import os
import shlex
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pannier.storage.folder import live_owner
from pannier.targets.admin import AdminClient
from pannier.workshop import server as servers
from pannier.workshop.files import is_as_made
from tests.cli.running import Done, good, refused, run
from tests.cli.test_help_examples import examples
from tests.conftest import TABLE, serving


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of the user's, in which no server is left behind."""
    yield tmp_path
    for mark in tmp_path.glob("*/.workshop"):
        run(tmp_path, "workshop", "stop", "--path", str(mark.parent))


def start(folder: Path, *options: str) -> str:
    """Start a workshop at a free port; returns what is said."""
    return good(folder, "workshop", "start", "--port", "0", *options).out


def server_of(folder: Path) -> tuple[int, str]:
    owner = live_owner(folder / "workshop/.pannier")
    assert owner is not None
    pid, url = owner
    assert pid is not None
    assert url is not None
    return pid, url


def check(folder: Path, *words: str) -> Done:
    return run(folder, "workshop", "check", *words)


def state(folder: Path, step: str) -> str:
    told = json.loads(check(folder, step, "--output", "json").out)
    found: str = told["steps"][0]["state"]
    return found


def test_from_start_to_clean(folder: Path) -> None:
    said = start(folder)
    pid, url = server_of(folder)
    assert f"{url} (process {pid})" in said
    assert "  cd workshop\n" in said
    assert f"export AWS_ENDPOINT_URL={url} " in said
    assert "Begin with step 1.1" in said
    assert good(folder, "tables", "--target", url).out == f"{TABLE}\n"

    again = good(folder, "workshop", "start").out
    assert "runs already" in again
    assert "there already" in again
    assert server_of(folder) == (pid, url)
    inside = good(folder / "workshop", "workshop", "start").out
    assert "cd " not in inside

    begun = check(folder)
    assert begun.status == 1
    assert "0 of 13 steps done" in begun.out
    assert "Next is 1.1" in begun.out

    good(folder, "workshop", "files")
    work = folder / "workshop"
    good(work, "write", "batch-products.json", "--report", "none")
    assert state(folder, "1.3") == "done"
    assert check(folder, "1").status == 0
    assert state(folder, "2.2") == "not yet", "a check is no batch read"
    assert state(folder, "3.2") == "not yet", "nothing that the workshop does is refused"

    status = json.loads(good(folder, "workshop", "status", "--output", "json").out)
    assert status["server"]["pid"] == pid
    assert status["progress"]["next"] == "2.2"
    assert "4 of 13 steps done" in good(folder, "workshop", "status").out

    assert f"ended the server at {url}" in good(folder, "workshop", "stop").out
    assert live_owner(work / ".pannier") is None
    assert "does not run" in good(folder, "workshop", "stop").out
    assert "does not run" in good(folder, "workshop", "status").out
    assert "pannier workshop start" in refused(folder, "workshop", "check")

    assert "deleted workshop" in good(folder, "workshop", "clean").out
    assert list(folder.iterdir()) == []


def test_what_is_written_outlives_the_server(folder: Path) -> None:
    start(folder)
    pid, url = server_of(folder)
    good(folder, "workshop", "files", "batch-products.json")
    good(folder / "workshop", "write", "batch-products.json", "--report", "none")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert "does not run" in good(folder, "workshop", "status").out
    assert "there already" in good(folder, "workshop", "start").out
    assert server_of(folder)[1] == url, "where the terminal's variables still point"
    assert state(folder, "1.3") == "done"
    keys = folder / "workshop/keys.jsonl"
    names = ("batch-laptop-001", "batch-mouse-002", "batch-keyboard-003")
    keys.write_text("".join(f'{{"PK": "PRODUCT#{name}", "SK": "DETAILS"}}\n' for name in names))
    good(folder / "workshop", "delete", keys.name, "--table", TABLE, "--report", "none")
    assert state(folder, "1.2") == "done", "known by the delete"
    good(folder, "workshop", "stop")
    good(folder, "workshop", "start")
    assert state(folder, "1.3") == "not yet"
    assert state(folder, "1.2") == "done", "counts are kept with the database"


def test_a_process_that_has_the_servers_number_by_now_is_left_alone(folder: Path) -> None:
    start(folder)
    pid, url = server_of(folder)
    good(folder, "workshop", "stop")
    note = folder / "workshop/.workshop/server.json"
    note.write_text(json.dumps({"pid": os.getpid(), "url": url, "console": None}))
    owner = folder / "workshop/.pannier/owner.json"
    owner.write_text(json.dumps({"pid": os.getpid(), "url": url}))
    assert "does not run" in good(folder, "workshop", "stop").out
    assert pid != os.getpid()


def test_a_server_that_the_workshop_did_not_start_is_left_alone(folder: Path) -> None:
    start(folder)
    good(folder, "workshop", "stop")
    with serving("--path", str(folder / "workshop/.pannier")) as (url, pid):
        assert f"process {pid}, which the workshop did not start" in (
            good(folder, "workshop", "status").out
        )
        assert "was not started by the workshop" in refused(folder, "workshop", "stop")
        assert "was not started by the workshop" in refused(folder, "workshop", "clean")
        assert "runs already" in good(folder, "workshop", "start").out
        assert AdminClient(url).get("throttle")["mode"] == "off", "it still answers"
    assert (folder / "workshop/.pannier").is_dir()


def test_a_table_that_was_deleted_is_made_again(folder: Path) -> None:
    start(folder)
    _, url = server_of(folder)
    good(folder, "delete-table", TABLE, "--yes", "--target", url)
    said = refused(folder, "workshop", "check")
    assert f"no table {TABLE}" in said
    assert "pannier workshop start" in said
    assert f"no table {TABLE}" in good(folder, "workshop", "status").out
    assert "(made, " in good(folder, "workshop", "start").out
    assert check(folder).status == 1
    good(folder, "delete-table", TABLE, "--yes", "--target", url)
    good(folder, "create-table", TABLE, "--key", "id:S", "--target", url)
    assert f"pannier delete-table {TABLE}" in refused(folder, "workshop", "start")


def test_ports_that_are_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused(folder, "workshop", "start", "--port", str(port))
        assert f"port {port} is taken" in said
        monkeypatch.setattr(servers, "PORT", port)
        started = good(folder, "workshop", "start").out
    url = server_of(folder)[1]
    assert not url.endswith(f":{port}")
    assert f"export AWS_ENDPOINT_URL={url} " in started
    assert "runs already" in refused(folder, "workshop", "start", "--port", str(port))
    assert run(folder, "workshop", "start", "--port", "none").status == 2


def test_folders_that_are_no_workshop(folder: Path) -> None:
    work = folder / "workshop"
    work.mkdir()
    (work / "thesis.txt").write_text("years of work")
    said = refused(folder, "workshop", "start")
    assert "workshop is not empty" in said
    assert "--path" in said
    for action in ("check", "files", "status", "stop", "clean"):
        assert "there is no workshop in workshop" in refused(folder, "workshop", action)
    assert [each.name for each in work.iterdir()] == ["thesis.txt"]
    (folder / "file").write_text("")
    assert "can't be set up" in refused(folder, "workshop", "start", "--path", "file")


def test_files_of_ones_own_are_deleted_only_if_one_says_so(folder: Path) -> None:
    start(folder)
    good(folder, "workshop", "files")
    work = folder / "workshop"
    (work / "notes.txt").write_text("mine")
    (work / "batch-get.json").write_text('{"changed": true}')
    said = refused(folder, "workshop", "clean")
    assert "batch-get.json, notes.txt" in said
    assert "--yes" in said
    assert (work / "notes.txt").read_text() == "mine"
    server_of(folder)
    assert "deleted workshop" in good(folder, "workshop", "clean", "--yes").out
    assert list(folder.iterdir()) == []


class Keyboard(io.StringIO):
    """A terminal at which somebody sits."""

    def isatty(self) -> bool:
        return True


def test_whoever_sits_at_a_terminal_is_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start(folder)
    (folder / "workshop/notes.txt").write_text("mine")
    monkeypatch.setattr("sys.stdin", Keyboard("no\n"))
    assert "nothing was deleted" in refused(folder, "workshop", "clean")
    assert (folder / "workshop/notes.txt").exists()
    monkeypatch.setattr("sys.stdin", Keyboard("y\n"))
    done = good(folder, "workshop", "clean")
    assert "with your own files (notes.txt)? [y/N]" in done.err
    assert list(folder.iterdir()) == []


def test_a_folder_that_was_there_stays_with_what_is_not_the_workshops(folder: Path) -> None:
    place = folder / "lessons"
    place.mkdir()
    start(folder, "--path", "lessons")
    good(folder, "workshop", "files", "--path", "lessons")
    (place / "notes.txt").write_text("mine")
    said = good(folder, "workshop", "clean", "--yes", "--path", "lessons").out
    assert "deleted what the workshop made in lessons" in said
    assert [each.name for each in place.iterdir()] == ["notes.txt"]


def test_changed_files_are_left_alone(folder: Path) -> None:
    start(folder)
    good(folder, "workshop", "files", "batch-get.json")
    changed = folder / "workshop/batch-get.json"
    changed.write_text("{}")
    done = run(folder, "workshop", "files")
    assert done.status == 1
    assert "kept: batch-get.json" in done.out
    assert "written: large-batch.json" in done.out
    assert "pannier workshop files --force batch-get.json" in done.err
    assert changed.read_text() == "{}"
    good(folder, "workshop", "files", "--force", "batch-get.json")
    assert changed.read_text() != "{}"
    assert "no file 'thesis.txt'" in refused(folder, "workshop", "files", "thesis.txt")


def test_a_server_that_can_not_start_tells_why(folder: Path) -> None:
    start(folder)
    good(folder, "workshop", "stop")
    (folder / "workshop/.pannier/format.json").write_text("damaged")
    said = refused(folder, "workshop", "start", "--port", "0")
    assert "the server ended at once" in said
    assert "format.json is damaged" in said


def test_a_damaged_note_is_told(folder: Path) -> None:
    start(folder)
    good(folder, "workshop", "stop")
    (folder / "workshop/.workshop/workshop.json").write_text("{")
    for action in ("start", "stop", "clean"):
        assert "is damaged" in refused(folder, "workshop", action)


def test_progress_elsewhere(folder: Path) -> None:
    """Without a server there is no CloudWatch: what only it tells can't be seen, and is not held
    against the reader.
    """
    index = ("--index", "GSI1=GSI1PK:S,GSI1SK:S")
    good(folder, "create-table", TABLE, "--key", "PK:S,SK:S", *index)
    start(folder)
    good(folder, "workshop", "files", "batch-products.json")
    file = folder / "workshop/batch-products.json"
    file.rename(folder / file.name)
    good(folder, "write", file.name, "--report", "none")
    done = check(folder, "1", "--target", "local")
    assert done.status == 0, done.out
    assert "target: local (.pannier)" in done.err
    assert "1.2  unseen" in done.out
    assert "for you to judge" in done.out
    assert "no table" in refused(folder, "workshop", "check", "--target", "memory")
    assert "no step 9" in refused(folder, "workshop", "check", "9")


def test_every_example_of_the_help_works(folder: Path) -> None:
    lines = examples("workshop")
    assert len(lines) >= 8
    for line in lines:
        words = shlex.split(line)
        assert words[0] == "pannier", line
        done = run(folder, *words[1:])
        assert "Traceback" not in done.err
        assert done.status == (1 if "check" in words else 0), f"{line}: {done.err}"
    good(folder, "workshop", "clean", "--path", "lessons")
    assert list(folder.iterdir()) == []


def test_files_that_are_named_can_be_had_without_a_workshop(folder: Path) -> None:
    """The console's shell is anywhere, and its advice must hold there."""
    assert (
        good(folder, "workshop", "files", "large-batch.json").out == "written: large-batch.json\n"
    )
    assert is_as_made(folder / "large-batch.json")
    (folder / "large-batch.json").write_text("{}")
    kept = run(folder, "workshop", "files", "large-batch.json")
    assert kept.status == 1
    assert "you changed large-batch.json" in kept.err
    assert (folder / "large-batch.json").read_text() == "{}"
    assert "there is no workshop" in refused(folder, "workshop", "files")
    assert "there is no folder nowhere" in refused(
        folder, "workshop", "files", "large-batch.json", "--path", "nowhere"
    )
