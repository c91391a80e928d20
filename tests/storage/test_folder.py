"""The database folder: one owner at a time, one format, and clear words for everything else."""

import errno
import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pannier.errors import StorageError
from pannier.storage import folder as folder_module
from pannier.storage.folder import (
    FORMAT,
    DatabaseFolder,
    FolderHeldError,
    check_format_is_newest,
    live_owner,
    read_owner,
    replace_file,
)
from pannier.storage.rocks import RocksStore


def test_a_folder_is_made_with_its_marker_and_its_owner_s_note(tmp_path: Path) -> None:
    path = tmp_path / "not" / "there" / "yet"
    folder = DatabaseFolder(path)
    assert json.loads((path / "format.json").read_bytes())["format"] == FORMAT
    assert read_owner(path) == (os.getpid(), None)
    assert folder.data == path / "data"
    folder.announce("http://127.0.0.1:8000")
    assert read_owner(path) == (os.getpid(), "http://127.0.0.1:8000")
    folder.close()
    assert read_owner(path) == (None, None)
    assert {entry.name for entry in path.iterdir()} == {"format.json", "lock", "data"}


def test_a_folder_that_was_let_go_can_be_taken_again(tmp_path: Path) -> None:
    DatabaseFolder(tmp_path).close()
    before = (tmp_path / "format.json").read_bytes()
    DatabaseFolder(tmp_path).close()
    assert (tmp_path / "format.json").read_bytes() == before


# Formats


def refusal(path: Path) -> StorageError:
    with pytest.raises(StorageError) as caught:
        DatabaseFolder(path)
    assert not isinstance(caught.value, FolderHeldError)
    return caught.value


def test_a_newer_format_is_refused_and_not_touched(tmp_path: Path) -> None:
    DatabaseFolder(tmp_path).close()
    marker = tmp_path / "format.json"
    newer = json.dumps({"format": FORMAT + 1, "created_by": "pannier 9.9"})
    marker.write_text(newer)
    error = refusal(tmp_path)
    assert f"has format {FORMAT + 1}" in error.message
    assert f"reads formats up to {FORMAT}" in error.message
    assert error.advice == "Use a newer pannier for this folder."
    assert marker.read_text() == newer


def test_what_is_only_read_is_not_read_in_another_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    DatabaseFolder(tmp_path).close()
    check_format_is_newest(tmp_path)
    monkeypatch.setattr(folder_module, "FORMAT", FORMAT + 1)
    with pytest.raises(StorageError, match=f"has format {FORMAT}") as caught:
        check_format_is_newest(tmp_path)
    assert "Open it once" in caught.value.advice


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"{}", b"1", b"\xff"),
        *(b'{"format": "1"}', b'{"format": true}', b'{"format": 0}', b'{"format": 1.5}'),
    ],
)
def test_a_damaged_marker_is_refused(tmp_path: Path, content: bytes) -> None:
    DatabaseFolder(tmp_path).close()
    (tmp_path / "format.json").write_bytes(content)
    error = refusal(tmp_path)
    assert error.message == f"{tmp_path / 'format.json'} is damaged"
    assert '{"format": 1}' in error.advice


def test_a_refusal_lets_the_folder_go(tmp_path: Path) -> None:
    """The same process may repair it and try again."""
    DatabaseFolder(tmp_path).close()
    marker = tmp_path / "format.json"
    good = marker.read_bytes()
    marker.write_bytes(b"{")
    refusal(tmp_path)
    marker.write_bytes(good)
    DatabaseFolder(tmp_path).close()


def test_members_that_are_not_known_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "format.json").write_text('{"format": 1, "note": "of a later pannier"}')
    DatabaseFolder(tmp_path).close()


# Other people's folders


def test_a_folder_of_something_else_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("important")
    (tmp_path / "src").mkdir()
    error = refusal(tmp_path)
    assert error.message == f"{tmp_path} is not a Pannier database, and not empty either"
    assert error.advice == "Name another folder (found there: src, thesis.tex)."
    assert {entry.name for entry in tmp_path.iterdir()} == {"thesis.tex", "src"}


def test_a_folder_whose_first_opening_was_cut_off_is_taken(tmp_path: Path) -> None:
    """The marker is written last of all that comes before the data, and through `format.tmp`."""
    (tmp_path / "lock").touch()
    (tmp_path / "format.tmp").write_bytes(b'{"for')
    DatabaseFolder(tmp_path).close()
    assert json.loads((tmp_path / "format.json").read_bytes())["format"] == FORMAT


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_path_that_is_no_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    error = refusal(tmp_path / name)
    assert f"the database folder {tmp_path / name} can't be used: " in error.message
    assert "--target local:PATH" in error.advice


def test_a_disk_that_is_full_is_named_and_the_folder_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(folder_module, "replace_file", refuse)
        assert "No space left on device" in refusal(tmp_path).message
    DatabaseFolder(tmp_path).close()


# One owner


