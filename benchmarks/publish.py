"""Puts results where the documents refer to them: tables, JSON, pictures and the goals.

    python -m benchmarks.publish RESULT.json [...] [--into docs/performance]

Each kind of result has one file of each form there, which a newer one replaces. The goals are
judged by all that is published.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import plots
from benchmarks.goals import goals_table
from benchmarks.reporting import results
from benchmarks.reporting.results import ResultError

PUBLISHED: Final = Path(__file__).parent.parent / "docs" / "performance"
_GOALS: Final = "goals.md"


def publish(paths: Sequence[Path], folder: Path) -> list[Path]:
    """Copy the results at *paths* into *folder*, draw them, and judge all that lies there.

    Raises:
        ResultError: one of them is no result, or has no tables beside it.
    """
    found = [(path, results.read(path)) for path in paths]
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for path, result in found:
        kind = result["kind"]
        for each in (path, path.with_suffix(".md")):
            if each.exists():
                written.append(folder / f"{kind}{each.suffix}")
                shutil.copyfile(each, written[-1])
        written.extend(plots.draw(result, folder))
    goals = folder / _GOALS
    goals.write_text(f"# Goals\n\n{_judged(folder)}\n", "utf-8")
    return [*written, goals]


def _judged(folder: Path) -> str:
    published: list[dict[str, Any]] = [results.read(each) for each in sorted(folder.glob("*.json"))]
    return goals_table(published, measured_only=False)


def main(arguments: Sequence[str]) -> int:
    """Publish, and tell what was written."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.publish", description="Put results into the documents."
    )
    parser.add_argument("results", nargs="+", type=Path, metavar="RESULT.json")
    parser.add_argument("--into", type=Path, default=PUBLISHED, metavar="FOLDER")
    given = parser.parse_args(arguments)
    try:
        for path in publish(given.results, given.into):
            print(path)
    except ResultError as reason:
        parser.error(str(reason))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
