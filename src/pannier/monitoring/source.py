"""What reading asks of a place that has metrics. `cloudwatch_source` is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pannier.errors import UserError
from pannier.monitoring.inventory import MetricId
from pannier.monitoring.span import Span


class MetricsError(UserError):
    """The metrics can't be had at the moment, or there are none at this place."""


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """A statistic of a metric."""

    metric: MetricId
    statistic: str


class MetricSource(Protocol):
    """A place that has metrics of `AWS/DynamoDB`. Safe to share between threads."""

    @property
    def name(self) -> str:
        """As it is shown to the user."""

    @property
    def is_near(self) -> bool:
        """Whether it is on this machine, so that asking is quick and costs nothing."""

    def now_s(self) -> float:
        """The time there, in seconds since 1970; raises as `metrics`."""

    def metrics(self) -> list[MetricId]:
        """All metrics with data of the last two weeks.

        Raises:
            MetricsError: they can't be had; the text says what to do.
        """

    def values(self, queries: Sequence[MetricQuery], span: Span) -> list[dict[int, float]]:
        """For each query the values that there are, by the start of their period.

        Raises:
            MetricsError: they can't be had; the text says what to do.
        """

    def has_table(self, name: str) -> bool | None:
        """Whether there is a table of this name; None where that can't be found out."""
