"""The journal on disk: a head that never changes, then records, of which the newest counts.

    CHECKSUM {"pannier_journal": 1, ...}      the head: which job this is
    CHECKSUM {"sequence": 1, ...}             a record: everything the job needs to go on
    CHECKSUM {"sequence": 2, ...}
    ...

Each line is a JSON object with the CRC-32 of its bytes in front, in eight hexadecimal digits. Every
record is complete in itself, so the newest one that is whole is enough, and a line that a crash has
torn is passed over. The file is a ring: behind a megabyte the next record is written over the
oldest, so it stays small however long the job runs.

A record that was written survives the death of the process; one that was synced survives the loss
of power. Records are synced once a second, and before half a ring of them is written, so that a
synced one is always there.

One process at a time holds the file (`flock`).
"""

import fcntl
import os
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import orjson

from pannier.errors import UserError
from pannier.limits import MIB

FORM: Final = 1
RING_BYTES: Final = MIB
_SYNC_S: Final = 1.0
_CHECKSUM_BYTES: Final = 8
_MEMBER: Final = "pannier_journal"


class JournalError(UserError):
    """A journal that can't be read, written, or gone on with."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a journal file says.

    Attributes:
        head: which job it is.
        record: the newest whole record; None if there is none.
        start_bytes: where in the file that record begins.
        end_bytes: where it ends, and the next one goes.
    """

    head: dict[str, Any]
    record: dict[str, Any] | None
    start_bytes: int
    end_bytes: int


class JournalFile:
    """A journal that this process holds. `create` and `reopen` make one.

    Attributes:
        path: where it is.
        content: what it said when it was opened.
    """

    def __init__(self, path: Path, descriptor: int, content: Content) -> None:
        self.path = path
        self.content = content
        self._descriptor = descriptor
        self._head_bytes = len(_line({_MEMBER: FORM, **content.head}))
        self._sequence = content.record["sequence"] if content.record else 0
        self._newest_start_bytes = content.start_bytes
        self._end_bytes = content.end_bytes
        self._synced_s = 0.0
        self._unsynced_bytes = 0

    @classmethod
    def create(
        cls, path: Path, head: Mapping[str, Any], *, replace_unfinished: bool = False
    ) -> Self:
        """Begin a journal; one of a job that is complete is written over.

        Args:
            path: must not be any other file than a journal.
            head: which job it is.
            replace_unfinished: write over the journal of a job that is not complete, too.

        Raises:
            JournalError: it can't be written, or must not be.
        """
        descriptor = _open(path, os.O_RDWR | os.O_CREAT)
        try:
            _hold(descriptor, path)
            if os.fstat(descriptor).st_size:
                _check_replaceable(path, unfinished=replace_unfinished)
            os.ftruncate(descriptor, 0)
            line = _line({_MEMBER: FORM, **head})
            _write(descriptor, line, 0)
            os.fsync(descriptor)
            _sync_folder(path)
        except OSError as error:
            os.close(descriptor)
            raise _unwritable(path, error) from None
        except BaseException:
            os.close(descriptor)
            raise
        return cls(path, descriptor, Content(dict(head), None, len(line), len(line)))

    @classmethod
    def reopen(cls, path: Path) -> Self:
        """Hold a journal that is there already.

        Raises:
            JournalError: there is none, it is damaged, or another process holds it.
        """
        descriptor = _open(path, os.O_RDWR)
        try:
            _hold(descriptor, path)
            content = read_journal(path)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(path, descriptor, content)

    def write(self, record: Mapping[str, Any], before: Iterable[int] = (), *, sync: bool) -> None:
        """Write a record. May be called on any thread, by one at a time.

        Args:
            record: everything the job needs to go on.
            before: descriptors of files that the record tells of; synced before it is written.
            sync: not only now and then.

        Raises:
            JournalError: the disk is full, or gone.
        """
        line = _line({"sequence": self._sequence + 1, **record})
        # The newest record is never touched, so that a torn write always leaves one.
        wraps = self._newest_start_bytes - self._head_bytes >= max(RING_BYTES, len(line))
        start_bytes = self._head_bytes if wraps else self._end_bytes
        self._unsynced_bytes += len(line)
        try:
            for descriptor in before:
                os.fsync(descriptor)
            _write(self._descriptor, line, start_bytes)
            now_s = time.monotonic()
            if sync or now_s >= self._synced_s + _SYNC_S or self._unsynced_bytes >= RING_BYTES // 2:
                os.fsync(self._descriptor)
                self._synced_s = now_s
                self._unsynced_bytes = 0
        except OSError as error:
            raise _unwritable(self.path, error) from None
        self._sequence += 1
        self._newest_start_bytes = start_bytes
        self._end_bytes = start_bytes + len(line)

    def close(self) -> None:
        """Let go of the file. May be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def remove(self) -> None:
        """Delete the file and let go of it: the job needs it no more."""
        self.path.unlink(missing_ok=True)
        self.close()


def read_journal(path: Path) -> Content:
    """What a journal says; it may be held by a process.

    Raises:
        JournalError: there is none, or it is damaged.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise JournalError(f"the journal {path} can't be read: {error.strerror}") from None
    first, _, rest = text.partition(b"\n")
    head = _content(first)
    if head is None or _MEMBER not in head:
        raise JournalError(f"{path} is no journal", "Name another file with --journal.")
    if head[_MEMBER] != FORM:
        raise JournalError(
            f"the journal {path} has form {head[_MEMBER]}, this Pannier writes form {FORM}",
            "Go on with the version of Pannier that began the job.",
        )
    del head[_MEMBER]
    newest: dict[str, Any] | None = None
    newest_start = newest_end = end = len(first) + 1
    for line in rest.split(b"\n")[:-1]:  # what has no line end is torn
        start, end = end, end + len(line) + 1
        record = _content(line)
        if record is not None and record["sequence"] > (newest["sequence"] if newest else 0):
            newest, newest_start, newest_end = record, start, end
    return Content(head, newest, newest_start, newest_end)


