"""Publishing to Prometheus: a text file for the node exporter, or a push gateway.

A batch job is gone before Prometheus comes to ask, so one of the two keeps its last numbers. They
are gauges named `pannier_job_...` with the label `operation`; latencies are a histogram.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pannier.publishing.measures import Measure, measures
from pannier.publishing.publisher import Published, PublishingError

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_PREFIX: Final = "pannier_job_"
_GATEWAY_S_MAX: Final = 10.0
# Bounds in seconds: what a call takes, from within the process to the far end of the world.
_BOUNDS_S: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0,
)  # fmt: skip


class Prometheus:
    """A text file or a push gateway.

    Args:
        place: a path, or the gateway's URL.

    Raises:
        PublishingError: `prometheus-client` is not installed, or the file's folder is not there.
    """

    def __init__(self, place: str) -> None:
        try:
            import prometheus_client  # noqa: F401  # asked for before the job, not after it
        except ImportError:
            raise PublishingError(
                "publishing to Prometheus needs the library prometheus-client",
                "Install it: pip install 'pannier[prometheus]'",
            ) from None
        self._place = place
        if "://" not in place and not Path(place).absolute().parent.is_dir():
            raise PublishingError(
                f"{place} can't be written: there is no folder {Path(place).parent}",
                "Make it first.",
            )

    def publish(self, job: Published) -> str:
        """Write the file, or push."""
        from prometheus_client import CollectorRegistry, push_to_gateway, write_to_textfile

        registry = CollectorRegistry()
        registry.register(_Collector(job))
        try:
            if "://" not in self._place:
                write_to_textfile(self._place, registry)
                return f"metrics in {self._place}"
            push_to_gateway(
                self._place,
                job="pannier",
                registry=registry,
                grouping_key={"operation": job.report.operation},
                timeout=_GATEWAY_S_MAX,
            )
        except (OSError, ValueError) as error:
            raise PublishingError(
                f"Prometheus at {self._place} did not take the metrics: {error}",
                "Name a file whose folder can be written, or the URL of a push gateway.",
            ) from None
        return f"metrics at {self._place}"


class _Collector:
    def __init__(self, job: Published) -> None:
        self._job = job

    def collect(self) -> "Iterator[Metric]":
        from prometheus_client.core import GaugeMetricFamily

        operation = self._job.report.operation
        families: dict[str, Any] = {}
        for measure in measures(self._job.report):
            labels = _labels(measure, operation)
            family = families.get(measure.name)
            if family is None:
                family = GaugeMetricFamily(
                    _PREFIX + measure.name, measure.about, labels=list(labels)
                )
                families[measure.name] = family
            family.add_metric(list(labels.values()), measure.value)
        yield from families.values()
        ended = GaugeMetricFamily(
            f"{_PREFIX}ended_timestamp_seconds", "When the job ended", labels=["operation"]
        )
        ended.add_metric([operation], self._job.ended_at_s)
        yield ended
        if self._job.report.latencies.count:
            yield self._latencies()

    def _latencies(self) -> "Metric":
        from prometheus_client.core import HistogramMetricFamily

        counts = [0] * (len(_BOUNDS_S) + 1)
        for value, count in self._job.report.latencies.buckets():
            place = next(
                (place for place, bound in enumerate(_BOUNDS_S) if value <= bound), len(_BOUNDS_S)
            )
            counts[place] += count
        buckets, below = [], 0
        for bound, count in zip([*map(str, _BOUNDS_S), "+Inf"], counts, strict=True):
            below += count
            buckets.append((bound, below))
        latencies = self._job.report.latencies
        family = HistogramMetricFamily(
            f"{_PREFIX}call_latency_seconds", "How long calls took", labels=["operation"]
        )
        total_s = latencies.mean_s * latencies.count
        family.add_metric([self._job.report.operation], buckets, total_s)
        return family


def _labels(measure: Measure, operation: str) -> dict[str, str]:
    labels = {"operation": operation}
    if measure.labels:
        labels |= {"table": measure.labels["table"], "index": measure.labels.get("index", "")}
    return labels
