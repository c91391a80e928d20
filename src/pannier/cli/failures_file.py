"""The failures file: every operation that did not get through, with its reason and its place.

When a job goes on after it was ended, so does its failures file: lines that the journal does not
know of are cut off, because their operations are sent again.
"""

import time
from pathlib import Path
from typing import IO, Self

from pannier.batch.report import Failure
from pannier.errors import UserError


class FailuresFile:
    """Made with the first failure, so that a good job leaves none.

    Args:
        name: its path; None for a name with the time of day in the working folder.

    Attributes:
        path: where it is, or would be.
        count: how many failures it holds.
    """

    def __init__(self, name: str | None) -> None:
        self.path = Path(name or time.strftime("pannier-failures-%Y%m%d-%H%M%S.jsonl"))
        self.count = 0
        self._file: IO[bytes] | None = None

    def go_on(self, path: Path, size_bytes: int, count: int, since_s: float) -> None:
        """Go on with the file of an earlier run.

        Args:
            path: where it is.
            size_bytes: how much of it counts; none, if that run had noted no failure.
            count: how many failures that is.
            since_s: when the job began; what is older is not its file.

        Raises:
            UserError: it is not there any more, or shorter than it was.
        """
        self.path = path
        self.count = count
        try:
            size_now = path.stat().st_size if path.exists() else 0
            if not size_bytes:
                if path.exists() and path.stat().st_mtime >= since_s:
                    path.unlink()  # what is in it is tried again
                return
            if size_now < size_bytes:
                raise UserError(
                    f"the failures file {path} of the earlier run is gone, or shorter than it was",
                    "Put it back, or name another for the rest of the job with --failures FILE.",
                )
            self._file = path.open("r+b")
            self._file.truncate(size_bytes)
            self._file.seek(size_bytes)
        except OSError as error:
            raise self._unwritable(error) from None

    def add(self, failure: Failure) -> None:
        """Write one line.

        Raises:
            UserError: the file can't be written.
        """
        try:
            if self._file is None:
                self._file = self.path.open("wb")
            self._file.write(failure.to_line())
        except OSError as error:
            raise self._unwritable(error) from None
        self.count += 1

    def position(self) -> tuple[str, int]:
        """Its absolute path and size, with nothing left in a buffer.

        Raises:
            UserError: the file can't be written.
        """
        if self._file is None:
            return str(self.path.absolute()), 0
        try:
            self._file.flush()
        except OSError as error:
            raise self._unwritable(error) from None
        return str(self.path.absolute()), self._file.tell()

    def descriptor(self) -> int | None:
        """To sync it with; None as long as there is no file."""
        return None if self._file is None else self._file.fileno()

    def _unwritable(self, error: OSError) -> UserError:
        return UserError(
            f"the failures file {self.path} can't be written: {error.strerror}",
            "Name another with --failures FILE.",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:
                if kind is None:  # else there is a reason already, and most likely the same
                    raise self._unwritable(error) from None
