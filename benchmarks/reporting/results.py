"""Where results go, and how they are read again: one JSON and one Markdown file a run.

Every result names its `kind`, the command that made it, so that goals and plots know what they
have before them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.settings import own_folder

SERVERS: Final = "servers"
CLIENTS: Final = "clients"
GROWTH: Final = "growth"
STAGES: Final = "stages"
IN_PROCESS: Final = "in_process"
COMMAND: Final = "command"
SOAK: Final = "soak"
SPARK: Final = "spark"

_KNOWN_BY: Final = {"rows": SERVERS, "clients": CLIENTS}
"""By which member a result is known that does not name its kind."""


class ResultError(Exception):
    """A file is no result; the text says what to do."""


def now() -> str:
    """The moment, as results name it."""
    return time.strftime("%Y-%m-%d %H:%M:%S")


def write(folder: Path, found: Mapping[str, Any], markdown: str) -> Path:
    """Write both forms of what a command *found*; the path of the Markdown.

    *found* names its `kind` and when it was `taken_at`.
    """
    stamp = found["taken_at"].replace(" ", "-").replace(":", "")
    stem = f"{found['kind']}-{stamp}"
    path = own_folder(folder) / f"{stem}.md"
    path.write_text(markdown, "utf-8")
    path.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    return path


def read(path: Path) -> dict[str, Any]:
    """A result. Raises ResultError where the file is none."""
    ask = "Name a JSON file that a command of benchmarks has written, e.g. to benchmarks/results."
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ResultError(f"There is no file {path}. {ask}") from None
    except (OSError, ValueError) as reason:
        raise ResultError(f"{path} can't be read as JSON: {reason}. {ask}") from None
    if isinstance(found, dict):
        for member, kind in _KNOWN_BY.items():
            if member in found:
                found.setdefault("kind", kind)
        if "kind" in found:
            return found
    raise ResultError(f"{path} is JSON, but no result. {ask}")
