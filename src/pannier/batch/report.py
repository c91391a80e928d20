"""The report: what became of every single operation, and what it took.

The law that every report of a finished job obeys:

    read = written + deleted + superseded + skipped + failed + unresolved        (writes)
    read = found + missing + skipped + failed + unresolved                       (reads)
    read = found + skipped                   (scans; what a filter leaves out is skipped)
    read = written + deleted + skipped + failed + unresolved     (updates and deletes by condition)

The memory it takes is bounded, whatever the job: latencies are a histogram, and of failures and of
different reasons only so many are kept. A job that goes on after it was ended carries its totals
with it: `totals` is what the journal keeps, `go_on` takes them up again. Parts of a job that run
side by side, in processes of their own, have a report each: `add` makes them one.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import orjson

from pannier.batch.latencies import Latencies
from pannier.batch.operation import Origin
from pannier.limits import BATCH_GET_KEYS_MAX, BATCH_WRITE_OPERATIONS_MAX, MIB

FORM: Final = 1
"""The version of the JSON form. New members may come without a new version."""

OTHER_REASONS: Final = "other reasons"
_FAILURES_KEPT: Final = 1000
_FAILURES_BYTES_KEPT: Final = 16 * MIB
_REASONS_KEPT: Final = 100
_PER_CALL_MAX: Final = {
    "write": BATCH_WRITE_OPERATIONS_MAX, "read": BATCH_GET_KEYS_MAX, "scan": 1, "act": 1,
}  # fmt: skip
_PERCENTILES: Final = (50, 90, 95, 99, 99.9)
_COUNTS: Final = (
    "written", "deleted", "found", "missing", "superseded", "skipped", "failed", "unresolved",
)  # fmt: skip
# What a job adds up beside its elements, and the journal therefore keeps.
_EFFORTS: Final = (
    "calls", "calls_failed", "calls_unknown", "operations_sent", "retries", "leftovers",
    "throttles", "waited_s", "elapsed_s", "sent_bytes", "received_bytes",
)  # fmt: skip


@dataclass(frozen=True)
class Failure:
    """An operation that was not applied.

    Attributes:
        table: the table's name, empty if the source did not say.
        kind: `put`, `delete`, `update` or `get`; `parse` for what could not be read.
        attributes: the item or key in the API's JSON form, or the text that could not be read.
        reason: the service's words, or why it was given up.
        origin: its place in the source.
        request_id: of the call that was refused, where the service told one.
    """

    table: str
    kind: str
    attributes: Any
    reason: str
    origin: Origin
    request_id: str = ""

    def __reduce__(self) -> tuple[Any, ...]:
        members = (self.table, self.kind, self.attributes, self.reason, self.origin)
        return Failure, (*members, self.request_id)

    def to_json(self) -> dict[str, Any]:
        """The failure as plain values."""
        line = {"line": self.origin.line} if self.origin.line else {}
        return {
            "source": self.origin.source,
            **line,
            self.origin.unit: self.origin.position,
            "table": self.table,
            "kind": self.kind,
            "reason": self.reason,
            **({"request_id": self.request_id} if self.request_id else {}),
            "attributes": self.attributes,
        }

    def to_line(self) -> bytes:
        """The failure as a line of the failures file, whatever its attributes hold."""
        try:
            return orjson.dumps(self.to_json(), default=str) + b"\n"
        except TypeError:  # half of a surrogate pair, an integer of 65 bits: Python's own can
            return json.dumps(self.to_json(), default=str).encode() + b"\n"


OnFailure: TypeAlias = Callable[[Failure], None]


@dataclass
class Units:
    """Capacity units by table, or by `table/index`; and which of these are local indexes."""

    read: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    write: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    local_indexes: set[str] = field(default_factory=set)

    @property
    def read_total(self) -> float:
        """Read units over all tables and indexes."""
        return sum(self.read.values())

    @property
    def write_total(self) -> float:
        """Write units over all tables and indexes."""
        return sum(self.write.values())

    def to_json(self) -> dict[str, Any]:
        """The units as plain values; a local index's entry names it like any other."""
        return {"read": dict(self.read), "write": dict(self.write)}

    def add(self, units: Mapping[str, Mapping[str, float]]) -> None:
        """Add what `to_json` gave."""
        for mine, kind in ((self.read, "read"), (self.write, "write")):
            for place, spent in units[kind].items():
                mine[place] += spent