def test_a_folder_is_held_against_the_same_process_too(tmp_path: Path) -> None:
    held = DatabaseFolder(tmp_path)
    with pytest.raises(FolderHeldError) as caught:
        DatabaseFolder(tmp_path)
    assert caught.value.message == (
        f"the database folder {tmp_path} is held by process {os.getpid()}"
    )
    assert caught.value.url is None
    assert "--target local:PATH" in caught.value.advice
    assert read_owner(tmp_path) == (os.getpid(), None)  # the loser left the note alone
    held.close()


def test_who_holds_a_folder_can_be_asked_without_taking_it(tmp_path: Path) -> None:
    assert live_owner(tmp_path) is None
    assert live_owner(tmp_path / "nothing") is None
    held = DatabaseFolder(tmp_path)
    assert live_owner(tmp_path) == (os.getpid(), None)
    held.announce("http://127.0.0.1:4321")
    assert live_owner(tmp_path) == (os.getpid(), "http://127.0.0.1:4321")
    held.close()
    assert live_owner(tmp_path) is None
    DatabaseFolder(tmp_path).close()


def test_an_owner_without_a_note_is_another_process(tmp_path: Path) -> None:
    held = DatabaseFolder(tmp_path)
    (tmp_path / "owner.json").unlink()
    with pytest.raises(FolderHeldError, match="held by another process"):
        DatabaseFolder(tmp_path)
    held.close()


_OWNER = """
import sys
from pathlib import Path
from pannier.storage.folder import DatabaseFolder
from pannier.storage.rocks import RocksStore
folder = DatabaseFolder(Path(sys.argv[1]))
store = RocksStore(folder.data)
group = store.new_group()
group.put(b"key", b"value")
store.write(group)
folder.announce("http://127.0.0.1:4321")
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_folder_is_held_by_a_living_process_and_taken_over_from_a_dead_one(
    tmp_path: Path,
) -> None:
    """A real process, ended by SIGKILL: it cleans nothing up, and its note stays behind."""
    owner = subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"ready\n"
    try:
        with pytest.raises(FolderHeldError) as caught:
            DatabaseFolder(tmp_path)
        assert live_owner(tmp_path) == (owner.pid, "http://127.0.0.1:4321")
    finally:
        owner.send_signal(signal.SIGKILL)
        owner.communicate(timeout=20)
    assert f"held by process {owner.pid}" in caught.value.message
    assert caught.value.url == "http://127.0.0.1:4321"
    assert "use --target http://127.0.0.1:4321" in caught.value.advice

    assert read_owner(tmp_path) == (owner.pid, "http://127.0.0.1:4321")
    assert live_owner(tmp_path) is None, "a note is no proof of life"
    folder = DatabaseFolder(tmp_path)
    assert read_owner(tmp_path) == (os.getpid(), None)

    store = RocksStore(folder.data)
    assert store.get(b"key") == b"value"
    store.close()
    folder.close()


@pytest.mark.parametrize(
    "note", [b"", b"[]", b"{}", b'{"pid": "x", "url": null}', b'{"pid": 1}', b"\xff"]
)
def test_a_note_that_cannot_be_read_says_nothing(tmp_path: Path, note: bytes) -> None:
    (tmp_path / "owner.json").write_bytes(note)
    assert read_owner(tmp_path) == (None, None)


# Small files


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "note.json"
    replace_file(path, b"old")
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["note.json"]


def test_a_file_keeps_its_content_if_the_new_one_does_not_reach_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "note.json"
    replace_file(path, b"old")

    def refuse(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="Input/output error"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("removed", [("lock",), ("lock", "data/LOCK")])
def test_a_lock_that_was_deleted_lets_nobody_in(tmp_path: Path, removed: tuple[str, ...]) -> None:
    """Another process would lock a file of the same name that is not the same file."""
    held = DatabaseFolder(tmp_path)
    store = RocksStore(held.data)
    for name in removed:
        (tmp_path / name).unlink()
    command = [sys.executable, "-c", _OWNER, str(tmp_path)]
    second = subprocess.run(command, input="", capture_output=True, text=True, check=False)
    assert f"FolderHeldError: the database folder {tmp_path} is held" in second.stderr
    assert live_owner(tmp_path) == read_owner(tmp_path) == (os.getpid(), None)
    store.close()
    held.close()


def test_a_folder_that_cannot_be_locked_is_held_by_its_lock_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some network file systems lock files only."""
    flock = fcntl.flock

    def lock(descriptor: int, how: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        flock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", lock)
    held = DatabaseFolder(tmp_path)
    with pytest.raises(FolderHeldError):
        DatabaseFolder(tmp_path)
    assert live_owner(tmp_path) == (os.getpid(), None)
    held.close()
    DatabaseFolder(tmp_path).close()


def test_new_folders_have_their_names_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut takes what a folder does not list yet, however well its own content is synced."""
    synced: set[Path] = set()
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced.add(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    DatabaseFolder(tmp_path / "new" / "db").close()
    assert synced >= {tmp_path, tmp_path / "new", tmp_path / "new" / "db"}
