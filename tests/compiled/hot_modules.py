"""The modules that are compiled: their names, and whether what was built is of this source."""

import importlib.machinery
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SUFFIXES = tuple(importlib.machinery.EXTENSION_SUFFIXES)


def hot_modules() -> list[Path]:
    """The sources that `compiled.txt` names."""
    lines = (ROOT / "compiled.txt").read_text("utf-8").splitlines()
    return [ROOT / "src" / line for line in lines if line and not line.startswith("#")]


def built(source: Path) -> Path | None:
    """What was built of a module, if anything."""
    named = (source.parent / f"{source.stem}{suffix}" for suffix in SUFFIXES)
    return next((path for path in named if path.exists()), None)


def stale() -> list[str]:
    """The modules that changed after they were built: what runs would not be what is read."""
    groups = [path for suffix in SUFFIXES for path in (ROOT / "src").glob(f"*__mypyc{suffix}")]
    if not groups:
        return []
    built_s = min(path.stat().st_mtime for path in groups)
    return [
        str(source.relative_to(ROOT))
        for source in hot_modules()
        if built(source) and source.stat().st_mtime > built_s
    ]
