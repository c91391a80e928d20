"""Sends the readings where the environment says, by OpenTelemetry's rules.

| variable | meaning |
|---|---|
| OTEL_METRICS_EXPORTER | `otlp`, `console`, several of them, or `none` |
| OTEL_EXPORTER_OTLP_ENDPOINT, ..._METRICS_ENDPOINT | where to; one of them alone asks for `otlp` |
| OTEL_EXPORTER_OTLP_PROTOCOL, ..._METRICS_PROTOCOL | `http/protobuf`, or `grpc` if that is installed |
| OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE | `cumulative`, or `delta` |
| OTEL_METRIC_EXPORT_INTERVAL, ..._TIMEOUT | in milliseconds; 60,000 and 30,000 |
| OTEL_SDK_DISABLED | `true` asks for nothing |
| OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_EXPORTER_OTLP_HEADERS ... | as the SDK has them |

Source: OpenTelemetry specification, "Environment variables". Readings are totals already, so they are
handed to the exporters as they are; instruments of the SDK would count every request once more.
"""  # noqa: E501  # a table's row can't be wrapped

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from pannier._version import __version__
from pannier.engine.database import Database
from pannier.engine.metrics.totals import LATENCY_BOUNDS_S, Latency
from pannier.errors import UserError
from pannier.service.telemetry.readings import Labels, Reading, read

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import (
        AggregationTemporality,
        Histogram,
        Metric,
        MetricExporter,
        MetricsData,
        NumberDataPoint,
    )

_LOG: Final = logging.getLogger(__name__)

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")
_INSTALL: Final = "Install it: pip install 'pannier[otel]'"
_INSTALL_GRPC: Final = (
    "Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, "
    "or install opentelemetry-exporter-otlp-proto-grpc."
)
_INTERVAL_MS: Final = 60_000
_TIMEOUT_MS: Final = 30_000
_ENDING_S_MAX: Final = 2.0
_UNNAMED: Final = "unknown_service"  # what the SDK calls a service whose name nobody said
_PROTOCOLS: Final = {
    "http/protobuf": "opentelemetry.exporter.otlp.proto.http.metric_exporter",
    "grpc": "opentelemetry.exporter.otlp.proto.grpc.metric_exporter",
}


def wanted_exporters(environment: Mapping[str, str]) -> list[str]:
    """The exporters that an environment asks for."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return []
    named = environment.get("OTEL_METRICS_EXPORTER", "").strip()
    if named:
        names = [each.strip() for each in named.split(",")]
        return [each for each in names if each and each != "none"]
    return ["otlp"] if any(environment.get(each) for each in _ENDPOINTS) else []


@contextmanager
def exporting(database: Database, environment: Mapping[str, str]) -> Iterator[None]:
    """Export as long as the block lasts, and once more at its end, if the environment asks for it.

    What is asked for and can't be done is said, and nothing else fails.
    """
    names = wanted_exporters(environment)
    if not names:
        yield
        return
    try:
        export: Export | None = Export(database, names, environment)
    except UserError as error:
        _LOG.warning("no metrics are exported: %s", error)
        export = None
    try:
        yield
    finally:
        if export is not None:
            export.close()


class Export:
    """Exports a database's readings again and again, on a thread of its own.

    Args:
        database: the database.
        names: of the exporters.
        environment: settings.

    Raises:
        UserError: what it takes is not installed, or a setting is wrong.
    """

    def __init__(
        self, database: Database, names: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        self._exporters = [_new_exporter(name, environment) for name in names]
        self._interval_s = _milliseconds(environment, "INTERVAL", _INTERVAL_MS) / 1000
        self._timeout_ms = _milliseconds(environment, "TIMEOUT", _TIMEOUT_MS)
        preference = environment.get("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "")
        self._snapshots = Snapshots(database, delta=preference.lower() in ("delta", "lowmemory"))
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pannier-otel", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Export once more, and end; who does not listen is not waited for."""
        self._ending.set()
        self._thread.join(_ENDING_S_MAX)
        for exporter in self._exporters:
            exporter.shutdown(_ENDING_S_MAX * 1000)

    def _run(self) -> None:
        ending = False
        while not ending:
            ending = self._ending.wait(self._interval_s)
            try:
                data = self._snapshots.take(time.time_ns())
                for exporter in self._exporters:
                    exporter.export(data, timeout_millis=self._timeout_ms)
            except Exception:  # the next time may do better
                _LOG.exception("the metrics can't be exported")


