"""Publishing as embedded metrics: lines as CloudWatch's specification wants them."""

from pathlib import Path

import orjson
import pytest

from pannier.publishing.emf import EmbeddedMetrics, lines
from pannier.publishing.publisher import PublishingError
from tests.publishing.a_report import ENDED_AT_S, ended


def test_each_line_holds_every_metric_and_dimension_that_it_names() -> None:
    """A directive that names a missing member makes CloudWatch ignore the whole line."""
    made = list(lines(ended()))
    assert len(made) == 3  # the job, its table, its index
    for line in made:
        assert line["_aws"]["Timestamp"] == round(ENDED_AT_S * 1000)
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        for name in directive["Dimensions"][0]:
            assert isinstance(line[name], str)
        assert len(directive["Metrics"]) <= 100
        for metric in directive["Metrics"]:
            assert isinstance(line[metric["Name"]], int | float)


def test_lines_are_added_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "metrics.log"
    path.write_text('{"before": 1}\n')
    assert "added to" in EmbeddedMetrics(path).publish(ended())
    before, job, *places = map(orjson.loads, path.read_text().splitlines())
    assert before == {"before": 1}
    assert job["OperationsWritten"] == 70
    assert job["CallLatencyP50"] == pytest.approx(6, rel=2e-3)
    assert [(each["TableName"], each["ConsumedWriteUnits"]) for each in places] == [
        ("shop", 73.0),
        ("shop", 20.0),
    ]


def test_a_folder_that_is_not_there_is_told_before_the_job(tmp_path: Path) -> None:
    with pytest.raises(PublishingError, match="there is no folder"):
        EmbeddedMetrics(tmp_path / "nowhere" / "metrics.log")
