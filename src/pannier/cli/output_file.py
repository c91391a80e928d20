"""Where `get` writes items: a file, or standard output."""

import sys
from pathlib import Path
from typing import IO, Self

from pannier.errors import UserError


class OutputFile:
    """A file of lines, one for each item.

    Args:
        name: its path; None for standard output.
        keep_bytes: how much of it an earlier run has written for good; None to begin anew.

    Attributes:
        path: where it is.

    Raises:
        UserError: it can't be written, or what was there is not there any more.
    """

    def __init__(self, name: str | None, keep_bytes: int | None = None) -> None:
        self.path = Path(name or "-")
        self._is_pipe = name is None
        self._file: IO[bytes] = sys.stdout.buffer
        if name is None:
            return
        try:
            if keep_bytes is None:
                self._file = self.path.open("wb")
                return
            size_bytes = self.path.stat().st_size if self.path.exists() else 0
            if size_bytes < keep_bytes:
                raise UserError(
                    f"{name} is gone, or shorter than the earlier run has left it",
                    "Put it back to go on; or leave --resume out to read everything again.",
                )
            self._file = self.path.open("r+b" if self.path.exists() else "wb")
            self._file.truncate(keep_bytes)
            self._file.seek(keep_bytes)
        except OSError as error:
            raise self._unwritable(error) from None

    def write(self, line: bytes) -> None:
        """Write a line.

        Raises:
            UserError: the disk is full, or gone.
        """
        try:
            self._file.write(line)
        except OSError as error:
            if self._is_pipe:
                raise
            raise self._unwritable(error) from None

    def flushed(self) -> int:
        """Its size, with nothing left in a buffer.

        Raises:
            UserError: the disk is full, or gone.
        """
        try:
            self._file.flush()
        except OSError as error:
            raise self._unwritable(error) from None
        return self._file.tell()

    def descriptor(self) -> int:
        """To sync it with."""
        return self._file.fileno()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._is_pipe:
            try:
                self._file.close()
            except OSError as error:
                raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> UserError:
        return UserError(
            f"{self.path} can't be written: {error.strerror}", "Name another file with --out."
        )
