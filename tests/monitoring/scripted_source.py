"""A source of metrics that has what the test says, and notes what it is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pannier.monitoring.inventory import MetricId
from pannier.monitoring.source import MetricQuery
from pannier.monitoring.span import Span

NOW_S = 1_700_000_430.0  # half a minute into a minute


def of_table(name: str, table: str = "shop", **more: str) -> MetricId:
    return MetricId(name, tuple(sorted({"TableName": table, **more}.items())))


@dataclass
class ScriptedSource:
    """Points by metric and statistic, then by time."""

    points: Mapping[tuple[MetricId, str], Mapping[int, float]] = field(default_factory=dict)
    name: str = "a script"
    is_near: bool = False
    time_s: float = NOW_S
    listed: int = 0
    asked: list[MetricQuery] = field(default_factory=list)

    def now_s(self) -> float:
        return self.time_s

    def metrics(self) -> list[MetricId]:
        self.listed += 1
        return list({metric for metric, _ in self.points})

    def values(self, queries: Sequence[MetricQuery], span: Span) -> list[dict[int, float]]:
        self.asked = list(queries)
        return [
            {
                time_s: value
                for time_s, value in self.points.get((each.metric, each.statistic), {}).items()
                if time_s in span.times_s
            }
            for each in queries
        ]

    def has_table(self, name: str) -> bool | None:
        return None
