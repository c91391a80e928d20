"""Metrics sent by OpenTelemetry's protocol: when, where to, and what a collector gets."""

import gzip
import http.server
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from telling import ask, told

from pannier.engine.database import Database
from pannier.service.telemetry.opentelemetry import Snapshots, exporting, wanted_exporters
from tests.conftest import serving


class Collector:
    """What a collector got, on a free port of loopback."""

    def __init__(self) -> None:
        self.received: list[tuple[str, ExportMetricsServiceRequest]] = []
        self.came = threading.Event()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                request = ExportMetricsServiceRequest()
                request.ParseFromString(body)
                collector.received.append((self.path, request))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()
                collector.came.set()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def metrics(self) -> dict[str, Any]:
        """The metrics of the last export, by name."""
        (resource,) = self.received[-1][1].resource_metrics
        (scope,) = resource.scope_metrics
        return {metric.name: metric for metric in scope.metrics}

    def attributes(self) -> dict[str, str]:
        """What is said about the service."""
        (resource,) = self.received[-1][1].resource_metrics
        return {each.key: each.value.string_value for each in resource.resource.attributes}


@pytest.fixture(name="collector")
def _collector() -> Iterator[Collector]:
    collector = Collector()
    collector.thread.start()
    yield collector
    collector.server.shutdown()
    collector.thread.join()
    collector.server.server_close()


@pytest.fixture(name="database")
def _database() -> Iterator[Database]:
    with told() as database:
        yield database


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [each for each in os.environ if each.startswith("OTEL_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, []),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, ["otlp"]),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://x"}, ["otlp"]),
        ({"OTEL_METRICS_EXPORTER": "console"}, ["console"]),
        ({"OTEL_METRICS_EXPORTER": "otlp, console"}, ["otlp", "console"]),
        ({"OTEL_METRICS_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, []),
        ({"OTEL_SDK_DISABLED": "TRUE", "OTEL_METRICS_EXPORTER": "otlp"}, []),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, []),
    ],
)
def test_what_the_environment_asks_for(environment: dict[str, str], expected: list[str]):
    assert wanted_exporters(environment) == expected


def _labels(point: Any) -> dict[str, str]:
    return {each.key: each.value.string_value for each in point.attributes}


def test_a_collector_gets_everything(
    database: Database, collector: Collector, monkeypatch: pytest.MonkeyPatch
):
    """Once at the end at the latest; units and names are OpenTelemetry's."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
    with exporting(database, {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}):
        pass
    assert [path for path, _ in collector.received] == ["/v1/metrics"]
    assert collector.attributes()["service.name"] == "pannier"
    assert collector.attributes()["deployment.environment.name"] == "test"
    metrics = collector.metrics()
    units = metrics["pannier.consumed_units"]
    assert units.sum.is_monotonic
    assert units.sum.aggregation_temporality == 2  # cumulative
    found = {_labels(point)["kind"]: point.as_double for point in units.sum.data_points}
    assert found == {"write": 5, "read": 0.5}
    assert metrics["pannier.table_size"].unit == "By"
    assert metrics["pannier.table_items"].gauge.data_points[0].as_double == 5
    durations = metrics["pannier.request_duration"].histogram.data_points
    (scan,) = (point for point in durations if _labels(point)["operation"] == "Scan")
    assert scan.count == sum(scan.bucket_counts) == 1
    assert len(scan.bucket_counts) == len(scan.explicit_bounds) + 1
    assert 0 < scan.min == scan.max == pytest.approx(scan.sum)


def test_the_name_of_the_service_is_the_environment_s(
    database: Database, collector: Collector, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop-database")
    with exporting(database, {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}):
        pass
    assert collector.attributes()["service.name"] == "shop-database"


def test_deltas_tell_what_is_new(database: Database):
    """For those who prefer it: the sum of all deltas is the total; a gauge stays a gauge."""
    snapshots = Snapshots(database, delta=True)

    def counts(data: Any) -> tuple[float, float, float]:
        metrics = {
            metric.name: metric.data for metric in data.resource_metrics[0].scope_metrics[0].metrics
        }
        (returned,) = metrics["pannier.returned_items"].data_points
        scans = [
            point
            for point in metrics["pannier.request_duration"].data_points
            if point.attributes == {"operation": "Scan"}
        ]
        (items,) = metrics["pannier.table_items"].data_points
        return returned.value, scans[0].count, items.value

    assert counts(snapshots.take(1)) == (5, 1, 5)
    ask(database, "Scan", TableName="orders")
    ask(database, "Scan", TableName="orders")
    assert counts(snapshots.take(2)) == (10, 2, 5)
    assert counts(snapshots.take(3)) == (0, 0, 5)


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({"OTEL_METRICS_EXPORTER": "zipkin"}, "names 'zipkin', which there is not"),
        (
            {"OTEL_METRICS_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"},
            "Use http/protobuf or grpc.",
        ),
        (
            {"OTEL_METRICS_EXPORTER": "otlp", "OTEL_METRIC_EXPORT_INTERVAL": "soon"},
            "Use a number of milliseconds",
        ),
    ],
)
def test_what_can_not_be_done_is_said_and_nothing_else_fails(
    database: Database, caplog: pytest.LogCaptureFixture, environment: dict[str, str], text: str
):
    with caplog.at_level(logging.WARNING), exporting(database, environment):
        ask(database, "ListTables")
    (record,) = caplog.records
    assert record.getMessage().startswith("no metrics are exported: ")
    assert text in record.getMessage()


def test_without_the_library_the_warning_says_what_to_install(
    database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.metrics.export", None)
    with caplog.at_level(logging.WARNING), exporting(database, {"OTEL_METRICS_EXPORTER": "otlp"}):
        pass
    assert "pip install 'pannier[otel]'" in caplog.text


def test_a_server_exports_by_its_environment(collector: Collector, monkeypatch: pytest.MonkeyPatch):
    """Every so often, and when it ends."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "50")
    with serving("--memory"):
        assert collector.came.wait(20)
    assert "pannier.requests" in collector.metrics()
