"""A job's journal at work: written behind the job, so that no call waits for it.

A record is a tenth of a second behind the job (`write_behind`). So a process that is killed loses
at most the notes of the last tenth of a second and of the calls under way; these operations are
sent again when the job goes on. Puts and deletes may be repeated; the order of each key is kept,
see `journal`.

Where nothing changes, a record a second says all the same that the job lives. So it is known when a
process died, and for how long its last calls may still take effect; a job that goes on waits for
that, because an old write must not arrive after a later one of the same key.

A temporary journal is made when the job is a second old, and removed when the job is complete; if
it can't be written, the job goes on without it. A journal that the user named is there from the
beginning to after the end; if it can't be written, the job stops.

What a job notes differs: elements of an input (`Journal`), or how far segments were read
(`ScanJournal`). `JournalOf` writes either, and knows only what they have in common, `Notes`.
"""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, Generic, Self, TypeVar

from pannier._version import __version__
from pannier.batch.journals.job_identity import JobIdentity
from pannier.batch.journals.journal import Journal
from pannier.batch.journals.journal_file import JournalError, JournalFile
from pannier.batch.journals.journal_parts import Failures, Notes, Output, Synced
from pannier.batch.journals.write_behind import BEAT_S, Write, WriteBehind
from pannier.batch.report import Report
from pannier.clock import Clock
from pannier.errors import UserError

_TEMPORARY_AFTER_S: Final = 1.0


_Notes = TypeVar("_Notes", bound=Notes)


