"""A text names a publisher, or an error that says which there are; all before the job begins."""

import sys
from pathlib import Path

import pytest

from pannier import publishing
from pannier.publishing.cloudwatch import CloudWatch
from pannier.publishing.destination import publisher
from pannier.publishing.emf import EmbeddedMetrics
from pannier.publishing.otel import OpenTelemetry
from pannier.publishing.prometheus import Prometheus
from pannier.publishing.publisher import PublishingError

URL = "http://127.0.0.1:8000/"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("cloudwatch", CloudWatch),
        ("cloudwatch:Nightly", CloudWatch),
        ("emf", EmbeddedMetrics),
        ("emf:metrics.log", EmbeddedMetrics),
        ("prometheus:job.prom", Prometheus),
        ("prometheus:http://127.0.0.1:9091", Prometheus),
        ("otel:http://127.0.0.1:4318", OpenTelemetry),
    ],
)
def test_each_place_has_its_publisher(text: str, kind: type) -> None:
    assert isinstance(publisher(text, url=URL, is_aws=False), kind)


@pytest.mark.parametrize("text", ["", "graphite", "prometheus", "CloudWatch"])
def test_what_names_none_is_told_which_there_are(text: str) -> None:
    with pytest.raises(PublishingError) as caught:
        publisher(text, url=URL, is_aws=False)
    assert "otel[:URL]" in caught.value.advice


def test_cloudwatch_needs_a_target_that_has_one() -> None:
    with pytest.raises(PublishingError, match="inside this process"):
        publisher("cloudwatch", url=None, is_aws=False)
    assert isinstance(publisher("cloudwatch", url=None, is_aws=True), CloudWatch)


@pytest.mark.parametrize(
    ("text", "module", "extra"),
    [
        ("prometheus:job.prom", "prometheus_client", "pannier[prometheus]"),
        ("otel:http://127.0.0.1:4318", "opentelemetry.sdk.metrics", "pannier[otel]"),
    ],
)
def test_a_library_that_is_not_installed_is_named_with_the_line_that_installs_it(
    text: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(PublishingError) as caught:
        publisher(text, url=URL, is_aws=False)
    assert f"pip install '{extra}'" in caught.value.advice


def test_no_library_is_loaded_before_it_is_needed() -> None:
    """`pannier write` without `--publish` pays for none of them."""
    source = "\n".join(path.read_text() for path in Path(publishing.__file__).parent.glob("*.py"))
    for line in source.splitlines():
        if line.startswith(("import ", "from ")):
            assert not line.split()[1].startswith(("botocore", "prometheus", "opentelemetry"))
