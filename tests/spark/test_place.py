"""Where all tasks work."""

import pytest

from pannier.errors import UserError
from pannier.spark.place import Place


@pytest.mark.parametrize("target", ["memory", "local", "local:data", None])
def test_what_one_process_has_is_no_place_for_many(target: str | None) -> None:
    with pytest.raises(UserError, match="has room for one") as raised:
        Place.of(target)
    assert "pannier serve" in raised.value.advice


def test_aws_is_its_region_wherever_a_task_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place.of("aws", "eu-west-1")
    assert place == Place("https://dynamodb.eu-west-1.amazonaws.com", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")  # of an executor
    with place.connect() as connection:
        assert "eu-west-1" in connection.target.name


def test_aws_without_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(UserError, match="needs a region"):
        Place.of("aws")


def test_the_environment_of_the_driver_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANNIER_TARGET", "http://name:secret@127.0.0.1:8000")
    assert Place.of(None) == Place("http://127.0.0.1:8000", None)
