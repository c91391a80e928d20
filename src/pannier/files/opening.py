"""Opening what the user named: a file, a `file://` address as `aws` takes it, or `-` for a pipe."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

from pannier.errors import UserError
from pannier.limits import MIB

BinaryFile: TypeAlias = "io.BufferedReader[io.FileIO]"

PIPE: Final = "-"
_SCHEMES: Final = ("file://", "fileb://")
_BUFFER_BYTES: Final = MIB


class FileError(UserError):
    """A file that can't be read, or is not what it should be."""


def path_of(name: str) -> str:
    """A file's path from what the user wrote."""
    for scheme in _SCHEMES:
        if name.startswith(scheme):
            return name[len(scheme) :]
    return name


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
    path = Path(path_of(name))
    try:
        file = io.BufferedReader(io.FileIO(path), _BUFFER_BYTES)
    except FileNotFoundError:
        raise FileError(f"there is no file {path}", "Check the path and the name.") from None
    except IsADirectoryError:
        raise FileError(f"{path} is a folder", "Name a file in it.") from None
    except OSError as error:
        raise FileError(f"{path} can't be read: {error.strerror}") from None
    with file:
        yield file
