"""One JSON text as Python values, with all digits of its numbers; and what is wrong with it.

`orjson` is several times as fast as Python's own parser, but keeps numbers as floats and 64-bit
integers. Floats are sure of fifteen digits. So a text with a longer number in it that became a
float goes through Python's.
"""

import json
import re
from codecs import BOM_UTF8
from decimal import Decimal
from typing import Any, Final

import orjson

from pannier.files.json_floats import has_floats

# Digits and points become `0`, everything else a blank: sixteen in a row are one `in` away.
_DIGITS: Final = bytes(0x30 if byte in b"0123456789." else 0x20 for byte in range(256))
_LONG: Final = b"0" * 16
# A float's smallest exponent has three digits; anything smaller reads as zero.
_TINY: Final = re.compile(rb"[eE]-[0-9]{3}")
_SHOWN_CHARACTERS: Final = 60


def decode(text: bytes) -> Any:
    """One JSON value with all digits of its numbers; but see `hides_tiny_numbers`.

    Raises:
        ValueError: it is no JSON; the text says why.
        RecursionError: it is nested too deeply.
    """
    try:
        value = orjson.loads(text)
    except ValueError:  # also for what a float can't hold, which Python's parser can read
        return decode_exactly(text)
    if has_floats(value, False) and _LONG in text.translate(_DIGITS):
        return decode_exactly(text)
    return value


def decode_exactly(text: bytes) -> Any:
    """The same for numbers of any length and size, slowly.

    Raises:
        ValueError: it is no JSON; a `json.JSONDecodeError` says where.
        RecursionError: it is nested too deeply.
    """
    # As bytes it would also take UTF-16, and a mark in front.
    return json.loads(text.decode(), parse_float=Decimal, parse_constant=_no_constant)


def hides_tiny_numbers(text: bytes) -> bool:
    """Whether a zero in the decoded text may be a number too small for a float, such as 1e-400."""
    return _TINY.search(text) is not None


def decode_strictly(text: str | bytes) -> Any:
    """One JSON value in which no object names a member twice.

    Other parsers keep the last of such members without a word: a table that is named twice in a
    request would lose all writes of the first.

    Raises:
        ValueError: it is no JSON, or a name is there twice.
    """
    return _STRICT.decode(text if isinstance(text, str) else text.decode("utf-8-sig"))


def decode_documents(content: bytes) -> list[tuple[Any, int]]:
    """All JSON documents in a file, one after another, each strictly, with the line it begins on.

    Raises:
        ValueError: something in it is no JSON; a `json.JSONDecodeError` says where.
        RecursionError: it is nested too deeply.
    """
    text = content.decode("utf-8-sig")
    found = []
    line, counted = 1, 0  # the line feeds up to `counted`, so that none is counted twice
    position = _skip_space(text, 0)
    while position < len(text):
        line += text.count("\n", counted, position)
        counted = position
        value, position = _STRICT.raw_decode(text, position)
        found.append((value, line))
        position = _skip_space(text, position)
    return found


def explain(error: BaseException) -> str:
    """What is wrong with a text, from what a parser raised; without its place."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        what = error.msg.removesuffix(" at").removesuffix(" starting")  # the place comes apart
        return f"this is not JSON ({what[0].lower()}{what[1:]})"
    if isinstance(error, UnicodeDecodeError):
        return "this is not UTF-8 text"
    if "integer string conversion" in str(error):  # Python's limit, and a text for its programmers
        return "a number has thousands of digits"
    return str(error)


def place_in(text: bytes, error: BaseException) -> tuple[int, int]:
    """Where in a text it is wrong: lines and columns before that, both from 0."""
    position = 0
    if isinstance(error, json.JSONDecodeError):
        return error.lineno - 1, error.colno - 1
    if isinstance(error, UnicodeDecodeError):
        position = error.start
    return text.count(b"\n", 0, position), position - text.rfind(b"\n", 0, position) - 1


def near(text: bytes, position: int) -> str:
    """What stands around a place, on one short line."""
    half = _SHOWN_CHARACTERS // 2
    piece = text[max(0, position - half) : position + half].decode("utf-8", "replace")
    return " ".join(piece.split()) or "the end of the file"


def without_bom(text: bytes) -> bytes:
    """A file's first bytes without the mark that some editors put in front."""
    return text.removeprefix(BOM_UTF8)


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n,":
        position += 1
    return position


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
