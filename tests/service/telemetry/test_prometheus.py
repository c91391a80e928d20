"""`GET /metrics`: what Prometheus gets, read with its own parser."""

import http.client
import logging
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse
from telling import ask, told

from pannier.engine.database import Database
from pannier.service.telemetry.prometheus import exposition, new_registry
from tests.conftest import serving


@pytest.fixture(name="database")
def _database() -> Iterator[Database]:
    with told() as database:
        yield database


def _samples(database: Database) -> dict[str, dict[tuple[str, ...], float]]:
    """The values of each sample by the values of its labels, in the order of their names."""
    text, _ = exposition(new_registry(database), "")
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in parse(text.decode()):
        for sample in family.samples:
            labels = tuple(value for _, value in sorted(sample.labels.items()))
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


def test_what_is_told(database: Database):
    """Units, throttles, leftovers, requests by what they were answered, tables."""
    told = _samples(database)
    assert told["pannier_consumed_units_total"] == {
        ("", "write", "orders"): 5,
        ("", "read", "orders"): 0.5,
    }
    assert told["pannier_throttled_items_total"] == {("", "write", "orders"): 4}
    assert told["pannier_throttled_requests_total"] == {("PutItem", "orders"): 1}
    assert told["pannier_unprocessed_items_total"] == {("BatchWriteItem", "orders"): 3}
    assert told["pannier_returned_items_total"] == {("Scan", "orders"): 5}
    assert told["pannier_requests_total"] == {
        ("none", "CreateTable"): 1,
        ("none", "BatchWriteItem"): 1,
        ("ProvisionedThroughputExceededException", "PutItem"): 1,
        ("ResourceNotFoundException", "GetItem"): 1,
        ("none", "Scan"): 1,
    }
    assert told["pannier_table_items"] == {("", "orders"): 5}
    assert told["pannier_table_size_bytes"] == {("", "orders"): 10}
    assert told["pannier_info"]
    assert told["process_resident_memory_bytes"][()] > 1_000_000


def test_latencies_are_a_histogram(database: Database):
    """Buckets that only grow, the last of them everything; the sum is the time in seconds."""
    told = _samples(database)
    buckets = {
        float(bound): count
        for (bound, operation), count in told["pannier_request_duration_seconds_bucket"].items()
        if operation == "Scan"
    }
    counts = [buckets[bound] for bound in sorted(buckets)]
    assert counts == sorted(counts)
    assert counts[-1] == told["pannier_request_duration_seconds_count"]["Scan",] == 1
    assert 0 < told["pannier_request_duration_seconds_sum"]["Scan",] < 60


def test_counters_never_go_down(database: Database):
    """Not even when the table is deleted; its sizes go with it."""
    before = _samples(database)
    ask(database, "Scan", TableName="orders")
    ask(database, "DeleteTable", TableName="orders")
    after = _samples(database)
    for name, values in before.items():
        if name.endswith("_total") and name.startswith("pannier"):
            assert all(after[name][labels] >= value for labels, value in values.items())
    assert "pannier_table_items" not in after


def test_openmetrics_for_those_who_ask(database: Database):
    text, content_type = exposition(new_registry(database), "application/openmetrics-text")
    assert content_type.startswith("application/openmetrics-text")
    families = {family.name for family in parse_openmetrics(text.decode())}
    assert "pannier_consumed_units" in families


def test_the_server_answers_scrapes_beside_requests(tmp_path):
    with serving("--path", str(tmp_path / "db")) as (url, _):
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        for method, path, status in (
            ("GET", "/metrics", 200),
            ("HEAD", "/metrics", 200),
            ("GET", "/metrics?name[]=x", 200),
            ("POST", "/metrics", 405),
            ("GET", "/metrics/more", 404),
            ("GET", "/", 200),
        ):
            connection.request(method, path)
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == status, (method, path)
            if path == "/metrics" and method == "GET":
                assert answer.headers["content-type"].startswith("text/plain; version=")
                assert b"process_cpu_seconds_total" in body
        connection.close()


def test_readings_that_fail_do_not_stop_the_server(database: Database, monkeypatch, caplog):
    from pannier.service.http.messages import HttpRequest
    from pannier.service.telemetry.scraping import Scraping
    from pannier.service.worker import Worker

    def fail() -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(database.metrics, "table_sizes", fail)
    with caplog.at_level(logging.ERROR):
        answer = Scraping(database, Worker())._scrape(HttpRequest(b"GET", b"/metrics"))
    assert answer.status == 500
    assert b"broken on purpose" in answer.body
