"""A goal must be judged by the figure that it is about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.goals import GOALS, Goal, goals_table, main
from benchmarks.reporting import results
from benchmarks.reporting.figures import figures_of
from tests.benchmarks import made_up

ALL = (
    made_up.servers(),
    made_up.growth(10_000, 100_000, 10_000_000),
    {"kind": results.CLIENTS, **made_up.clients()},
    made_up.in_process(),
    made_up.command(),
)


def written(folder: Path, result: dict[str, Any]) -> Path:
    path = folder / "result.json"
    path.write_text(json.dumps(result))
    return path


def verdicts(*found: dict[str, Any]) -> dict[str, str]:
    lines = [line.split(" | ") for line in goals_table(found).splitlines()[2:]]
    return {cells[0].removeprefix("| "): cells[-1].removesuffix(" |") for cells in lines}


def test_the_best_of_several_figures_counts() -> None:
    goal = Goal("either", ("a", "b", "c"), 10)
    assert goal.best({"a": 9, "b": 11}) == 11
    assert goal.best({}) is None
    assert Goal("either", ("a", "b"), 10, most=True).best({"a": 9, "b": 11}) == 9


def test_a_bound_that_is_just_reached_is_met() -> None:
    assert Goal("least", ("a",), 10).met(10)
    assert Goal("most", ("a",), 10, most=True).met(10)
    assert not Goal("most", ("a",), 10, most=True).met(10.1)


def test_only_what_was_measured_is_told() -> None:
    found = verdicts(made_up.servers(ratio=7.5))
    assert found["BatchWriteItem of 25, synced, 8 connections, to the fastest peer"] == "met"
    assert found["pannier serve, memory after 100,000 items"] == "**not met**"
    assert not any("Query" in text or "Client" in text for text in found)
    assert goals_table([made_up.stages()]) == ""


def test_every_figure_of_a_goal_can_be_found() -> None:
    """A misspelt figure would never be measured."""
    found: dict[str, float] = {}
    for result in ALL:
        found.update(figures_of(result))
    works = {name.split()[1] for name in found if name.startswith("ratio")}
    for goal in GOALS:
        names = [name for name in goal.figures if not name.startswith("ratio")]
        assert all(name in found for name in names), goal
    assert works == {"batch_write_25", "get_item"}


def test_clients_are_compared_with_the_fastest_of_a_kind() -> None:
    figures = figures_of({"kind": results.CLIENTS, **made_up.clients()})
    assert figures["client to batch_writer"] == 20
    assert figures["client to aiodynamo"] == 2.5
    assert figures["client to floor"] == 0.5


def test_growth_counts_only_over_a_thousandfold() -> None:
    assert figures_of(made_up.growth(10_000, 100_000)) == {}
    assert figures_of(made_up.growth(10_000, 10_000_000))["growth write"] == 0.5


def test_the_command_tells_what_was_not_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(written(tmp_path, made_up.clients()))]) == 0
    shown = capsys.readouterr().out
    assert "| Client alone, to boto3's batch_writer | at least 20 x | 20 x | met |" in shown
    assert "| - | not measured |" in shown


@pytest.mark.parametrize(
    ("content", "said"), [("", "can't be read as JSON"), ("[]", "no result"), ("{}", "no result")]
)
def test_what_is_no_result_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    path = tmp_path / "result.json"
    path.write_text(content)
    with pytest.raises(SystemExit):
        main([str(path)])
    told = " ".join(capsys.readouterr().err.split())
    assert said in told
    assert "Name a JSON file" in told
