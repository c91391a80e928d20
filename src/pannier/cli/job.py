"""A job on the command line, from its journal to its report: what all bulk commands share."""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Generic, Self, TypeVar

from pannier.batch.collecting import seldom_collecting
from pannier.batch.journals.job_journal import JobJournal, JournalOf
from pannier.batch.journals.scan_journal import ScanJournal
from pannier.batch.report import Report
from pannier.batch.target import Target, late_effect_s
from pannier.cli.failures_file import FailuresFile
from pannier.cli.interrupts import FINISHING, interruptible
from pannier.cli.job_journals import forget_folder, go_on_line, journal_of
from pannier.cli.job_status import StatusFile, state_of, status_file
from pannier.cli.progress import progress
from pannier.cli.report_table import check_form, show
from pannier.cli.status import DONE, FAILED, INTERRUPTED
from pannier.errors import UserError
from pannier.files.consumed import fraction_of
from pannier.files.opening import path_of
from pannier.library.interruption import Interrupted
from pannier.publishing.destination import publisher
from pannier.publishing.publisher import Published, Publisher, PublishingError
from pannier.targets.resolve import target_name

_GRACE_S_TOLD: Final = 1.0
# The report's name for what a command does.
_OPERATIONS: Final = defaultdict(
    lambda: "write", get="read", scan="scan", query="scan", count="scan"
)

_Journal = TypeVar("_Journal", bound=JournalOf[Any])


