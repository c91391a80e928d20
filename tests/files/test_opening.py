"""Opening: files, `file://` addresses and pipes; what can't be opened says so."""

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pannier.files import opening
from pannier.files.opening import FileError, opened, path_of


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("items.json", "items.json"),
        ("/tmp/items.json", "/tmp/items.json"),
        ("file://items.json", "items.json"),
        ("file:///tmp/items.json", "/tmp/items.json"),
        ("fileb://items.json", "items.json"),
        ("-", "-"),
    ],
)
def test_the_spellings_of_aws_are_understood(name: str, path: str) -> None:
    assert path_of(name) == path


@pytest.mark.parametrize("scheme", ["", "file://", "fileb://"])
def test_a_file_is_read_as_bytes(tmp_path: Path, scheme: str) -> None:
    (tmp_path / "items.json").write_bytes(b"\xff\r\n\x1a")
    with opened(f"{scheme}{tmp_path / 'items.json'}") as file:
        assert file.read() == b"\xff\r\n\x1a"
    assert file.closed


def refusal(name: object) -> FileError:
    with pytest.raises(FileError) as caught, opened(str(name)):
        pass
    return caught.value


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    error = refusal(tmp_path / "no.json")
    assert error.message == f"there is no file {tmp_path / 'no.json'}"
    assert error.advice
    assert refusal("file:///no/such/file").message == "there is no file /no/such/file"


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    assert refusal(tmp_path).message == f"{tmp_path} is a folder"


def test_a_file_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "can't be read: Not a directory" in refusal(tmp_path / "file" / "x").message


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulated, because whoever may read everything runs many a test machine."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(opening, "CountedFile", refuse)
    assert refusal(tmp_path / "x").message == f"{tmp_path / 'x'} can't be read: Permission denied"


def test_a_pipe_is_read_and_left_open(piped: Callable[..., None]) -> None:
    """Closing standard input would let the next file that is opened take its number."""
    piped(b"one\n", b"two")
    with opened("-") as file:
        assert file.read() == b"one\ntwo"
    os.fstat(sys.stdin.fileno())