@dataclass
class Report:
    """What became of a job. Times in seconds, sizes in bytes; `retries` counts operations.

    Attributes:
        operation: `write`, `read`, `scan`, or `act` for updates and deletes by condition.
        calls_unknown: calls that may have had their effect, or not; they were repeated.
        in_flight: calls under way at this moment.
        runs: how often the job was begun; more than 1 if it went on after it was ended.
        earlier_s: of `elapsed_s`, what earlier runs took.
        on_failure: is told each operation that was not applied.
        unresolved_reasons: of `reasons`, those for which something is unresolved.
        lists_unresolved: whether `on_failure` is also told what is unresolved; not, if it is
            sent again when the job goes on.
    """

    operation: str
    read: int = 0
    written: int = 0
    deleted: int = 0
    found: int = 0
    missing: int = 0
    superseded: int = 0
    skipped: int = 0
    failed: int = 0
    unresolved: int = 0
    calls: int = 0
    calls_failed: int = 0
    calls_unknown: int = 0
    operations_sent: int = 0
    retries: int = 0
    leftovers: int = 0
    throttles: int = 0
    waited_s: float = 0.0
    elapsed_s: float = 0.0
    sent_bytes: int = 0
    received_bytes: int = 0
    units: Units = field(default_factory=Units)
    stopped: str = ""
    failures: list[Failure] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    latencies: Latencies = field(default_factory=Latencies)
    in_flight: int = 0
    runs: int = 1
    earlier_s: float = 0.0
    on_failure: OnFailure | None = None
    lists_unresolved: bool = True
    unresolved_reasons: Counter[str] = field(default_factory=Counter)
    _failures_bytes: int = 0

    @property
    def ok(self) -> bool:
        """Whether every operation got through."""
        return not (self.failed or self.unresolved or self.stopped)

    @property
    def balanced(self) -> bool:
        """Whether the report obeys its law."""
        return bool(self.read == sum(getattr(self, name) for name in _COUNTS))

    @property
    def done(self) -> int:
        """Operations that had their effect, or keys that were answered."""
        return self.written + self.deleted + self.found + self.missing

    @property
    def operations_per_call_max(self) -> int:
        """How many operations a call can hold: 25 writes, 100 keys, 1 page."""
        return _PER_CALL_MAX[self.operation]

    @property
    def efficiency(self) -> float:
        """How full the calls were: 1 if each held as many operations as it can; 0 without calls."""
        if not self.calls:
            return 0.0
        return self.operations_sent / self.calls / self.operations_per_call_max

    @property
    def operations_per_s(self) -> float:
        """Operations done, a second of the job's time; 0 as long as it has none."""
        return self.done / self.elapsed_s if self.elapsed_s else 0.0

    def latency_s(self, percentile: float) -> float:
        """The latency that `percentile` percent of the calls did not exceed; 0 without calls.

        Known to three significant digits.
        """
        return self.latencies.percentile_s(percentile)

    def fail(self, failure: Failure, *, resolved: bool = True) -> None:
        """Note an operation that was not applied.

        Args:
            failure: what and why. The first thousand are kept here, up to 16 MB of them; all go
                to `on_failure`.
            resolved: False if it may have been applied, or was never tried.
        """
        if resolved:
            self.failed += 1
        else:
            self.unresolved += 1
            _count(self.unresolved_reasons, failure.reason)
        _count(self.reasons, failure.reason)
        self.keep(failure)
        if self.on_failure is not None and (resolved or self.lists_unresolved):
            self.on_failure(failure)

    def keep(self, failure: Failure) -> None:
        """Keep a failure that is counted already, if there is room."""
        if len(self.failures) < _FAILURES_KEPT and self._failures_bytes < _FAILURES_BYTES_KEPT:
            self.failures.append(failure)
            self._failures_bytes += _size_bytes(failure.attributes)

    def add_call(self, operations: int, sent_bytes: int, latency_s: float) -> None:
        """Note a call that was answered, or failed."""
        self.calls += 1
        self.operations_sent += operations
        self.sent_bytes += sent_bytes
        self.latencies.add(latency_s)

    def add_capacity(self, consumed: object, kind: str) -> None:
        """Add the `ConsumedCapacity` list of an answer.

        Args:
            consumed: as answered; endpoints that answer none, or less than AWS, are taken as such.
            kind: `read` or `write`.
        """
        units = self.units.read if kind == "read" else self.units.write
        for entry in consumed if isinstance(consumed, list) else ():
            if not isinstance(entry, dict):
                continue
            table = str(entry.get("TableName", ""))
            own = entry.get("Table")
            if not isinstance(own, dict):
                units[table] += float(entry.get("CapacityUnits") or 0)
                continue
            units[table] += float(own.get("CapacityUnits") or 0)
            for member in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
                for index, spent in (entry.get(member) or {}).items():
                    place = f"{table}/{index}"
                    units[place] += float(spent.get("CapacityUnits") or 0)
                    if member == "LocalSecondaryIndexes":
                        self.units.local_indexes.add(place)

    # Side by side

    def add(self, other: "Report") -> None:
        """Add the report of another part of the job, which had other operations.

        The law holds for the sum if it holds for both. Times that calls waited are added up; how
        long the whole took is not known from its parts, and stays the longest of them.

        Args:
            other: of the same operation; not changed. Who was told of its failures stays so.
        """
        for name in ("read", *_COUNTS):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _EFFORTS:
            if name != "elapsed_s":
                setattr(self, name, getattr(self, name) + getattr(other, name))
        self.elapsed_s = max(self.elapsed_s, other.elapsed_s)
        self.runs = max(self.runs, other.runs)
        self.stopped = self.stopped or other.stopped
        self.units.add(other.units.to_json())
        self.units.local_indexes.update(other.units.local_indexes)
        for reason, count in other.reasons.items():
            _count(self.reasons, reason, count)
        for reason, count in other.unresolved_reasons.items():
            _count(self.unresolved_reasons, reason, count)
        self.latencies.add_encoded(other.latencies.encoded())
        for failure in other.failures:
            self.keep(failure)

    def __reduce__(self) -> tuple[Any, ...]:
        counts = {name: getattr(self, name) for name in ("read", *_COUNTS)}
        unresolved = dict(self.unresolved_reasons)
        members = (counts, self.totals(), self.stopped, unresolved, self.failures)
        return _unpickled, (self.operation, *members)

    # Going on

    def totals(self) -> dict[str, Any]:
        """What the journal keeps beside the counts of elements, which it keeps itself."""
        reasons = self.reasons - self.unresolved_reasons
        return {
            **{name: getattr(self, name) for name in _EFFORTS},
            "runs": self.runs,
            "units": self.units.to_json(),
            "local_indexes": sorted(self.units.local_indexes),
            "reasons": dict(reasons),
            "latencies": self.latencies.encoded(),
        }

    def go_on(self, counts: Mapping[str, int], totals: Mapping[str, Any]) -> None:
        """Begin where an earlier run has ended.

        Args:
            counts: how many elements ended how, by the names of this report.
            totals: as `totals` gave them.

        Raises:
            ValueError: they are not.
        """
        for name, count in counts.items():
            setattr(self, name, getattr(self, name) + count)
            self.read += count
        for name in _EFFORTS:
            setattr(self, name, totals[name])
        self.earlier_s = self.elapsed_s
        self.runs = totals["runs"] + 1
        self.units.add(totals["units"])
        self.units.local_indexes.update(totals["local_indexes"])
        self.reasons.update(totals["reasons"])
        self.latencies.add_encoded(totals["latencies"])

    def to_json(self) -> dict[str, Any]:
        """The report as plain values. Each member is explained in `docs/jobs.md`."""
        latencies = self.latencies
        return {
            "report": FORM,
            "operation": self.operation,
            "read": self.read,
            **{name: getattr(self, name) for name in _COUNTS},
            "balanced": self.balanced,
            "stopped": self.stopped,
            "runs": self.runs,
            **{name: getattr(self, name) for name in _EFFORTS},
            "operations_per_s": self.operations_per_s,
            "operations_per_call_max": self.operations_per_call_max,
            "efficiency": self.efficiency,
            "latency_s": {
                "min": latencies.fastest_s,
                "mean": latencies.mean_s,
                **{f"p{each:g}": self.latency_s(each) for each in _PERCENTILES},
                "max": latencies.slowest_s,
            },
            "latency_histogram": latencies.encoded(),
            "units": self.units.to_json(),
            "reasons": dict(self.reasons),
        }


def _unpickled(
    operation: str,
    counts: Mapping[str, int],
    totals: Mapping[str, Any],
    stopped: str,
    unresolved: Mapping[str, int],
    failures: list[Failure],
) -> Report:
    """A report out of what `Report.__reduce__` made of it; it tells nobody of its failures."""
    report = Report(operation)
    report.go_on({name: count for name, count in counts.items() if name != "read"}, totals)
    report.read = counts["read"]
    report.runs = totals["runs"]
    report.earlier_s = 0.0
    report.stopped = stopped
    report.reasons.update(unresolved)
    report.unresolved_reasons.update(unresolved)
    for failure in failures:
        report.keep(failure)
    return report


def _count(reasons: Counter[str], reason: str, count: int = 1) -> None:
    if reason not in reasons and len(reasons) >= _REASONS_KEPT:
        reason = OTHER_REASONS
    reasons[reason] += count


def _size_bytes(attributes: object) -> int:
    try:
        return len(orjson.dumps(attributes, default=str))
    except TypeError:  # half of a surrogate pair ...
        return len(str(attributes))
