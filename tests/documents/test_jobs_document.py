"""docs/jobs.md lists everything there is: members of the report, options, failures, metrics."""

import argparse
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from pannier.batch.operation import Origin
from pannier.batch.report import Failure, Report
from pannier.publishing.cloudwatch import UNITS, CloudWatch, name_of
from pannier.publishing.destination import publisher
from pannier.publishing.document import document
from pannier.publishing.emf import lines
from pannier.publishing.measures import measures
from pannier.publishing.publisher import Published
from tests.documents.blocks import DOCUMENTS
from tests.publishing.a_report import a_report, ended

TEXT = (DOCUMENTS / "jobs.md").read_text()


def section(heading: str) -> str:
    """What stands below a heading, up to the next one of its rank."""
    return TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def first_cells(text: str) -> set[str]:
    """What is marked as code in the first cells of tables."""
    rows = re.findall(r"^\| (`[^|]+?) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def members(value: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """The names of what a document holds; what has names of its own, such as tables, is a leaf."""
    for name, content in value.items():
        path = f"{before}{name}"
        if isinstance(content, dict) and path not in ("units.read", "units.write", "reasons"):
            yield from members(content, f"{path}.")
        else:
            yield path


@pytest.mark.parametrize("operation", ["write", "read", "scan"])
def test_every_member_of_the_report_is_explained(operation: str) -> None:
    report = a_report()
    report.operation = operation
    assert first_cells(section("The report")) == set(members(document(report, "a target")))


def test_every_count_is_in_a_sum_law() -> None:
    law = section("The report").partition("**The sum laws.**")[2]
    report = Report("write")
    counts = ["written", "deleted", "found", "missing", "superseded", "skipped", "failed"]
    for name in (*counts, "unresolved"):
        assert hasattr(report, name)
        assert re.search(rf"^read = .*\b{name}\b", law, re.MULTILINE), name


def options_of(command: str) -> set[str]:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    import_module(f"pannier.cli.{command}").register(commands, command, "")
    return {
        option
        for action in commands.choices[command]._actions
        for option in action.option_strings
        if option.startswith("--")
    }


def test_every_option_is_explained() -> None:
    shown = section("Options")
    both, of_write = shown.split("| of `write` | |")
    of_write, of_get = of_write.split("| of `get` | |")
    assert first_cells(both + of_write) == options_of("write")
    assert first_cells(both + of_get) == options_of("get")


def test_every_member_of_a_failure_is_explained() -> None:
    explained = first_cells(section("Bad items"))
    for unit in ("line", "item", "row", "request", "key"):
        failure = Failure("shop", "put", {}, "why", Origin("a file", 3, unit, line=1))
        assert failure.to_json().keys() <= explained


def test_every_place_to_publish_to_is_explained(tmp_path: Path) -> None:
    published = section("Publishing")
    places = first_cells(published.partition("The names:")[0])
    assert places > {"emf", "cloudwatch", "otel"}
    for place in places - {"--publish"}:
        named = place.replace("FILE", str(tmp_path / "f")).replace("URL", "http://127.0.0.1:9")
        if named != "otel":  # needs the environment's
            publisher(named, url="http://127.0.0.1:9", is_aws=False)


def test_every_published_measure_is_named() -> None:
    published = section("Publishing")
    rows = re.findall(r"^\| `([a-z_]+)` \| `(\w+)` \| ([^|]+) \|$", published, re.MULTILINE)
    reports = [a_report()]
    for operation in ("read", "scan"):
        other = Report(operation)
        other.units.read["shop"] = 1.0
        reports.append(other)
    there = {measure.name: measure for report in reports for measure in measures(report)}
    assert {name for name, _, _ in rows} == set(there)
    for name, of_cloudwatch, unit in rows:
        assert of_cloudwatch == name_of(there[name])
        assert UNITS[there[name].unit] != "Seconds" or unit == "seconds"


def test_what_is_published_besides_is_named(tmp_path: Path) -> None:
    published = section("Publishing")

    class Client:
        def put_metric_data(self, MetricData: list[dict[str, Any]], **_: object) -> None:  # noqa: N803
            for metric in MetricData:
                assert f"`{metric['MetricName']}`" in published
                for dimension in metric["Dimensions"]:
                    assert f"`{dimension['Name']}`" in published

    CloudWatch(client=Client()).publish(ended())
    for line in lines(ended()):
        names = [each["Name"] for each in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
        assert all(f"`{name}`" in published for name in names), names
        orjson.dumps(line)
    publisher(f"prometheus:{tmp_path / 'p'}", url=None, is_aws=False).publish(
        Published(a_report(), 1.0)
    )
    for family in text_string_to_metric_families((tmp_path / "p").read_text()):
        name = family.name.removeprefix("pannier_job_")
        assert f"`{name}`" in published or f"`{family.name}`" in published, family.name
        for sample in family.samples:
            for label in sample.labels.keys() - {"le"}:
                assert f"`{label}`" in published
    assert "`pannier.job.call_latency`" in published


def test_every_exit_status_is_told() -> None:
    from pannier.cli import status

    statuses = {value for name, value in vars(status).items() if name.isupper()}
    statuses.discard(status.SERVICE_REFUSED)  # of the commands in the spelling of `aws`
    for value in statuses:
        assert f"| {value} |" in section("Exit statuses")
