"""What docs/performance.md refers to is there, and judged by the goals of today."""

from __future__ import annotations

import re

import pytest

from benchmarks.goals import goals_table
from benchmarks.publish import PUBLISHED
from benchmarks.reporting import results

DOCUMENT = PUBLISHED.parent / "performance.md"
LINKS = re.findall(r"\]\(([^)#]+)\)", DOCUMENT.read_text())


@pytest.mark.parametrize("link", sorted(set(LINKS)))
def test_a_link_leads_somewhere(link: str) -> None:
    assert (DOCUMENT.parent / link).exists()


def test_the_goals_are_those_of_what_is_published() -> None:
    """After a goal was changed: python -m benchmarks.publish with any result."""
    published = [results.read(path) for path in sorted(PUBLISHED.glob("*.json"))]
    assert goals_table(published, measured_only=False) in (PUBLISHED / "goals.md").read_text()