class JobOf(Generic[_Journal]):
    """One run of a job. Use it as a context; what is done in it may be interrupted.

    Args:
        options: the command line.
        sources: the files that are read, as the user named them; None if the job can't go on later,
            because its output is gone with it.
        target: what the job works on.
        label: what is being done, for the progress line.
        fraction: how much of it is done, from 0 to 1; None for how much of the sources is read.

    Attributes:
        journal: of the job, if it can go on later.
        failures: where failures go.

    Raises:
        UserError: a file can't be written, the job can't go on, or a place to publish to can't be
            used.
    """

    _interrupting = FINISHING

    def __init__(
        self,
        options: argparse.Namespace,
        sources: list[str] | None,
        target: Target,
        label: str,
        fraction: Callable[[Report], float | None] | None = None,
    ) -> None:
        check_form(options.report)
        self._options = options
        self._target = target
        self._label = label
        self._sources = sources or []
        self._fraction = fraction
        self._publishers = [_publisher(text, options, target) for text in options.publish]
        self.failures = FailuresFile(getattr(options, "failures", None))
        self.journal: _Journal | None = journal_of(options, sources, target, self._kind)
        self._reports: list[Report] = []
        self._follow: Callable[[Report], None] = self._reports.append
        self._status: StatusFile | None = None
        self._stack = ExitStack()
        self._interrupted = False
        if self.journal is not None:
            self._take_up(self.journal)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if self.journal is not None:
                grace_s = self.journal.grace_s(late_effect_s(self._target))
                if grace_s > _GRACE_S_TOLD and _OPERATIONS[self._options.command] == "write":
                    _say(f"waiting {grace_s:.0f} s for calls of the run that was killed")
                stack.callback(self.journal.close)
            stack.enter_context(self.failures)
            fraction = fraction_of(Path(path_of(name)) for name in self._sources)
            if self._fraction is not None:
                fraction = self._fraction_now
            self._follow = stack.enter_context(progress(self._label, fraction))
            self._status = status_file(self._options, self._target.name, self._label, fraction)
            stack.enter_context(seldom_collecting())
            stack.enter_context(interruptible(self._interrupting))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> bool:
        self._stack.close()
        if self._status is not None:
            self._status.end(*state_of(error))
        if isinstance(error, Interrupted):
            self._interrupted = True
            return True
        return False

    @property
    def interrupted(self) -> bool:
        """Whether it was ended before its end."""
        return self._interrupted

    @property
    def report(self) -> Report:
        """The report of the job, once it has begun."""
        return self._reports[-1]

    def kept_output(self, name: str | None) -> int | None:
        """How much of the output file an earlier run has written for good; None to begin anew."""
        known = self.journal.file_of("output") if self.journal is not None else None
        return known[1] if known is not None and name is not None else None

    def interruption(self) -> Interrupted:
        """What to raise when the job was interrupted outside of the library."""
        return Interrupted(self._reports[-1])

    def follow(self, report: Report) -> None:
        """Take the report of the job as it begins."""
        self._reports = [report]
        self._follow(report)
        if self._status is not None:
            self._status.take(report)

    def complete_before(self) -> int | None:
        """Where the job was complete already: shows its report, and returns the exit status."""
        if self.journal is None or not self.journal.complete:
            return None
        self.journal.close()
        report = self.journal.earlier_report(_OPERATIONS[self._options.command])
        sys.stderr.write(f"pannier: the job of {self.journal.path} is complete; nothing is left\n")
        show(report, self._options.report, self._target.name)
        return DONE if report.ok else FAILED

    def end(self) -> int:
        """Show and publish the report; returns the exit status.

        Raises:
            UserError: the report could not be written.
        """
        report = self._reports[-1]
        show(report, self._options.report, self._target.name, self._beside())
        for text in self._words(report):
            _say(text)
        published = self._publish(report)
        if self._interrupted:
            return INTERRUPTED
        return DONE if report.ok and published else FAILED

    def _publish(self, report: Report) -> bool:
        all_well = True
        for each in self._publishers:
            try:
                _say(f"published {each.publish(Published(report, time.time()))}")
            except PublishingError as error:
                _say(f"the report was not published: {error.message}\n{error.advice}")
                all_well = False
        return all_well

    def _words(self, report: Report) -> Iterator[str]:
        verb = "written" if report.operation == "write" else "read"
        if self.failures.count:
            yield f"{self.failures.count:,} not {verb}, see {self.failures.path}"
        journal = self.journal
        if journal is None or journal.finished:
            forget_folder()
        elif not journal.can_go_on:
            forget_folder()
            reason = journal.trouble or "nothing of it is done"
            yield f"there is no journal to go on from: {reason}"
        else:
            yield f"{journal.journal.told}. To go on:\n  {go_on_line(self._options)}"
        if self._interrupted and journal is None:
            yield "interrupted; it has no journal, so it can't go on later"

    def _beside(self) -> Mapping[str, Any]:
        """Members of the report's JSON form that only this kind of job has."""
        return {}

    def _fraction_now(self) -> float | None:
        return self._fraction(self._reports[-1]) if self._fraction is not None else None

    @property
    def _kind(self) -> type[_Journal]:
        raise NotImplementedError

    def _take_up(self, journal: _Journal) -> None:
        known = journal.file_of("failures")
        journal.failures = self.failures
        if known is None:
            return
        path, size_bytes = known
        named = getattr(self._options, "failures", None)
        if named and Path(named).absolute() != path:
            return
        count = journal.journal.counts.get("failed", 0)
        self.failures.go_on(path, size_bytes, count, journal.began_at_s)


class Job(JobOf[JobJournal]):
    """One run of a batch job that has an input: a write, or a read by key."""

    def pass_by(self) -> int:
        """How many elements at the front of the source are done, and need not be read again.

        Whoever calls it must leave them out.
        """
        return self.journal.pass_by() if self.journal is not None else 0

    @property
    def _kind(self) -> type[JobJournal]:
        return JobJournal


class ScanJob(JobOf[ScanJournal]):
    """One run of a scan or query."""

    @property
    def _kind(self) -> type[ScanJournal]:
        return ScanJournal


def _say(text: str) -> None:
    sys.stderr.write(f"pannier: {text}\n")


def _publisher(text: str, options: argparse.Namespace, target: Target) -> Publisher:
    has_answer = options.command == "count" or ("out" in options and not options.out)
    if text == "emf" and has_answer:
        raise UserError(
            "--publish emf: standard output has the answer", "Name a file: --publish emf:FILE."
        )
    is_aws = target_name(options.target) == "aws"
    url: str | None = getattr(target, "url", None)
    try:
        made = publisher(text, url=url, is_aws=is_aws)
    except PublishingError as error:
        raise UserError(f"--publish {text}: {error.message}", error.advice) from None
    return made
