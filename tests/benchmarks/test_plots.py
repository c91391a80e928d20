"""Pictures are made, say what they show, and are the same for the same result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import plots
from benchmarks.publish import publish
from benchmarks.reporting import results
from tests.benchmarks import made_up

CLIENTS = {"kind": results.CLIENTS, **made_up.clients()}
GROWTH = made_up.growth(10_000, 100_000, 1_000_000)


def labels(figure: Any) -> set[str]:
    return {
        text
        for panel in figure.axes
        for text in (
            panel.get_title("left") or panel.get_title(),
            panel.get_xlabel(),
            panel.get_ylabel(),
        )
        if text
    }


@pytest.mark.parametrize(
    ("result", "names"),
    [
        (made_up.servers(), {"throughput.svg", "latency.svg"}),
        (GROWTH, {"growth.svg"}),
        (made_up.stages(), {"stages.svg"}),
        (CLIENTS, {"clients.svg"}),
        (made_up.command(), set()),
    ],
    ids=["servers", "growth", "stages", "clients", "command"],
)
def test_the_same_result_gives_the_same_bytes(
    tmp_path: Path, result: dict[str, Any], names: set[str]
) -> None:
    first = plots.draw(result, tmp_path / "one")
    again = plots.draw(result, tmp_path / "two")
    assert {path.name for path in first} == names
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]


def test_axes_name_their_units() -> None:
    assert labels(plots.throughput(made_up.servers())) == {
        "BatchWriteItem, 25 puts a call",
        "GetItem",
        "connections",
        "thousand items/s",
    }
    assert "ms a call, 8 connections (filled: p50, hollow: p99)" in labels(
        plots.latency(made_up.servers())
    )
    assert {"items in the table", "folder, MB"} <= labels(plots.growth(GROWTH))
    assert labels(plots.stages(made_up.stages())) == {"µs an item"}


def test_one_panel_a_work_and_one_bar_a_server_and_number_of_connections() -> None:
    panels = plots.throughput(made_up.servers()).axes
    assert len(panels) == 2
    assert [len(panel.patches) for panel in panels] == [9, 9]
    assert "8.0x" in {text.get_text() for text in panels[0].texts}


def test_a_server_that_could_not_be_measured_has_no_bar() -> None:
    result = made_up.servers()
    for row in result["rows"]:
        if row["peer"] == "moto" and row["connections"] == 32:
            row["measured"] = 0
    assert len(plots.throughput(result).axes[0].patches) == 8


def test_a_picture_for_other_documents(tmp_path: Path) -> None:
    [path] = plots.draw(CLIENTS, tmp_path, "png")
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_broken_result_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"kind": "servers", "rows": [{"peer": "pannier"}]}))
    with pytest.raises(SystemExit):
        plots.main([str(path), "--into", str(tmp_path)])
    assert "Measure again" in " ".join(capsys.readouterr().err.split())


def test_what_is_published_is_judged_together(tmp_path: Path) -> None:
    paths = []
    for result in (made_up.servers(), CLIENTS):
        written = results.write(tmp_path / "results", result, "# Tables\n")
        paths.append(written.with_suffix(".json"))
    folder = tmp_path / "published"
    publish(paths[:1], folder)
    publish(paths[1:], folder)
    assert {path.name for path in folder.iterdir()} == {
        *("servers.json", "servers.md", "throughput.svg", "latency.svg"),
        *("clients.json", "clients.md", "clients.svg"),
        "goals.md",
    }
    judged = (folder / "goals.md").read_text()
    assert "Client alone, to boto3's batch_writer | at least 20 x | 20 x | met" in judged
    assert "pannier serve, memory when idle | at most 60 MB | 50 MB | met" in judged