class Snapshots:
    """Readings in OpenTelemetry's form, one after another.

    Args:
        database: the database.
        delta: whether each tells what happened since the one before, rather than since the start.
    """

    def __init__(self, database: Database, *, delta: bool) -> None:
        from opentelemetry.sdk.resources import Resource

        self._database = database
        self._delta = delta
        self._started_ns = time.time_ns()
        self._before: dict[tuple[str, Labels], Any] = {}
        self._resource = Resource.create({"service.version": __version__})
        if str(self._resource.attributes["service.name"]).startswith(_UNNAMED):
            self._resource = self._resource.merge(Resource({"service.name": "pannier"}))

    def take(self, now_ns: int) -> "MetricsData":
        """The readings of a moment.

        Args:
            now_ns: nanoseconds since 1970.
        """
        from opentelemetry.sdk.metrics.export import MetricsData, ResourceMetrics, ScopeMetrics
        from opentelemetry.sdk.util.instrumentation import InstrumentationScope

        metrics = [self._metric(reading, now_ns) for reading in read(self._database)]
        if self._delta:
            self._started_ns = now_ns
        scope = ScopeMetrics(InstrumentationScope("pannier", __version__), metrics, "")
        return MetricsData([ResourceMetrics(self._resource, [scope], "")])

    def _metric(self, reading: Reading, now_ns: int) -> "Metric":
        from opentelemetry.sdk.metrics.export import AggregationTemporality, Gauge, Metric, Sum

        delta = AggregationTemporality.DELTA
        temporality = delta if self._delta else AggregationTemporality.CUMULATIVE
        data: Any
        if reading.kind == "histogram":
            data = self._histogram(reading, temporality, now_ns)
        elif reading.kind == "counter":
            numbers = [
                self._number(reading, labels, self._since(reading.name, labels, value), now_ns)
                for labels, value in reading.values.items()
            ]
            data = Sum(numbers, temporality, is_monotonic=True)
        else:
            data = Gauge(
                [
                    self._number(reading, labels, value, now_ns)
                    for labels, value in reading.values.items()
                ]
            )
        return Metric(f"pannier.{reading.name}", reading.description, reading.unit, data)

    def _number(
        self, reading: Reading, labels: Labels, value: float, now_ns: int
    ) -> "NumberDataPoint":
        from opentelemetry.sdk.metrics.export import NumberDataPoint

        attributes = dict(zip(reading.labels, labels, strict=True))
        return NumberDataPoint(attributes, self._started_ns, now_ns, float(value))

    def _histogram(
        self, reading: Reading, temporality: "AggregationTemporality", now_ns: int
    ) -> "Histogram":
        from opentelemetry.sdk.metrics.export import Histogram, HistogramDataPoint

        points = []
        for labels, latency in reading.latencies.items():
            shown = self._latency_since(reading.name, labels, latency)
            points.append(
                HistogramDataPoint(
                    dict(zip(reading.labels, labels, strict=True)),
                    self._started_ns,
                    now_ns,
                    int(shown.count),
                    shown.total_s,
                    [int(each) for each in shown.buckets],
                    list(LATENCY_BOUNDS_S),
                    min=shown.least_s,
                    max=shown.greatest_s,
                )
            )
        return Histogram(points, temporality)

    def _since(self, name: str, labels: Labels, value: float) -> float:
        if not self._delta:
            return value
        before: float = self._before.get((name, labels), 0.0)
        self._before[name, labels] = value
        return value - before

    def _latency_since(self, name: str, labels: Labels, latency: Latency) -> Latency:
        if not self._delta:
            return latency
        before: Latency = self._before.get((name, labels), Latency())
        self._before[name, labels] = latency
        buckets = [now - then for now, then in zip(latency.buckets, before.buckets, strict=True)]
        filled = [position for position, count in enumerate(buckets) if count] or [0]
        # The bounds of the buckets are all that is known of this interval alone.
        least_s = max((0.0, *LATENCY_BOUNDS_S)[filled[0]], latency.least_s)
        greatest_s = min((*LATENCY_BOUNDS_S, latency.greatest_s)[filled[-1]], latency.greatest_s)
        count, total_s = latency.count - before.count, latency.total_s - before.total_s
        return Latency(buckets, count, total_s, least_s, greatest_s)


def _new_exporter(name: str, environment: Mapping[str, str]) -> "MetricExporter":
    try:
        import opentelemetry.sdk.metrics.export as sdk
    except ImportError:
        raise UserError("OpenTelemetry is asked for, but is not installed", _INSTALL) from None
    if name == "console":
        return sdk.ConsoleMetricExporter()
    if name != "otlp":
        raise UserError(
            f"OTEL_METRICS_EXPORTER names {name!r}, which there is not",
            "Use otlp, console or none; Prometheus may scrape /metrics.",
        )
    protocol = (
        environment.get("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL")
        or environment.get("OTEL_EXPORTER_OTLP_PROTOCOL")
        or "http/protobuf"
    )
    module = _PROTOCOLS.get(protocol)
    if module is None:
        raise UserError(
            f"OTEL_EXPORTER_OTLP_PROTOCOL is {protocol!r}, which there is not",
            "Use http/protobuf or grpc.",
        )
    try:
        exporter: MetricExporter = import_module(module).OTLPMetricExporter()
    except ImportError:
        advice = _INSTALL_GRPC if protocol == "grpc" else _INSTALL
        raise UserError(f"the exporter for {protocol} is not installed", advice) from None
    return exporter


def _milliseconds(environment: Mapping[str, str], name: str, default: int) -> float:
    text = environment.get(f"OTEL_METRIC_EXPORT_{name}", "").strip()
    if not text:
        return default
    if not text.isdigit() or int(text) == 0:
        raise UserError(
            f"OTEL_METRIC_EXPORT_{name} is {text!r}", "Use a number of milliseconds, such as 60000."
        )
    return int(text)
