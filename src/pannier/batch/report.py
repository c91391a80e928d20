"""The report: what became of every single operation, and what it took.

The law that every report of a finished job obeys:

    read = written + deleted + superseded + skipped + failed + unresolved        (writes)
    read = found + missing + skipped + failed + unresolved                       (reads)
"""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from pannier.batch.operation import Origin

_FAILURES_KEPT: Final = 1000


@dataclass(frozen=True, slots=True)
class Failure:
    """An operation that was not applied.

    Attributes:
        table: the table's name, empty if the source did not say.
        kind: `put`, `delete` or `get`; `parse` for what could not be read.
        attributes: the item or key in the API's JSON form, or the text that could not be read.
        reason: the service's words, or why it was given up.
        origin: its place in the source.
    """

    table: str
    kind: str
    attributes: Any
    reason: str
    origin: Origin

    def to_json(self) -> dict[str, Any]:
        """The failure as a line of the failures file."""
        line = {"line": self.origin.line} if self.origin.line else {}
        return {
            "source": self.origin.source,
            **line,
            self.origin.unit: self.origin.position,
            "table": self.table,
            "kind": self.kind,
            "reason": self.reason,
            "attributes": self.attributes,
        }


OnFailure: TypeAlias = Callable[[Failure], None]


@dataclass(slots=True)
class Units:
    """Capacity units by table, or by `table/index`; and which of these are local indexes."""

    read: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    write: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    local_indexes: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Report:
    """What became of a job. Times in seconds, sizes in bytes; `retries` counts operations."""

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
    latencies_s: "array[float]" = field(default_factory=lambda: array("d"))
    on_failure: OnFailure | None = None

    @property
    def ok(self) -> bool:
        """Whether every operation got through."""
        return not (self.failed or self.unresolved or self.stopped)

    @property
    def balanced(self) -> bool:
        """Whether the report obeys its law."""
        return self.read == (
            self.written
            + self.deleted
            + self.found
            + self.missing
            + self.superseded
            + self.skipped
            + self.failed
            + self.unresolved
        )

    def latency_s(self, percentile: float) -> float:
        """The latency that `percentile` percent of the calls did not exceed; 0 without calls."""
        if not self.latencies_s:
            return 0.0
        ordered = sorted(self.latencies_s)
        position = max(0, math.ceil(len(ordered) * percentile / 100) - 1)
        return ordered[position]

    def fail(self, failure: Failure, *, resolved: bool = True) -> None:
        """Note an operation that was not applied.

        Args:
            failure: what and why. The first thousand are kept here; all go to `on_failure`.
            resolved: False if it may have been applied, or was never tried.
        """
        if resolved:
            self.failed += 1
        else:
            self.unresolved += 1
        self.reasons[failure.reason] += 1
        if len(self.failures) < _FAILURES_KEPT:
            self.failures.append(failure)
        if self.on_failure is not None:
            self.on_failure(failure)

    def add_call(self, operations: int, sent_bytes: int, latency_s: float) -> None:
        """Note a call that was answered, or failed."""
        self.calls += 1
        self.operations_sent += operations
        self.sent_bytes += sent_bytes
        self.latencies_s.append(latency_s)

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

    def to_json(self) -> Mapping[str, Any]:
        """The report as plain values."""
        names = (
            "operation", "read", "written", "deleted", "found", "missing", "superseded", "skipped",
            "failed", "unresolved", "calls", "calls_failed", "operations_sent", "retries",
            "leftovers", "throttles", "waited_s", "elapsed_s", "sent_bytes", "received_bytes",
            "stopped",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in names},
            "latency_s": {f"p{each}": self.latency_s(each) for each in (50, 95, 99)},
            "units": {"read": dict(self.units.read), "write": dict(self.units.write)},
            "reasons": dict(self.reasons),
            "balanced": self.balanced,
        }
