"""Records out of a file: one JSON document, several in a row, or one a line.

Numbers keep every digit: texts of more than fifteen digits, which a float or a 64-bit integer
might not hold, go through Python's own parser as `Decimal` and `int`.
"""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import orjson

from pannier.files.opening import FileError
from pannier.limits import MIB

# Sixteen digits and points in a row, or an exponent of three digits: more than a float is sure of.
_PRECISE: Final = re.compile(rb"[0-9][0-9.]{15}|[eE][+-]?[0-9]{3}")
LINE_ENDINGS: Final = (".jsonl", ".ndjson", ".jsonlines")
# No item takes more as JSON. A longer first line is a whole request, and it is not parsed twice.
_RECORD_BYTES_MAX: Final = MIB
_SHOWN_CHARACTERS: Final = 60


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is no JSON."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """One JSON value and its line in the file."""

    value: Any
    line: int


def decode(text: bytes) -> Any:
    """One JSON value with all digits of its numbers.

    Raises:
        ValueError: it is no JSON; the text says why.
    """
    if _PRECISE.search(text):
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    return orjson.loads(text)


def decode_strictly(text: str | bytes) -> Any:
    """One JSON value in which no object names a member twice.

    Other parsers keep the last of such members without a word: a table that is named twice in a
    request would lose all writes of the first.

    Raises:
        ValueError: it is no JSON, or a name is there twice.
    """
    return _STRICT.decode(text if isinstance(text, str) else text.decode())


def is_record(line: bytes) -> bool:
    """Whether a first line is a whole object by itself, so that the file is one a line."""
    if len(line) > _RECORD_BYTES_MAX:
        return False
    try:
        return isinstance(decode(line.removeprefix(BOM_UTF8).strip()), dict)
    except (ValueError, RecursionError):
        return False


def lines(file: Iterable[bytes]) -> Iterator[Record]:
    """The records of a file with one on each line; the value of a bad line is `Unreadable`."""
    for number, line in enumerate(file, start=1):
        text = line.strip()
        if number == 1:
            text = text.removeprefix(BOM_UTF8)
        if not text:
            continue
        try:
            value = decode(text)
            if _may_be_request(value):
                value = decode_strictly(text)
        except (ValueError, RecursionError) as error:
            value = Unreadable(text.decode("utf-8", "replace"), _reason(error))
        yield Record(value, number)


def documents(content: bytes, source: str) -> list[Record]:
    """All JSON documents in a file, one after another.

    Raises:
        FileError: something in it is no JSON; names the line and column.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileError(
            f"{source}, line {line}: not UTF-8 text", "Save the file as UTF-8."
        ) from None
    records = []
    line, counted = 1, 0  # the line feeds up to `counted`, so that none is counted twice
    position = _skip_space(text, 0)
    if position == len(text):
        raise FileError(f"{source} is empty", "Write a JSON document into it.")
    while position < len(text):
        line += text.count("\n", counted, position)
        counted = position
        try:
            value, position = _STRICT.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise FileError(
                f"{source}, line {error.lineno}, column {error.colno}: "
                f"this is not JSON ({error.msg[0].lower()}{error.msg[1:]})",
                f"Near: {_near(text, error.pos)}",
            ) from None
        except (ValueError, RecursionError) as error:
            raise FileError(f"{source}, line {line}: {_reason(error)}") from None
        records.append(Record(value, line))
        position = _skip_space(text, position)
    return records


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for position, name in enumerate(names) if name in names[:position])
        raise ValueError(f"the name {twice!r} is there twice in one object; put both into one")
    return members


_STRICT: Final = json.JSONDecoder(
    parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_distinct
)


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n,":
        position += 1
    return position


def _near(text: str, position: int) -> str:
    shown = text[max(0, position - _SHOWN_CHARACTERS // 2) : position + _SHOWN_CHARACTERS // 2]
    return " ".join(shown.split()) or "the end of the file"


def _may_be_request(value: Any) -> bool:
    """Whether members of an object may be tables, each with a list of requests."""
    return isinstance(value, dict) and (
        "RequestItems" in value or any(isinstance(member, list) for member in value.values())
    )


def _reason(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} (column {error.colno})"
    if "integer string conversion" in str(error):  # Python's limit, and a text for its programmers
        return "a number has thousands of digits"
    return str(error)
