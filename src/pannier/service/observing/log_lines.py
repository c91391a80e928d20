r"""What happened, as one line of the log: JSON for machines, or words for a terminal.

What clients send stands in the log: names of tables, parts of headers. So that none of it can end
a line, or command a terminal, whatever is not printable is escaped: in JSON as `\u....`, in words
as Python would.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias

import orjson

Form: TypeAlias = Literal["json", "text"]
Fields: TypeAlias = Mapping[str, Any]
"""`time` (seconds since 1970), `level` and `event`; then what belongs to the event."""

_OPTIONS: Final = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
_DELETE: Final = b"\x7f"
_PLAIN: Final = re.compile(r"[\w.:/@#+%-]+", re.ASCII)
_LEVEL_LENGTH: Final = 7


def json_line(fields: Fields) -> bytes:
    """A line of JSON."""
    moment = datetime.fromtimestamp(fields["time"], UTC)
    try:
        line = orjson.dumps({**fields, "time": moment}, default=str, option=_OPTIONS)
    except orjson.JSONEncodeError:  # half a surrogate pair, in a path perhaps
        return json.dumps({**fields, "time": moment.isoformat()}, default=str).encode() + b"\n"
    if line.isascii() and _DELETE not in line:  # control characters are escaped already
        return line
    text = line[:-1].decode()
    return "".join([each if each.isprintable() else _escaped(each) for each in text]).encode() + (
        b"\n"
    )


def text_line(fields: Fields) -> bytes:
    """A line of words: time, level and event, then `name=value`."""
    rest = dict(fields)
    moment = datetime.fromtimestamp(rest.pop("time"), UTC)
    time = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    level, event = f"{rest.pop('level'):<{_LEVEL_LENGTH}}", _printable(str(rest.pop("event")))
    words = [f"{name}={_word(value)}" for name, value in rest.items()]
    return " ".join([time, level, event, *words]).encode("utf-8", "backslashreplace") + b"\n"


LINES: Final[Mapping[Form, Callable[[Fields], bytes]]] = {"json": json_line, "text": text_line}


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def _word(value: Any) -> str:
    """A value: as it is where it is one plain word, else in quotes."""
    if isinstance(value, list | tuple):
        return ",".join(_word(each) for each in value)
    if isinstance(value, dict):
        return "{" + " ".join(f"{name}={_word(each)}" for name, each in value.items()) + "}"
    text = str(value)
    return text if _PLAIN.fullmatch(text) else repr(text)


def _printable(text: str) -> str:
    return text if text.isprintable() else repr(text)[1:-1]
