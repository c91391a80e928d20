"""Parameters in the `aws` command's spelling: `file://`, JSON, or shorthand.

Shorthand (AWS CLI User Guide, "Using shorthand syntax"): `a=1,b=[x,y],c={d=2}`; a value may be
quoted. What is a number is known by its name: capacities and limits are.
"""

import json
import re
from typing import Any, Final, NoReturn

from pannier.errors import UserError
from pannier.files.opening import opened, path_of

_NUMERIC: Final = re.compile(r"(Units|Limit)$")
_PLAIN: Final = re.compile(r"[^,\]\}=]*")
_NAME: Final = re.compile(r"[A-Za-z0-9_.#-]+")


def parameter(text: str, option: str) -> Any:
    """A parameter's value from a file, JSON or shorthand.

    Raises:
        UserError: it is none of these.
    """
    if text.startswith(("file://", "fileb://")):
        with opened(text) as file:
            text = file.read().decode("utf-8-sig")
        return _json(text, path_of(option))
    if text.lstrip()[:1] in ("{", "["):
        return _json(text, option)
    return _Shorthand(text, option).members()


def _json(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(
            f"{place}: this is not JSON ({error.msg}, line {error.lineno}, column {error.colno})"
        ) from None


class _Shorthand:
    def __init__(self, text: str, option: str) -> None:
        self._text = text
        self._option = option
        self._position = 0

    def members(self) -> dict[str, Any]:
        """The whole text as one object."""
        members = self._members("")
        if self._position != len(self._text):
            self._fail()
        return members

    def _members(self, end: str) -> dict[str, Any]:
        members: dict[str, Any] = {}
        while True:
            name = self._match(_NAME)
            if not name:
                self._fail()
            self._take("=")
            members[name] = self._value(name)
            if not self._at(","):
                break
            self._take(",")
        if end:
            self._take(end)
        return members

    def _value(self, name: str) -> Any:
        if self._at("{"):
            self._take("{")
            return self._members("}")
        if self._at("["):
            return self._list(name)
        if self._at('"') or self._at("'"):
            return self._quoted()
        text = self._match(_PLAIN)
        return int(text) if _NUMERIC.search(name) and text.isdigit() else _flag(text)

    def _list(self, name: str) -> list[Any]:
        self._take("[")
        values: list[Any] = []
        while not self._at("]"):
            values.append(self._value(name))
            if self._at(","):
                self._take(",")
            elif not self._at("]"):
                self._fail()
        self._take("]")
        return values

    def _quoted(self) -> str:
        quote = self._text[self._position]
        end = self._text.find(quote, self._position + 1)
        if end < 0:
            self._fail()
        text = self._text[self._position + 1 : end]
        self._position = end + 1
        return text

    def _at(self, character: str) -> bool:
        return self._text.startswith(character, self._position)

    def _take(self, character: str) -> None:
        if not self._at(character):
            self._fail()
        self._position += 1

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._position)
        if match is None:
            return ""
        self._position = match.end()
        return match.group()

    def _fail(self) -> NoReturn:
        raise UserError(
            f"{self._option}: can't read {self._text!r} at character {self._position + 1}",
            "Write NAME=VALUE,NAME=VALUE, JSON, or file://PATH.",
        )


def _flag(text: str) -> str | bool:
    return {"true": True, "false": False}.get(text, text)
