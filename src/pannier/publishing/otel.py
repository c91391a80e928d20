"""Publishing to OpenTelemetry: one export over OTLP (HTTP) to a collector.

The place is the URL that was named, or what `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT` or
`OTEL_EXPORTER_OTLP_ENDPOINT` say. Numbers are gauges named `pannier.job. ...` with the attribute
`operation`; latencies are gauges with the attribute `percentile`.
"""

import logging
import os
from typing import Any, Final

from pannier.publishing.measures import Unit, latencies, measures
from pannier.publishing.publisher import Published, PublishingError

_PREFIX: Final = "pannier.job."
_EXPORT_S_MAX: Final = 10.0
_NAMES: Final = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PATH: Final = "/v1/metrics"
# Unified Code for Units of Measure, which OpenTelemetry uses.
_UNITS: Final = {
    Unit.COUNT: "1",
    Unit.SECONDS: "s",
    Unit.BYTES: "By",
    Unit.PER_SECOND: "1/s",
    Unit.RATIO: "1",
    Unit.USD: "USD",
}


class OpenTelemetry:
    """A collector that speaks OTLP over HTTP.

    Args:
        url: e.g. `http://localhost:4318`; empty for the environment's.

    Raises:
        PublishingError: no place is named, or the libraries are not installed.
    """

    def __init__(self, url: str = "") -> None:
        try:
            import opentelemetry.exporter.otlp.proto.http.metric_exporter
            import opentelemetry.sdk.metrics  # noqa: F401  # asked for before the job, not after
        except ImportError:
            raise PublishingError(
                "publishing to OpenTelemetry needs its libraries",
                "Install them: pip install 'pannier[otel]'",
            ) from None
        if not url and not any(os.environ.get(name) for name in _NAMES):
            raise PublishingError(
                "OpenTelemetry: no collector is named",
                "Say otel:URL, e.g. otel:http://localhost:4318, or set "
                "OTEL_EXPORTER_OTLP_ENDPOINT.",
            )
        self._url = url

    def publish(self, job: Published) -> str:
        """Export the metrics once."""
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricExportResult
        from opentelemetry.sdk.resources import Resource

        reader = InMemoryMetricReader()
        provider = MeterProvider([reader], resource=Resource.create({"service.name": "pannier"}))
        _record(job, provider.get_meter("pannier"))
        data = reader.get_metrics_data()
        assert data is not None
        exporter = OTLPMetricExporter(endpoint=self._endpoint(), timeout=_EXPORT_S_MAX)
        logger = logging.getLogger("opentelemetry.exporter")
        was_disabled, logger.disabled = logger.disabled, True  # it is told below, in our words
        try:
            result = exporter.export(data)
        except Exception as error:  # whatever the libraries raise
            raise _not_taken(self._place, str(error)) from None
        finally:
            logger.disabled = was_disabled
            exporter.shutdown()
            provider.shutdown()
        if result is not MetricExportResult.SUCCESS:
            raise _not_taken(self._place, "no success")
        return f"metrics at {self._place}"

    def _endpoint(self) -> str | None:
        """The full address, as the exporter takes it; None for the environment's."""
        if not self._url:
            return None
        return self._url if self._url.endswith(_PATH) else self._url.rstrip("/") + _PATH

    @property
    def _place(self) -> str:
        return self._url or next(os.environ[name] for name in _NAMES if os.environ.get(name))


def _record(job: Published, meter: Any) -> None:
    operation = {"operation": job.report.operation}
    gauges: dict[str, Any] = {}
    for measure in measures(job.report):
        gauge = gauges.get(measure.name)
        if gauge is None:
            gauge = meter.create_gauge(_PREFIX + measure.name, _UNITS[measure.unit], measure.about)
            gauges[measure.name] = gauge
        gauge.set(measure.value, {**operation, **measure.labels})
    gauge = meter.create_gauge(f"{_PREFIX}call_latency", "s", "How long calls took")
    for percentile, latency_s in latencies(job.report):
        gauge.set(latency_s, {**operation, "percentile": f"{percentile:g}"})


def _not_taken(place: str, reason: str) -> PublishingError:
    return PublishingError(
        f"the OpenTelemetry collector at {place} did not take the metrics: {reason}",
        "Check the address; OTLP over HTTP usually listens at port 4318.",
    )
