"""Jobs that did not end well, as exceptions that still know what was done."""

from pannier.batch.report import Report
from pannier.errors import UserError


class JobError(UserError):
    """Not every operation of a job got through.

    Attributes:
        report: what became of each of them.
    """

    def __init__(self, report: Report, done: str) -> None:
        count = report.failed + report.unresolved
        reason = report.stopped or next(iter(report.reasons), "")
        super().__init__(f"{count} of {report.read} {done}: {reason}")
        self.report = report


class ReadError(JobError):
    """Keys could not be read."""

    def __init__(self, report: Report) -> None:
        super().__init__(report, "keys could not be read")


class ScanError(JobError):
    """A scan or query ended before its end."""

    def __init__(self, report: Report) -> None:
        UserError.__init__(
            self, f"the {report.operation} ended after {report.read} items: {report.stopped}"
        )
        self.report = report


class WriteError(JobError):
    """Writes did not get through. `report.failures` names them."""

    def __init__(self, report: Report) -> None:
        super().__init__(report, "writes did not get through")


def raise_for(report: Report) -> None:
    """Raise unless everything was read.

    Raises:
        ReadError: says how many keys could not be read, and why.
        ScanError: says why the scan ended.
    """
    if report.ok:
        return
    raise ScanError(report) if report.operation == "scan" else ReadError(report)
