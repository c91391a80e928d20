"""Charts: how one is declared, and how it looks once it has been read."""

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Absent(Enum):
    """What a period stands for that has no point.

    CloudWatch has points only for periods in which something happened.
    """

    ZERO = "zero"
    """Nothing happened: counts."""

    GAP = "gap"
    """There is nothing to say: latencies."""

    HOLD = "hold"
    """What was said last still holds: settings, which come every five minutes."""


class Scope(Enum):
    """What there is one of these charts for."""

    RESOURCE = "resource"
    """A table, and each of its global indexes."""

    TABLE = "table"
    """A table as a whole."""

    OPERATIONS = "operations"
    """A table, or the account, with a series for each operation of the API."""

    ACCOUNT = "account"
    """The account in this region."""


@dataclass(frozen=True, slots=True, order=True)
class Resource:
    """What a chart is of: a table, one of its global indexes, or with neither the account."""

    table: str | None = None
    index: str | None = None

    @property
    def name(self) -> str:
        """As it is shown: `shop`, `shop/GSI1`, or `account`."""
        if self.table is None:
            return "account"
        return self.table if self.index is None else f"{self.table}/{self.index}"

    @property
    def dimensions(self) -> tuple[tuple[str, str], ...]:
        """CloudWatch's dimensions of it, by their names."""
        pairs = (("GlobalSecondaryIndexName", self.index), ("TableName", self.table))
        return tuple((name, value) for name, value in pairs if value is not None)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart, as it is declared.

    Attributes:
        label: what it is called; for a line of operations, each is called after its operation.
        metric: CloudWatch's name.
        statistic: Sum, Average, Maximum, SampleCount, or a percentile such as p99.
        absent: what a period without a point stands for.
        per_s: whether it is divided by the seconds of its period.
        is_optional: whether it is left out where the metric was never recorded.
    """

    label: str
    metric: str
    statistic: str
    absent: Absent
    per_s: bool = False
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class ChartKind:
    """One kind of chart, as it is declared.

    Attributes:
        name: in JSON and in addresses, e.g. `read_units`.
        title: as people read it.
        unit: of its values.
        scope: what there is one for.
        lines: its lines.
        about: what it tells, in a sentence.
    """

    name: str
    title: str
    unit: str
    scope: Scope
    lines: tuple[Line, ...]
    about: str


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart, as it was read.

    Attributes:
        label: what it is called.
        values: one for each period of the span; None where there is nothing to say.
        total: over the span, of what can be added up (units, events, requests); else None.
        line: its declaration; None where it was computed of others.
    """

    label: str
    values: tuple[float | None, ...]
    total: float | None = None
    line: Line | None = None

    @property
    def latest(self) -> float | None:
        """The last value that there is."""
        return next((value for value in reversed(self.values) if value is not None), None)

    @property
    def highest(self) -> float | None:
        """The highest value; None if there is none."""
        return max((value for value in self.values if value is not None), default=None)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        told = None if self.line is None else [self.line.metric, self.line.statistic]
        return {
            "label": self.label,
            "metric": told[0] if told else None,
            "statistic": told[1] if told else None,
            "total": self.total,
            "values": list(self.values),
        }


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that was read; all its series have the same times."""

    kind: ChartKind
    resource: Resource
    series: tuple[Series, ...]

    @property
    def title(self) -> str:
        """With what it is of: `Read units of shop/GSI1`."""
        return f"{self.kind.title} of {self.resource.name}"

    @property
    def is_quiet(self) -> bool:
        """Whether nothing happened in it: there are zeros, gaps, and settings at most."""
        return not any(
            value
            for series in self.series
            if series.line is None or series.line.absent is not Absent.HOLD
            for value in series.values
        )

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "chart": self.kind.name,
            "title": self.title,
            "unit": self.kind.unit,
            "table": self.resource.table,
            "index": self.resource.index,
            "series": [each.to_json() for each in self.series],
        }
