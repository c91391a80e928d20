"""An estimate beside the truth: a plan, and the report of the job that it was made for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pannier.cost.units_cost import cost_of_units
from pannier.errors import UserError
from pannier.planning.plan import Plan

_COUNTS: Final = ("read", "written", "deleted", "found", "missing", "superseded", "failed")


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure.

    Attributes:
        what: its name: `calls`, `write units T/GSI1`.
        estimate: of the plan.
        truth: of the report.
    """

    what: str
    estimate: float
    truth: float

    @property
    def percent(self) -> float | None:
        """By how many percent of the truth the estimate is above it; None where the truth is 0."""
        if self.truth:
            return (self.estimate - self.truth) / self.truth * 100
        return None if self.estimate else 0.0

    def to_json(self) -> dict[str, Any]:
        """The difference as plain values."""
        return {
            "what": self.what,
            "estimate": self.estimate,
            "truth": self.truth,
            "percent": self.percent,
        }


def read_report(path: Path) -> dict[str, Any]:
    """The report of a job, from the file that `--report FILE` wrote.

    Raises:
        UserError: it is none.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}") from None
    except ValueError:
        report = None
    if not isinstance(report, dict) or "report" not in report or "units" not in report:
        raise UserError(
            f"{path} is not the report of a job",
            "Run the job with --report FILE.json, then name that file here.",
        )
    return report


def differences(plan: Plan, report: Mapping[str, Any]) -> list[Difference]:
    """Each figure of a plan that the report has too.

    Raises:
        UserError: the report is of another kind of job.
    """
    if report["operation"] != plan.operation:
        raise UserError(
            f"the plan is of a {plan.operation}, the report of a {report['operation']}",
            "Plan a read by key with --get, a scan with --scan.",
        )
    found = [
        Difference(name, plan.items[name], report[name]) for name in _COUNTS if name in plan.items
    ]
    found.append(Difference("calls", plan.calls, report["calls"]))
    for kind, mine in (("write", plan.write), ("read", plan.read)):
        theirs = report["units"][kind]
        for place in sorted(mine.keys() | theirs.keys()):
            estimate, truth = mine.get(place, 0.0), theirs.get(place, 0.0)
            if estimate or truth:
                found.append(Difference(f"{kind} units of {place}", estimate, truth))
        total = sum(theirs.values())
        if mine or theirs:
            found.append(Difference(f"{kind} units", sum(mine.values()), total))
    cost = cost_of_units(
        read_units=sum(report["units"]["read"].values()),
        write_units=sum(report["units"]["write"].values()),
        prices=plan.prices,
    )
    found.append(Difference("on demand, USD", plan.on_demand_usd, cost.on_demand_usd))
    found += [
        Difference(f"seconds ({each.at})", each.seconds, report["elapsed_s"])
        for each in plan.durations
    ]
    return found
