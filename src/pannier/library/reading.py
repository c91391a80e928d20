"""Reads that did not end well."""

from pannier.batch.report import Report
from pannier.errors import UserError


class ReadError(UserError):
    """Keys could not be read.

    Attributes:
        report: what became of every key.
    """

    def __init__(self, report: Report) -> None:
        count = report.failed + report.unresolved
        reason = report.stopped or next(iter(report.reasons), "")
        super().__init__(f"{count} of {report.read} keys could not be read: {reason}")
        self.report = report


def raise_for(report: Report) -> None:
    """Raise unless every key could be read.

    Raises:
        ReadError: says how many could not, and why.
    """
    if not report.ok:
        raise ReadError(report)