class JournalOf(Generic[_Notes]):
    """What a job needs to be able to go on after it was ended. `begin` and `go_on` make one.

    Attributes:
        path: the journal file.
        journal: what is done.
        failures: the file that failures are written to, if there is one.
        trouble: why the journal could not be written; empty if it could.
        finished: whether this run has brought the job to its end.
        output: the file that results are written to, if there is one.
        output_bytes: how much of it is of elements that are done.
        beside: a file that is synced with it; its lines are as many as the missing keys.
    """

    def __init__(
        self,
        path: Path,
        identity: JobIdentity | None,
        file: JournalFile | None,
        *,
        temporary: bool,
        clock: Clock,
    ) -> None:
        self.path = path
        self.journal = self._kind()
        self.failures: Failures | None = None
        self.trouble = ""
        self.finished = False
        self.output: Output | None = None
        self.output_bytes = 0
        self.beside: Synced | None = None
        self._identity = identity
        self._file = file
        self._temporary = temporary
        self._clock = clock
        self._earlier: dict[str, Any] = {}
        self._alive_at_s: float | None = None  # when a run that was killed gave its last sign
        self._synced: dict[str, tuple[str, int]] = {}
        self._report: Report | None = None
        self._on_trouble: Callable[[str], None] | None = None
        self._note_time: Callable[[], None] | None = None
        self._behind: WriteBehind | None = None
        self._calls_unknown = 0
        self._began_at_s = file.content.head["began_at"] if file is not None else clock()

    @classmethod
    def begin(
        cls,
        path: Path,
        identity: JobIdentity | None = None,
        *,
        temporary: bool = False,
        clock: Clock = time.time,
    ) -> Self:
        """The journal of a new job.

        Args:
            path: where it is written.
            identity: the job; None if whoever goes on vouches for the source.
            temporary: see above.
            clock: the time that is written into it.

        Raises:
            JournalError: the file can't be made, or must not be written over.
        """
        file = None if temporary else JournalFile.create(path, _head(identity, clock()))
        made = cls(path, identity, file, temporary=temporary, clock=clock)
        if temporary and not _is_writable(path.parent):
            made.trouble = f"{path.parent} can't be written"
        return made

    @classmethod
    def go_on(
        cls,
        path: Path,
        identity: JobIdentity | None = None,
        *,
        temporary: bool = False,
        clock: Clock = time.time,
    ) -> Self:
        """The journal of a job that was ended, to go on with it.

        Args:
            path: where it was written.
            identity: the job that is to go on; must be the one that was begun.
            temporary: whether it is removed when the job is complete.
            clock: the time that is written into it.

        Raises:
            JournalError: there is none, it is damaged, or it is another job's.
        """
        file = JournalFile.reopen(path)
        try:
            known = file.content.head.get("job")
            if known is not None and identity is not None:
                JobIdentity.from_json(known).check_same(identity, path)
            made = cls(path, identity, file, temporary=temporary, clock=clock)
            made._take_up(file.content.record)
            output = made.file_of("output")
            made.output_bytes = output[1] if output is not None else 0
            if not made._earlier.get("closed"):
                made._alive_at_s = made._earlier.get("written_at", path.stat().st_mtime)
        except BaseException:
            file.close()
            raise
        return made

    @property
    def _kind(self) -> type[_Notes]:
        raise NotImplementedError

    @property
    def began_at_s(self) -> float:
        """When the job was begun, in seconds since 1970."""
        return self._began_at_s

    @property
    def complete(self) -> bool:
        """Whether the job had been complete when the journal was opened."""
        return bool(self._earlier.get("complete"))

    @property
    def usable(self) -> bool:
        """Whether the job can go on later, if it is ended now."""
        return not self.trouble

    @property
    def can_go_on(self) -> bool:
        """Whether there is a journal to go on from, now that this run has ended."""
        return self._file is not None and not self.finished

    def earlier_report(self, operation: str) -> Report:
        """The report of a job that is complete.

        Args:
            operation: the report's: `write`, `read` ...
        """
        report = Report(operation)
        report.go_on(self.journal.counts, self._earlier["totals"])
        report.runs -= 1
        return report

    def file_of(self, name: str) -> tuple[Path, int] | None:
        """Where the `failures` or the `output` of earlier runs are, and how many bytes count."""
        known = self._earlier.get("files", {}).get(name)
        return None if known is None else (Path(known["path"]), known["size_bytes"])

    def grace_s(self, late_effect_s: float) -> float:
        """How long to wait before the first call, in seconds.

        Args:
            late_effect_s: for how long a call that got no answer may still take effect.
        """
        if self._alive_at_s is None or not late_effect_s:
            return 0.0
        passed_s = self._clock() - self._alive_at_s
        return max(0.0, late_effect_s + BEAT_S - max(0.0, passed_s))

    # The job

    def start(
        self, report: Report, note_time: Callable[[], None], on_trouble: Callable[[str], None]
    ) -> None:
        """Write behind a job on the running event loop.

        Args:
            report: the job's; takes up the totals of earlier runs.
            note_time: brings the report's time up to date.
            on_trouble: called if the journal can't be written and the job must therefore stop.
        """
        self._report, self._note_time, self._on_trouble = report, note_time, on_trouble
        report.lists_unresolved = not self.usable
        if self._earlier:
            report.go_on(self.journal.counts, self._earlier["totals"])
        self._calls_unknown = report.calls_unknown
        if self.usable:
            after_s = _TEMPORARY_AFTER_S if self._file is None else 0.0
            self._behind = WriteBehind(
                self._prepare, lambda: self.journal.changed, self._give_up, after_s
            )
            self.journal.on_change = self._behind.changed

    async def end(self, *, source_ended: bool) -> None:
        """Write the last record of this run. Nothing is under way any more.

        Args:
            source_ended: whether the source was read to its end.

        Raises:
            JournalError: it ended before the place that an earlier run had reached.
        """
        self.journal.on_change = None
        if self._behind is not None:
            await self._behind.end()
        shortfall = self.journal.shortfall
        complete = source_ended and self.journal.is_complete and not shortfall
        await asyncio.get_running_loop().run_in_executor(None, self._finish, complete)
        if source_ended and shortfall and not self._stopped:
            raise JournalError(shortfall, "Give the same source as before.")

    def close(self) -> None:
        """Let go of the file, as it is."""
        if self._file is not None:
            self._file.close()

    # Records

    def _prepare(self) -> Write:
        record, files = self._record()
        return partial(self._write, record, files)

    def _give_up(self, trouble: str) -> None:
        self.trouble = trouble
        assert self._report is not None
        self._report.lists_unresolved = True
        if not self._temporary and self._on_trouble is not None:
            self._on_trouble(trouble)

    def _write(self, record: Mapping[str, Any], files: list[int], *, sync: bool = False) -> None:
        if self._file is None:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise JournalError(f"{self.path.parent} can't be made: {error.strerror}") from None
            self._file = JournalFile.create(
                self.path, _head(self._identity, self._began_at_s), replace_unfinished=True
            )
        self._file.write(record, files, sync=sync)

    @property
    def _stopped(self) -> bool:
        return self._report is not None and bool(self._report.stopped)

    def _finish(self, complete: bool) -> None:
        self.finished = complete
        needed = not self._temporary or not (complete or self.journal.done == 0)
        try:
            if needed and not self.trouble:
                record, files = self._record()
                assert self._report is not None
                ends = {
                    "closed": self._report.calls_unknown == self._calls_unknown,
                    "complete": complete,
                }
                self._write({**record, **ends}, files, sync=True)
            elif self._file is not None and not needed:
                self._file.remove()
                self._file = None
        except UserError as error:
            self.trouble = error.message
        finally:
            self.close()

    def _record(self) -> tuple[dict[str, Any], list[int]]:
        """Everything, at this moment; and which files must be synced before it is written."""
        assert self._report is not None
        assert self._note_time is not None
        self._note_time()
        files: list[tuple[str, tuple[str, int], int | None]] = []
        if self.failures is not None:
            files.append(("failures", self.failures.position(), self.failures.descriptor()))
        if self.output is not None:
            place = (str(self.output.path.absolute()), self.output_bytes)
            files.append(("output", place, self.output.descriptor()))
        grown = []
        for name, place, descriptor in files:
            if place != self._synced.get(name) and descriptor is not None:
                self._synced[name] = place
                grown.append(descriptor)
        if self.beside is not None:
            grown.append(self.beside.descriptor())
        record = {
            "written_at": self._clock(),
            "process": os.getpid(),
            "state": self.journal.state(),
            "files": {
                name: {"path": path, "size_bytes": size_bytes}
                for name, (path, size_bytes), _ in files
            },
            "totals": self._report.totals(),
        }
        return record, grown

    # Going on

    def _take_up(self, record: dict[str, Any] | None) -> None:
        if record is None:  # it was ended before anything was done
            return
        try:
            self.journal = self._kind.restored(record["state"])
        except (KeyError, TypeError, ValueError) as error:
            raise JournalError(f"the journal {self.path} is damaged: {error}") from None
        self._earlier = record


class JobJournal(JournalOf[Journal]):
    """The journal of a job with an input: writes, and reads by key."""

    @property
    def _kind(self) -> type[Journal]:
        return Journal

    def pass_by(self) -> int:
        """How many elements at the front of the source are done, and need not be read any more.

        Whoever calls it must give the job the source without them.
        """
        self.journal.seen = self.journal.done_up_to
        return self.journal.seen


def _head(identity: JobIdentity | None, began_at_s: float) -> dict[str, Any]:
    job = identity.to_json() if identity is not None else None
    return {"pannier": __version__, "began_at": began_at_s, "job": job}


def _is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder, or the folder itself if it is not there."""
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)
