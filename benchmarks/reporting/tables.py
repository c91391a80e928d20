"""Tables in Markdown, as all the commands print them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table of *lines* under *head*."""
    ruled = (head, ("---",) * len(head), *lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in ruled)


def cell(text: str) -> str:
    """Text that cannot break a table, without the colours that some servers log in."""
    return " ".join(_COLOUR.sub("", text).replace("|", "/").split())
