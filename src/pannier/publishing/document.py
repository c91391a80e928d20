"""The report as one JSON document: what `--report json` writes. `docs/jobs.md` explains it.

Its form has a version (`report`). Members may be added without a new version; none is renamed,
removed, or given another meaning.
"""

from typing import Any

from pannier.batch.report import Report
from pannier.batch.single_calls import single_calls
from pannier.cost.units_cost import UnitsCost, cost_of_units


def cost_of(report: Report) -> UnitsCost:
    """What the units of a job cost at list price."""
    return cost_of_units(read_units=report.units.read_total, write_units=report.units.write_total)


def document(report: Report, target: str = "") -> dict[str, Any]:
    """A report as plain values, with what it cost and what single calls would have taken.

    Args:
        report: of a job that has ended, or is under way.
        target: the name of the target, if it shall be there.
    """
    return {
        **report.to_json(),
        "target": target,
        "single_calls": single_calls(report).to_json(),
        "cost": cost_of(report).to_json(),
    }
