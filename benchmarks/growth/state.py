"""How far the database in a folder has come, kept beside it: a run that was ended can go on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

_STATE: Final = "growth.json"


@dataclass
class State:
    """Sizes are done in order.

    Attributes:
        loaded: how many items the table holds, numbered from 0.
        new: how many numbers were given to new items of windows.
        tables: how many tables were ever made.
        sizes: what was found so far.
    """

    loaded: int = 0
    new: int = 0
    tables: int = 0
    sizes: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Path) -> State:
        """The folder's state; a fresh one where it has none."""
        path = folder / _STATE
        return cls(**json.loads(path.read_text("utf-8"))) if path.exists() else cls()

    def save(self, folder: Path) -> None:
        """Keep it in the folder."""
        (folder / _STATE).write_text(json.dumps(asdict(self)), "utf-8")
