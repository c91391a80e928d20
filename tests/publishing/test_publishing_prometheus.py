"""Publishing to Prometheus: its own parser reads what is written, and the gateway gets it."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pannier.publishing.prometheus import Prometheus
from pannier.publishing.publisher import PublishingError
from tests.publishing.a_report import ENDED_AT_S, ended
from tests.publishing.small_collector import collecting


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Values by name and labels, in the order of the labels' names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_text_file_is_what_prometheus_reads(tmp_path: Path) -> None:
    path = tmp_path / "pannier.prom"
    Prometheus(str(path)).publish(ended())
    found = samples(path.read_text())
    assert found["pannier_job_operations_written", "write"] == 70
    assert found["pannier_job_consumed_write_units", "", "write", "shop"] == 73
    assert found["pannier_job_consumed_write_units", "GSI1", "write", "shop"] == 20
    assert found["pannier_job_ended_timestamp_seconds", "write"] == ENDED_AT_S


def test_latencies_are_a_histogram_whose_buckets_add_up(tmp_path: Path) -> None:
    path = tmp_path / "pannier.prom"
    Prometheus(str(path)).publish(ended())
    found = samples(path.read_text())
    name = "pannier_job_call_latency_seconds"
    assert found[f"{name}_bucket", "0.0025", "write"] == 0
    assert found[f"{name}_bucket", "0.01", "write"] in (2, 3)  # 10 ms is a bound, to three digits
    assert found[f"{name}_bucket", "0.25", "write"] == 4
    assert found[f"{name}_bucket", "+Inf", "write"] == found[f"{name}_count", "write"] == 4
    assert found[f"{name}_sum", "write"] == pytest.approx(0.22, rel=2e-3)


def test_the_push_gateway_gets_the_same() -> None:
    with collecting() as gateway:
        assert gateway.url in Prometheus(gateway.url).publish(ended())
    ((method, path, body),) = gateway.requests
    assert (method, path) == ("PUT", "/metrics/job/pannier/operation/write")
    assert samples(body.decode())["pannier_job_calls", "write"] == 4


def test_a_gateway_that_refuses_or_is_not_there_is_told_in_words() -> None:
    with collecting(status=400) as gateway, pytest.raises(PublishingError, match="did not take"):
        Prometheus(gateway.url).publish(ended())
    with pytest.raises(PublishingError, match="did not take"):
        Prometheus("http://127.0.0.1:9").publish(ended())


def test_a_folder_that_is_not_there_is_told_before_the_job(tmp_path: Path) -> None:
    with pytest.raises(PublishingError, match="there is no folder"):
        Prometheus(str(tmp_path / "nowhere" / "pannier.prom"))
