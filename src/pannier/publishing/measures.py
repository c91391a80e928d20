"""A report as a flat list of numbers, each with a name, a unit and labels: what is published.

Names are those of Prometheus (snake case, the unit last); CloudWatch's are made of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from pannier.batch.report import Report
from pannier.publishing.document import cost_of

PERCENTILES: Final = (50, 90, 95, 99, 99.9, 100)


class Unit(Enum):
    """What a measure counts."""

    COUNT = "count"
    SECONDS = "seconds"
    BYTES = "bytes"
    PER_SECOND = "per second"
    RATIO = "ratio"
    USD = "usd"


@dataclass(frozen=True, slots=True)
class Measure:
    """One number.

    Attributes:
        name: e.g. `waited_seconds`.
        value: the number.
        unit: what it counts.
        about: what it is, in a few words.
        labels: what it belongs to, e.g. a table.
    """

    name: str
    value: float
    unit: Unit
    about: str
    labels: Mapping[str, str] = field(default_factory=dict)


def measures(report: Report) -> Iterator[Measure]:
    """The numbers of a report, without its latencies."""
    yield Measure("operations_read", report.read, Unit.COUNT, "Operations read from the source")
    for name, about in _ENDS.items():
        if name in _ENDS_OF_READS and report.operation == "write":
            continue
        if name in _ENDS_OF_WRITES and report.operation == "read":
            continue
        yield Measure(f"operations_{name}", getattr(report, name), Unit.COUNT, about)
    for attribute, name, unit, about in _EFFORTS:
        yield Measure(name, getattr(report, attribute), unit, about)
    for kind, units in (("write", report.units.write), ("read", report.units.read)):
        for place, spent in sorted(units.items()):
            table, _, index = place.partition("/")
            labels = {"table": table} | ({"index": index} if index else {})
            about = f"{kind.capitalize()} units that the service says it has metered"
            yield Measure(f"consumed_{kind}_units", spent, Unit.COUNT, about, labels)
    cost = cost_of(report)
    yield Measure(
        "cost_on_demand_usd", cost.on_demand_usd, Unit.USD,
        f"Units at the on-demand list price of {cost.prices.region}, {cost.prices.read_on}",
    )  # fmt: skip


def latencies(report: Report) -> Iterator[tuple[float, float]]:
    """Percentiles, and the seconds that so many percent of the calls did not exceed."""
    if report.latencies.count:
        for each in PERCENTILES:
            yield each, report.latency_s(each)


_ENDS: Final = {
    "written": "Puts that were applied",
    "deleted": "Deletes that were applied",
    "found": "Keys whose item was read",
    "missing": "Keys that have no item",
    "superseded": "Writes that a later one of the same key made needless",
    "skipped": "Operations that were left out",
    "failed": "Operations that can't be applied",
    "unresolved": "Operations that were given up, or never tried",
}
_ENDS_OF_READS: Final = frozenset({"found", "missing"})
_ENDS_OF_WRITES: Final = frozenset({"written", "deleted", "superseded"})
_EFFORTS: Final = (
    ("calls", "calls", Unit.COUNT, "Calls made"),
    ("calls_failed", "calls_failed", Unit.COUNT, "Calls that were answered with an error, or not"),
    ("calls_unknown", "calls_unknown", Unit.COUNT, "Calls of unknown outcome"),
    ("operations_sent", "operations_sent", Unit.COUNT, "Operations in all calls"),
    ("retries", "operations_sent_again", Unit.COUNT, "Operations that were sent again"),
    ("leftovers", "operations_left_over", Unit.COUNT, "Operations left unprocessed by the service"),
    ("throttles", "calls_throttled", Unit.COUNT, "Calls that were throttled as a whole"),
    ("waited_s", "waited_seconds", Unit.SECONDS, "Time in which trouble held calls back"),
    ("elapsed_s", "elapsed_seconds", Unit.SECONDS, "Time of the job, over all its runs"),
    ("sent_bytes", "sent_bytes", Unit.BYTES, "Bytes of requests"),
    ("received_bytes", "received_bytes", Unit.BYTES, "Bytes of answers"),
    ("operations_per_s", "operations_per_second", Unit.PER_SECOND, "Operations done a second"),
    ("efficiency", "efficiency_ratio", Unit.RATIO, "How full the calls were; 1 is full"),
)
