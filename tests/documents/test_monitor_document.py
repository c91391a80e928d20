"""docs/monitor.md names every chart, every range's limit, and every command that leaves word."""

import re

from pannier.cli.main import _COMMANDS
from pannier.cli.screen.metrics_app import MetricsApp
from pannier.monitoring.catalog import CATALOG
from pannier.monitoring.span import POINTS_MAX
from tests.cli.test_job_status import JOBS
from tests.documents.blocks import DOCUMENTS

TEXT = (DOCUMENTS / "monitor.md").read_text()


def section(heading: str) -> str:
    return TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_every_chart_is_named() -> None:
    rows = re.findall(r"^\| (`[^|]+?) \|", section("Charts"), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert named == {kind.name for kind in CATALOG}
    assert f"{POINTS_MAX:,}" in section("Charts")


def test_every_command_that_leaves_word_is_named() -> None:
    sentence = section("Jobs").partition(" leaves word")[0]
    named = set(re.findall(r"`(\w+)`", sentence))
    assert named == {words[0] for words in JOBS}
    assert named <= set(_COMMANDS)


def test_every_key_is_named() -> None:
    shown = {"plus": "+", "minus": "-"}
    for binding in MetricsApp.BINDINGS:
        key = binding.key  # type: ignore[union-attr]
        if key not in ("space", "ctrl+c"):
            assert f"`{shown.get(key, key)}`" in TEXT, key
