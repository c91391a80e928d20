"""JSON with the place of each value, so that what is wrong can be shown where it stands.

For what people paste into an editor; files of any size are read by `pannier.files`.
"""

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]  # there, if not in the stubs
from typing import Any, Final

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_SCALAR: Final = re.compile(r'[^\s,:\[\]{}"]+')
_DEPTH_MAX: Final = 100  # DynamoDB's own limit is 32


class PlaceError(Exception):
    """Something that is no JSON.

    Attributes:
        reason: what is wrong.
        offset: where, in characters from the beginning.
        follows: whether a whole value stands before it, so that there may be several documents.
    """

    def __init__(self, reason: str, offset: int, *, follows: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset
        self.follows = follows


@dataclass(frozen=True, slots=True)
class Located:
    """A value and where it stands.

    Attributes:
        value: decoded.
        start: its first character's offset.
        end: the offset behind its last.
        members: of an object, by name.
        elements: of a list.
    """

    value: Any
    start: int
    end: int
    members: dict[str, "Located"] = field(default_factory=dict)
    elements: list["Located"] = field(default_factory=list)


class Lines:
    """Turns offsets in a text into lines and columns, both from 1."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def __len__(self) -> int:
        return len(self._starts)

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column of a character."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def locate(text: str) -> Located:
    """One JSON document.

    Raises:
        PlaceError: it is none, or names a member of an object twice.
    """
    found = _value(text, _after_space(text, 0), 0)
    rest = _after_space(text, found.end)
    if rest < len(text):
        raise PlaceError("the document has ended, and something follows", rest, follows=True)
    return found


def _value(text: str, at: int, depth: int) -> Located:
    if at >= len(text):
        raise PlaceError("the text breaks off here", max(0, len(text.rstrip()) - 1))
    if depth > _DEPTH_MAX:
        raise PlaceError("it is nested too deeply", at)
    opening = text[at]
    if opening == "{":
        return _object(text, at, depth)
    if opening == "[":
        return _list(text, at, depth)
    if opening == '"':
        value, end = _string(text, at)
        return Located(value, at, end)
    match = _SCALAR.match(text, at)
    if match is None:
        raise PlaceError(f"a value is expected, not {opening!r}", at)
    try:
        return Located(json.loads(match.group(), parse_constant=_none), at, match.end())
    except ValueError:
        raise PlaceError(f"{match.group()[:20]} is no JSON value", at) from None


def _object(text: str, start: int, depth: int) -> Located:
    members: dict[str, Located] = {}
    at = _after_space(text, start + 1)
    while text[at : at + 1] != "}" or members:
        if text[at : at + 1] != '"':
            raise _expected("a name in quotes", text, at)
        name, end = _string(text, at)
        if name in members:
            raise PlaceError(f"the name {name!r} is there twice in one object", at)
        at = _after_space(text, end)
        if text[at : at + 1] != ":":
            raise _expected("a colon", text, at)
        member = _value(text, _after_space(text, at + 1), depth + 1)
        members[name] = member
        at = _after_space(text, member.end)
        if text[at : at + 1] == "}":
            break
        if text[at : at + 1] != ",":
            raise _expected("a comma or }", text, at)
        at = _after_space(text, at + 1)
    values = {name: member.value for name, member in members.items()}
    return Located(values, start, at + 1, members=members)


def _list(text: str, start: int, depth: int) -> Located:
    elements: list[Located] = []
    at = _after_space(text, start + 1)
    while text[at : at + 1] != "]" or elements:
        element = _value(text, at, depth + 1)
        elements.append(element)
        at = _after_space(text, element.end)
        if text[at : at + 1] == "]":
            break
        if text[at : at + 1] != ",":
            raise _expected("a comma or ]", text, at)
        at = _after_space(text, at + 1)
    return Located([each.value for each in elements], start, at + 1, elements=elements)


def _string(text: str, at: int) -> tuple[str, int]:
    try:
        value, end = scanstring(text, at + 1, True)
    except json.JSONDecodeError as error:
        what = error.msg.removesuffix(" at").removesuffix(" starting")
        raise PlaceError(f"{what[0].lower()}{what[1:]}", error.pos) from None
    return value, end


def _expected(what: str, text: str, at: int) -> PlaceError:
    if at >= len(text):
        return PlaceError(f"the text breaks off here; {what} is expected", len(text.rstrip()) - 1)
    return PlaceError(f"{what} is expected, not {text[at]!r}", at)


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None  # it matches nothing, too
    return match.end()


def _none(name: str) -> Any:
    raise ValueError(name)
