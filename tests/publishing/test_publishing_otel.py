"""Publishing to OpenTelemetry: a collector gets one export, which its own messages can read."""

from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

from pannier.publishing import otel
from pannier.publishing.otel import OpenTelemetry
from pannier.publishing.publisher import PublishingError
from tests.publishing.a_report import ended
from tests.publishing.small_collector import collecting


def points(body: bytes) -> dict[tuple[Any, ...], float]:
    """Values by name and attributes."""
    request = ExportMetricsServiceRequest()
    request.ParseFromString(body)
    return {
        (metric.name, *sorted(each.value.string_value for each in point.attributes)): (
            point.as_double or point.as_int
        )
        for resource in request.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        for point in metric.gauge.data_points
    }


def test_the_collector_gets_every_number_once() -> None:
    with collecting() as collector:
        assert collector.url in OpenTelemetry(collector.url).publish(ended())
    ((_, path, body),) = collector.requests
    assert path == "/v1/metrics"
    found = points(body)
    assert found["pannier.job.operations_written", "write"] == 70
    assert found["pannier.job.consumed_write_units", "GSI1", "shop", "write"] == 20
    assert found["pannier.job.call_latency", "50", "write"] == pytest.approx(0.006, rel=2e-3)


def test_the_environment_may_name_the_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        OpenTelemetry().publish(ended())
    assert len(collector.requests) == 1


def test_without_a_named_collector_nothing_leaves_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    with pytest.raises(PublishingError, match="no collector is named"):
        OpenTelemetry()


def test_a_collector_that_refuses_or_is_not_there_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with collecting(status=400) as collector, pytest.raises(PublishingError, match="did not take"):
        OpenTelemetry(collector.url).publish(ended())
    monkeypatch.setattr(otel, "_EXPORT_S_MAX", 0.5)
    with pytest.raises(PublishingError, match="did not take") as caught:
        OpenTelemetry("http://127.0.0.1:9").publish(ended())
    assert "4318" in caught.value.advice
