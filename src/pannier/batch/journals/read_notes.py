"""What a batch read tells its journal.

A key is done when whoever asked for it has taken its result: what was answered and not yet taken is
read again by a run that goes on. Where results are written to a file, the journal also notes how
much of the file they take, so that none of them is there twice.
"""

from collections.abc import Sequence

from pannier.batch.input_order import numbered
from pannier.batch.journals.job_journal import JobJournal
from pannier.batch.operation import Origin
from pannier.batch.reads.read_results import Found
from pannier.batch.report import Failure, OnFailure, Report


class ReadNotes:
    """Numbers keys, and notes their ends. Use it on the event loop.

    Args:
        journal: of the job.
        report: of the job; its failures pass through here.
    """

    def __init__(self, journal: JobJournal, report: Report) -> None:
        self._job = journal
        self._journal = journal.journal
        self._report = report
        self._next: OnFailure | None = report.on_failure
        self._handed: Sequence[Found] = ()
        report.on_failure = self._failed

    @property
    def wants_more(self) -> bool:
        """Whether there is a point in reading more keys."""
        return not (self._report.stopped and self._job.usable)

    def number(self, origin: Origin) -> Origin | None:
        """The place of the next key, numbered; None if the key is done."""
        number = self._journal.take()
        if not number:
            return None
        return numbered(origin, number)

    def handed(self, results: Sequence[Found]) -> None:
        """Results are on their way to whoever asked for them."""
        self._handed = results

    def taken(self, output_bytes: int | None) -> None:
        """All results that were handed have been taken.

        Args:
            output_bytes: the size of the file that they were written to, if there is one.
        """
        if output_bytes is not None:
            self._job.output_bytes = output_bytes
        for end, are_missing in (("found", False), ("missing", True)):
            numbers = [
                each.origin.number for each in self._handed if (each.item is None) is are_missing
            ]
            if numbers:
                self._journal.answered(numbers, end)
        self._handed = ()

    def _failed(self, failure: Failure) -> None:
        if self._next is not None:
            self._next(failure)
        if not self._report.lists_unresolved:  # so it is resolved
            self._journal.failed(failure.origin.number)
