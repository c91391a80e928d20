"""What a job's journal asks of those that it works with: the notes, and the files beside it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

from pannier.batch.prepared import PreparedWrite


class Failures(Protocol):
    """The file that failures are written to."""

    def position(self) -> tuple[str, int]:
        """Its absolute path and its size, with nothing left in a buffer."""

    def descriptor(self) -> int | None:
        """To sync it with; None if it is not there yet."""


class Synced(Protocol):
    """A file that must be on the disk before a record that counts on it."""

    def descriptor(self) -> int:
        """To sync it with."""


class Output(Protocol):
    """The file that the results of a read are written to."""

    @property
    def path(self) -> Path:
        """Where it is."""

    def flushed(self) -> int:
        """Its size, with nothing left in a buffer."""

    def descriptor(self) -> int:
        """To sync it with."""


class Notes(Protocol):
    """What a job notes of its work.

    Attributes:
        counts: what became of elements or items, by the names of the report.
        changed: whether there was a change since the last `state`.
        on_change: called at the first of these.
    """

    counts: dict[str, int]
    changed: bool
    on_change: Callable[[], None] | None

    @property
    def done(self) -> int:
        """How much is done for good, over all runs."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left, if the source has ended."""

    @property
    def shortfall(self) -> str:
        """Why the source, which has ended, can't be the one the job began with; empty if it can."""

    @property
    def told(self) -> str:
        """What is done, in words."""

    def state(self) -> dict[str, Any]:
        """Everything, as plain values."""

    @classmethod
    def restored(cls, state: dict[str, Any]) -> Self:
        """The way back from `state`.

        Raises:
            ValueError: the state contradicts itself.
        """


class WriteNotes(Protocol):
    """What a write job tells of writes that are done for good, by their numbers."""

    def applied(self, stack: Sequence[PreparedWrite]) -> None:
        """A write has had its effect: the last of the stack, which supersedes those before it."""

    def failed(self, number: int) -> None:
        """A write can't have its effect."""
