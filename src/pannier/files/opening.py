"""Opening what the user named: a path, `-` for a pipe, a `file://` address, or one of `fsspec`'s.

Addresses such as `s3://bucket/key`, `gs://...` or `https://...` go through `fsspec`, which is an
extra.
"""

import glob
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

from pannier.errors import UserError
from pannier.files.consumed import CountedFile
from pannier.limits import MIB

BinaryFile: TypeAlias = IO[bytes]

PIPE: Final = "-"
_SCHEMES: Final = ("file://", "fileb://")
_BUFFER_BYTES: Final = MIB
_WILD: Final = frozenset("*?[")


class FileError(UserError):
    """A file that can't be read, or is not what it should be."""


def path_of(name: str) -> str:
    """A file's path from what the user wrote."""
    for scheme in _SCHEMES:
        if name.startswith(scheme):
            return name[len(scheme) :]
    return name


def shown(name: str) -> str:
    """How a source is called in messages."""
    return "standard input" if name == PIPE else name


def is_remote(name: str) -> bool:
    """Whether a name is an address that `fsspec` opens."""
    return "://" in name and not name.startswith(_SCHEMES)


@contextmanager
def opened(name: str) -> Iterator[BinaryFile]:
    """A file or pipe, open for reading bytes.

    Raises:
        FileError: it is not there, or can't be read.
    """
    if name == PIPE:
        # A buffer of our own: the interpreter's makes many small reads of a large file.
        with io.BufferedReader(io.FileIO(sys.stdin.fileno(), closefd=False), _BUFFER_BYTES) as pipe:
            yield pipe
        return
    if is_remote(name):
        with _open_remote(name) as remote:
            yield remote
        return
    path = Path(path_of(name))
    try:
        file = io.BufferedReader(CountedFile(path), _BUFFER_BYTES)
    except FileNotFoundError:
        raise FileError(f"there is no file {path}", "Check the path and the name.") from None
    except IsADirectoryError:
        raise FileError(f"{path} is a folder", "Name a file in it.") from None
    except OSError as error:
        raise FileError(f"{path} can't be read: {error.strerror}") from None
    with file:
        yield file


def expand(names: list[str]) -> list[str]:
    """The files that names and patterns such as `data/*.jsonl` stand for, patterns in sorted order.

    Raises:
        FileError: nothing fits a pattern.
    """
    found = []
    for name in names:
        if name == PIPE or not _WILD & set(name) or exists(name):
            found.append(name)
            continue
        fitting = (
            _remote_glob(name) if is_remote(name) else glob.glob(path_of(name), recursive=True)  # noqa: PTH207  # keeps the user's spelling
        )
        if not fitting:
            raise FileError(f"no file fits {name}", "Check the path and the pattern.")
        found += sorted(fitting)
    return found


def exists(name: str) -> bool:
    """Whether there is a file or folder of this name."""
    if is_remote(name):
        system, path = remote(name)
        with asking(name):
            return bool(system.exists(path))
    return Path(path_of(name)).exists()


def is_folder(name: str) -> bool:
    """Whether a name is that of a folder."""
    if name == PIPE:
        return False
    if is_remote(name):
        system, path = remote(name)
        with asking(name):
            return bool(system.isdir(path))
    return Path(path_of(name)).is_dir()


def size_of(name: str) -> int:
    """The bytes of a file; 0 if its place does not tell.

    Raises:
        FileError: it is not there.
    """
    if is_remote(name):
        system, path = remote(name)
        with asking(name):
            return int(system.size(path) or 0)
    path_here = Path(path_of(name))
    with asking(name):
        return path_here.stat().st_size


def names_in(folder: str) -> list[str]:
    """The names of what is in a folder, sorted; without the folder's own."""
    if is_remote(folder):
        system, path = remote(folder)
        with asking(folder):
            entries = system.ls(path, detail=False)
        return sorted(entry.rstrip("/").rsplit("/", 1)[-1] for entry in entries)
    try:
        return sorted(entry.name for entry in Path(path_of(folder)).iterdir())
    except OSError as error:
        raise FileError(f"{folder} can't be read: {error.strerror}") from None


def joined(folder: str, *parts: str) -> str:
    """A name inside a folder, on this machine or elsewhere."""
    return "/".join((folder.rstrip("/"), *parts))


def remote(name: str) -> tuple[Any, str]:
    """The `fsspec` file system of an address, and the path on it.

    Raises:
        FileError: the library for it is missing, or the address makes no sense.
    """
    try:
        fsspec = import_module("fsspec")
    except ImportError:
        raise FileError(
            f"{name} is on another machine, which needs one more library",
            "Install it: pip install 'pannier[fsspec]', and for S3 also s3fs.",
        ) from None
    try:
        system, path = fsspec.core.url_to_fs(name)
    except Exception as error:  # every file system has errors of its own
        raise FileError(f"{name} can't be opened: {error}") from None
    return system, str(path)


@contextmanager
def asking(name: str) -> Iterator[None]:
    """Whatever an address answers wrongly is an error of that file.

    Raises:
        FileError: in place of anything that the file system raises.
    """
    try:
        yield
    except FileNotFoundError:
        raise FileError(f"there is no file {name}", "Check the address.") from None
    except IsADirectoryError:
        raise FileError(f"{name} is a folder", "Name a file in it.") from None
    except Exception as error:  # every file system has errors of its own
        raise FileError(f"{name} can't be read: {error}") from None


@contextmanager
def _open_remote(name: str) -> Iterator[BinaryFile]:
    system, path = remote(name)
    with asking(name):
        file = system.open(path, "rb")
    with file:
        yield file


def _remote_glob(name: str) -> list[str]:
    system, path = remote(name)
    with asking(name):
        found = system.glob(path)
    return [str(system.unstrip_protocol(each)) for each in found]
