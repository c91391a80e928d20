"""Rows that did not get through: each task's own, in a part of a folder, or in its message.

A part is named after the job, the partition and the attempt of its task. It gets that name when its
task is at its end; which parts count is said by the commit, which removes all others: those of
tasks that Spark ran again, of copies that were too late, and of processes that were killed.

Without a folder a task's message carries its failures, as many as fit.
"""

from contextlib import ExitStack
from typing import IO, Final, Protocol, Self

from pannier.batch.report import Failure
from pannier.spark.folders import Folder

PREFIX: Final = "pannier-failures"
_CARRIED_BYTES: Final = 256 * 1024  # of each task; the driver holds those of all


class Noting(Protocol):
    """Notes what a task could not write."""

    count: int

    def add(self, failure: Failure) -> None:
        """Note a failure."""


def part_name(job: str, partition: int, attempt: int) -> str:
    """The name of the part of a task's attempt."""
    return f"{PREFIX}-{job}-{partition:05}-{attempt}.jsonl"


class Part:
    """The part of one attempt in a folder; there is none without failures.

    A context: left by an exception, it removes what was written.

    Args:
        folder: where it goes.
        name: see `part_name`.

    Attributes:
        count: how many failures it holds.
    """

    def __init__(self, folder: Folder, name: str) -> None:
        self.count = 0
        self._folder = folder
        self._name = name
        self._opened = ExitStack()
        self._stream: IO[bytes] | None = None

    @property
    def name(self) -> str | None:
        """Its name; None as long as there is nothing in it."""
        return self._name if self.count else None

    def add(self, failure: Failure) -> None:
        """Write one line.

        Raises:
            UserError: the folder can't be written to.
        """
        if self._stream is None:
            self._stream = self._opened.enter_context(self._folder.opened(self._name))
        self._stream.write(failure.to_line())
        self.count += 1

    def __enter__(self) -> Self:
        self._opened.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._opened.__exit__(*error)  # type: ignore[arg-type]  # as it came


class Carried:
    """Failures that a task's message carries.

    Attributes:
        count: how many there were.
        lines: those that fit.
    """

    def __init__(self) -> None:
        self.count = 0
        self.lines: list[bytes] = []
        self._bytes = 0

    def add(self, failure: Failure) -> None:
        """Keep one, if it fits; the first always, which may be a row of any size."""
        self.count += 1
        line = failure.to_line()
        if not self.lines or self._bytes + len(line) <= _CARRIED_BYTES:
            self._bytes += len(line)
            self.lines.append(line)


def remove_others(folder: Folder, job: str, committed: set[str]) -> int:
    """Remove the parts of a job that do not count; returns how many there were.

    Args:
        folder: where they are.
        job: whose.
        committed: the names of those that count.
    """
    mine = (f"{PREFIX}-{job}-", f"_unfinished-{PREFIX}-{job}-")
    others = [name for name in folder.names() if name.startswith(mine) and name not in committed]
    for name in others:
        folder.remove(name)
    return len(others)
