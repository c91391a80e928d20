"""What a job would have taken without batches: an estimate that says what it assumes."""

from dataclasses import dataclass
from typing import Any, Final

from pannier.batch.report import Report

ASSUMES: Final = (
    "each single call takes as long as the quickest call of this job; the units are the same, "
    "because a batch is metered as that many single calls"
)


@dataclass(frozen=True, slots=True)
class SingleCalls:
    """The same work by PutItem, DeleteItem or GetItem.

    Attributes:
        calls: how many.
        each_s: how long one is assumed to take.
    """

    calls: int
    each_s: float

    @property
    def one_after_another_s(self) -> float:
        """How long they would take, one after another."""
        return self.calls * self.each_s

    def to_json(self) -> dict[str, Any]:
        """The estimate as plain values."""
        return {
            "calls": self.calls,
            "each_s": self.each_s,
            "one_after_another_s": self.one_after_another_s,
            "assumes": ASSUMES,
        }


def single_calls(report: Report) -> SingleCalls:
    """What single calls would have taken for everything that a job has done."""
    return SingleCalls(report.done, report.latencies.fastest_s)
