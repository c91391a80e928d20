"""JSON as people write it: an attribute value stands on its name's line."""

import json
from typing import Any, Final

from pannier.limits import KIB

SHOWN_CHARACTERS_MAX: Final = 64 * KIB
_TAGS: Final = ('"S": ', '"N": ', '"B": ', '"BOOL": ', '"NULL": ')


def compact(value: Any) -> str:
    """A value in lines, with `{"S": "a"}` on one."""
    lines: list[str] = []
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    for line in text.split("\n"):
        word = line.strip()
        # `{`, `"S": "a"` and `}` stand on three lines.
        if len(lines) > 1 and word in ("}", "},") and _is_tagged(lines[-1], lines[-2]):
            content = lines.pop().strip()
            lines[-1] = f"{lines[-1]}{content}{word}"
        else:
            lines.append(line)
    return "\n".join(lines)


def pretty(text: bytes) -> str:
    """JSON in lines, as far as it is shown; anything else as it stands."""
    try:
        shown = compact(json.loads(text))
    except (ValueError, RecursionError):
        shown = text.decode("utf-8", "replace")
    shown = shown.encode("utf-8", "replace").decode()
    rest = len(shown) - SHOWN_CHARACTERS_MAX
    if rest > 0:
        return f"{shown[:SHOWN_CHARACTERS_MAX]}\n… {rest:,} characters more"
    return shown


def _is_tagged(line: str, before: str) -> bool:
    """Whether a line is the only member of the object that the line before it opens."""
    return line.strip().startswith(_TAGS) and before.endswith("{") and not line.endswith(",")
