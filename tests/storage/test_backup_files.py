"""A backup's files: whole under their name or not there, compared before they are used."""

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from pannier.errors import StorageError
from pannier.storage import backup_files
from pannier.storage.backup_files import (
    NOTE,
    check_vacant,
    differing,
    files_of,
    read_note,
    restore_backup,
    write_backup,
)

ABOUT = {"format": 1, "created_by": "pannier 1.0", "created": "2026-11-26T00:00:00+00:00"}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store"
    path.mkdir()
    (path / "000009.sst").write_bytes(bytes(range(256)) * 9000)  # more than one chunk
    (path / "CURRENT").write_bytes(b"MANIFEST-000005\n")
    (path / "LOCK").touch()
    (path / "LOG.old.1").write_bytes(b"words")
    return path


@pytest.fixture
def backup(store: Path, tmp_path: Path) -> Path:
    write_backup(store, tmp_path / "backup", ABOUT)
    return tmp_path / "backup"


def test_it_holds_the_files_and_their_sums(backup: Path, store: Path) -> None:
    note = read_note(backup)
    assert set(note["files"]) == {"data/000009.sst", "data/CURRENT", "format.json"}
    assert note["created"] == ABOUT["created"]
    for name in ("000009.sst", "CURRENT"):
        assert (backup / "data" / name).read_bytes() == (store / name).read_bytes()
        assert not (backup / "data" / name).samefile(store / name), "no link: another disk's, maybe"
    assert list(differing(backup, files_of(note))) == []


def test_a_restore_is_the_same_without_the_note(backup: Path, tmp_path: Path) -> None:
    told: list[int] = []
    note = restore_backup(backup, tmp_path / "new", told.append)
    assert note["created"] == ABOUT["created"]
    assert told
    found = {str(each.relative_to(tmp_path / "new")) for each in (tmp_path / "new").rglob("*.*")}
    assert found == {"data/000009.sst", "format.json"}
    assert (tmp_path / "new" / "data" / "CURRENT").read_bytes() == b"MANIFEST-000005\n"


@pytest.mark.parametrize("name", ["data/000009.sst", "data/CURRENT", "format.json"])
@pytest.mark.parametrize("harm", ["flip", "truncate", "remove"])
def test_every_damaged_file_is_named_and_nothing_restored(
    backup: Path, tmp_path: Path, name: str, harm: str
) -> None:
    path = backup / name
    content = bytearray(path.read_bytes())
    if harm == "remove":
        path.unlink()
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content if harm == "flip" else content[:-1])
    with pytest.raises(StorageError, match="is damaged") as caught:
        restore_backup(backup, tmp_path / "new")
    assert name in caught.value.message
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pannier_backup": 1}'])
def test_a_damaged_note_is_refused(backup: Path, tmp_path: Path, content: str) -> None:
    (backup / NOTE).write_text(content)
    with pytest.raises(StorageError, match="is damaged"):
        restore_backup(backup, tmp_path / "new")


@pytest.mark.parametrize("name", ["../escaped", "/etc/escaped", "data/../../escaped", "data/.."])
def test_a_note_that_names_files_elsewhere_is_refused(
    backup: Path, tmp_path: Path, name: str
) -> None:
    note = json.loads((backup / NOTE).read_bytes())
    note["files"][name] = note["files"]["data/CURRENT"]
    (backup / NOTE).write_text(json.dumps(note))
    with pytest.raises(StorageError, match="is no file of a backup"):
        restore_backup(backup, tmp_path / "new")
    assert not list(tmp_path.rglob("escaped"))


def test_a_newer_backup_and_what_is_none_are_refused(backup: Path, tmp_path: Path) -> None:
    note = json.loads((backup / NOTE).read_bytes())
    (backup / NOTE).write_text(json.dumps({**note, "pannier_backup": 2}))
    with pytest.raises(StorageError, match="has version 2") as caught:
        restore_backup(backup, tmp_path / "new")
    assert "newer pannier" in caught.value.advice
    with pytest.raises(StorageError, match="is not a backup"):
        restore_backup(tmp_path, tmp_path / "new")


def test_nothing_is_overwritten(backup: Path, store: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("important")
    for make in (
        lambda: write_backup(store, tmp_path / "there", ABOUT),
        lambda: restore_backup(backup, tmp_path / "there"),
    ):
        with pytest.raises(StorageError, match="is there already, and not empty"):
            make()
    assert [each.name for each in (tmp_path / "there").iterdir()] == ["file"]
    (tmp_path / "empty").mkdir()
    restore_backup(backup, tmp_path / "empty")
    check_vacant(tmp_path / "new")


def test_one_that_was_ended_has_not_the_name_and_does_not_hinder_the_next(
    store: Path, tmp_path: Path
) -> None:
    """As after `kill -9`: what was begun lies there under another name."""

    class Killed(BaseException):
        pass

    def kill(_: int) -> None:
        raise Killed

    def leave(*_: object, **__: object) -> None:
        pass

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "rmtree", leave)
        with pytest.raises(Killed):
            write_backup(store, tmp_path / "backup", ABOUT, kill)
    assert not (tmp_path / "backup").exists()
    assert (tmp_path / ".backup.unfinished" / "data").exists()
    write_backup(store, tmp_path / "backup", ABOUT)
    assert not (tmp_path / ".backup.unfinished").exists()
    assert read_note(tmp_path / "backup")


def test_a_full_disk_is_named_and_leaves_nothing(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StorageError, match="No space left on device") as caught:
        write_backup(store, tmp_path / "backup", ABOUT)
    assert "room" in caught.value.advice
    assert {each.name for each in tmp_path.iterdir()} == {"store"}


def test_what_the_disk_does_not_hold_is_no_backup(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are read back before they get their name."""
    copy = backup_files._copy

    def lie(source: Path, target: Path, done: object) -> object:
        copied = copy(source, target, done)  # type: ignore[arg-type]
        if target.name == "000009.sst":
            target.write_bytes(target.read_bytes()[:-1] + b"x")
        return copied

    monkeypatch.setattr(backup_files, "_copy", lie)
    with pytest.raises(StorageError, match=r"000009\.sst is not as it was written"):
        write_backup(store, tmp_path / "backup", ABOUT)
    assert not (tmp_path / "backup").exists()
