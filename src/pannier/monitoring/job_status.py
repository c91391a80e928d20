"""How a job does, as it leaves word of it once a second: the form of the file, there and back.

The file has the report's counts, sums and histogram, not its percentiles: to find these takes 30 ms
of a job that has made many calls, to write the histogram down 0.1 ms. So whoever reads the file
computes them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import orjson

from pannier.batch.report import Report

FORM: Final = 1
RUNNING: Final = "running"
FINISHED: Final = "finished"
"""It came to its end; whether all went well, its report says."""
INTERRUPTED: Final = "interrupted"
BROKEN: Final = "broken"
"""It was ended by an error, which `error` tells."""
DIED: Final = "died"
"""It is gone, and has not said how it ended."""

STATES: Final = (RUNNING, FINISHED, INTERRUPTED, BROKEN, DIED)
_COUNTS: Final = (
    "written", "deleted", "found", "missing", "superseded", "skipped", "failed", "unresolved",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job of the command, running or over.

    Attributes:
        pid: of its process.
        state: one of `STATES`.
        command: e.g. `write`.
        label: what is being done, e.g. `writing`.
        command_line: as it was typed, without what may be secret.
        target: its name, as it is shown.
        tables: that it works on, as far as it is known.
        began_at_s: in seconds since 1970.
        updated_at_s: when this was written.
        report: so far.
        fraction: how much is done, from 0 to 1; None where nobody knows.
        items_per_s: of the last ten seconds.
        left_s: how long it will take at that; None where nobody knows.
        write_units: its budget, as it was given: `500` or `50%`; None without.
        read_units: likewise.
        error: by which it was ended.
        process_began: what the system says of the process's start, so that another process of the
            same id is not taken for it; empty where the system does not say.
    """

    pid: int
    state: str
    command: str
    label: str
    command_line: str
    target: str
    tables: tuple[str, ...]
    began_at_s: float
    updated_at_s: float
    report: Report
    fraction: float | None = None
    items_per_s: float = 0.0
    left_s: float | None = None
    write_units: str | None = None
    read_units: str | None = None
    error: str = ""
    process_began: str = ""

    @property
    def is_running(self) -> bool:
        """Whether it is under way."""
        return self.state == RUNNING

    @property
    def ok(self) -> bool:
        """Whether it came to its end, and every operation got through."""
        return self.state == FINISHED and self.report.ok

    @property
    def success_rate(self) -> float | None:
        """The part of what has ended that got through, from 0 to 1; None before anything has."""
        report = self.report
        ended = report.done + report.failed + report.unresolved
        return report.done / ended if ended else None

    def died(self) -> Self:
        """The same job, now that its process is gone."""
        return replace(self, state=DIED, left_s=None, items_per_s=0.0)

    def to_json(self) -> dict[str, Any]:
        """As plain values, for people and programs; the report is that of `docs/jobs.md`."""
        return {
            **self._own(),
            "tables": list(self.tables),
            "success_rate": self.success_rate,
            "in_flight": self.report.in_flight,
            "report": self.report.to_json(),
        }

    def encoded(self) -> bytes:
        """The content of the file."""
        return orjson.dumps(
            {"form": FORM, **self._own(), "report": _stored(self.report)},
            option=orjson.OPT_NON_STR_KEYS,
        )

    @classmethod
    def decoded(cls, content: bytes) -> Self:
        """The status that a file has.

        Raises:
            ValueError: it is half a file, or of another form.
        """
        try:
            members = orjson.loads(content)
            if members.pop("form") != FORM or members["state"] not in STATES:
                raise ValueError("it is of another form")
            members["tables"] = tuple(members["tables"])
            members["report"] = _report(members["report"])
            return cls(**members)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"it is no status of a job: {error}") from None

    def _own(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "report"}


def _stored(report: Report) -> dict[str, Any]:
    return {
        "operation": report.operation,
        "read": report.read,
        "counts": {name: getattr(report, name) for name in _COUNTS},
        "totals": report.totals(),
        "reasons": dict(report.reasons),
        "stopped": report.stopped,
        "in_flight": report.in_flight,
        "runs": report.runs,
        "earlier_s": report.earlier_s,
    }


def _report(stored: Mapping[str, Any]) -> Report:
    report = Report(stored["operation"])
    report.go_on(stored["counts"], stored["totals"])
    report.reasons = Counter(stored["reasons"])
    for name in ("read", "stopped", "in_flight", "runs", "earlier_s"):
        setattr(report, name, stored[name])
    return report
