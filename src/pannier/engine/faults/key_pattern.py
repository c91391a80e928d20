"""Which items a rule is about: patterns of the values of their attributes."""

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias, get_args

from pannier.engine.faults.checks import RuleError, check_texts

PatternKind: TypeAlias = Literal["equals", "glob", "prefix", "regex"]

_ALLOWED: Final = (
    "Give a text (with * and ? for any characters), a number, or an object with one of: "
    "equals, glob, prefix, regex."
)


@dataclass(frozen=True, slots=True)
class KeyPattern:
    """A pattern of one attribute of a key or item.

    Texts are compared with strings, with numbers as they are written, and with binary values as
    base64, which is how requests have them. `equals` compares numbers by value.

    Attributes:
        attribute: its name.
        kind: `equals`, `glob` (`*`, `?`, `[...]`), `prefix`, or `regex`, which has to match all.
        text: the pattern.
    """

    attribute: str
    kind: PatternKind
    text: str

    def __post_init__(self) -> None:
        check_texts("key", [self.attribute])
        if self.kind not in get_args(PatternKind):
            raise RuleError(f"'key.{self.attribute}' can't have {self.kind!r}", _ALLOWED)
        check_texts(f"key.{self.attribute}", [self.text])
        if self.kind == "regex":
            try:
                re.compile(self.text)
            except re.error as error:
                raise RuleError(
                    f"'key.{self.attribute}' is no regular expression: {error}", "Mend it."
                ) from None

    def matches(self, attributes: Mapping[str, Any]) -> bool:
        """Whether an item or key has the attribute, with a value of this pattern."""
        value = attributes.get(self.attribute)
        if not isinstance(value, Mapping) or len(value) != 1:
            return False
        ((type_name, content),) = value.items()
        if type_name not in ("S", "N", "B") or not isinstance(content, str):
            return False
        if self.kind == "prefix":
            return content.startswith(self.text)
        if self.kind == "equals":
            return content == self.text or (type_name == "N" and _same(content, self.text))
        return _compiled(self.kind, self.text).fullmatch(content) is not None


@lru_cache(maxsize=256)
def _compiled(kind: PatternKind, text: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(text) if kind == "glob" else text)


def _same(one: str, other: str) -> bool:
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False


def read_key_pattern(attribute: str, raw: Any) -> KeyPattern:
    """A pattern as files have it: a text is a glob, a number is compared by value.

    Raises:
        RuleError: it is none.
    """
    if isinstance(raw, str):
        return KeyPattern(attribute, "glob", raw)
    if isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
        return KeyPattern(attribute, "equals", str(raw))
    if isinstance(raw, Mapping) and len(raw) == 1:
        ((kind, text),) = raw.items()
        if kind == "equals" and isinstance(text, int | float) and not isinstance(text, bool):
            text = str(text)
        return KeyPattern(attribute, kind, text)
    raise RuleError(f"'key.{attribute}' can't be {raw!r}", _ALLOWED)