def _line(value: Mapping[str, Any]) -> bytes:
    text = orjson.dumps(value)
    return b"%08x %b\n" % (zlib.crc32(text), text)


def _content(line: bytes) -> dict[str, Any] | None:
    """What a line says; None if it is torn."""
    text = line[_CHECKSUM_BYTES + 1 :]
    if line[: _CHECKSUM_BYTES + 1] != b"%08x " % zlib.crc32(text):
        return None
    value: dict[str, Any] = orjson.loads(text)
    return value


def _open(path: Path, flags: int) -> int:
    try:
        return os.open(path, flags | os.O_CLOEXEC, 0o644)
    except FileNotFoundError:
        if flags & os.O_CREAT:
            raise JournalError(
                f"the journal {path} can't be made: there is no folder {path.parent}",
                "Make the folder, or name another file with --journal.",
            ) from None
        raise JournalError(
            f"there is no journal {path}",
            "Without --resume the job begins, and makes it.",
        ) from None
    except OSError as error:
        raise _unwritable(path, error) from None


def _hold(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise JournalError(
            f"another process is at work on the job of {path}",
            "Wait until it has ended, or give this job a journal of its own with --journal FILE.",
        ) from None


def _check_replaceable(path: Path, *, unfinished: bool) -> None:
    content = read_journal(path)
    if not unfinished and not (content.record and content.record.get("complete")):
        raise JournalError(
            f"{path} is the journal of a job that is not complete",
            "Go on with it: add --resume. To begin again instead, delete the file.",
        )


def _write(descriptor: int, text: bytes, start_bytes: int) -> None:
    written = 0
    while written < len(text):
        written += os.pwrite(descriptor, text[written:], start_bytes + written)


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _unwritable(path: Path, error: OSError) -> JournalError:
    return JournalError(
        f"the journal {path} can't be written: {error.strerror}",
        "What was done until now is in it, if it is there. Make room, or name another file with "
        "--journal.",
    )
