"""What the commands that care for folders have in common."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pannier.errors import UserError
from pannier.targets.resolve import DEFAULT_FOLDER, target_name

_MB: Final = 1_000_000
_SHOWN_EVERY: Final = 1000


def add_output(parser: argparse.ArgumentParser) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")


def local_folder(given: str | None) -> Path:
    """The folder that a target's name means: `local`, `local:PATH`, or a path itself.

    Raises:
        UserError: the target is no folder.
    """
    name = target_name(given)
    place = name.partition("?")[0]
    if place == "local" or place.startswith("local:"):
        return Path(place.partition(":")[2] or DEFAULT_FOLDER)
    raise UserError(
        f"{name} is no folder of this machine", "Name one: --target local:PATH, or the folder."
    )


@contextmanager
def following(label: str, unit: str) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how far something is.

    Args:
        label: what is being done.
        unit: of the numbers that are told: `rows` or `bytes`.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # slow to import, useless in a pipe

    with Console(stderr=True).status(label) as status:
        shown = 0

        def show(number: int) -> None:
            nonlocal shown
            if unit == "bytes":
                status.update(f"{label}  {number / _MB:,.0f} MB")
            elif number - shown >= _SHOWN_EVERY or number < shown:
                shown = number
                status.update(f"{label}  {number:,} {unit}")

        yield show


def size(size_bytes: int) -> str:
    """A size in words."""
    return f"{size_bytes / _MB:,.1f} MB" if size_bytes >= _MB / 10 else f"{size_bytes:,} bytes"
