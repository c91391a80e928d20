"""Text -> tokens.

| rule | evidence |
|---|---|
| keywords in any letter case; names as they are written | DG, Local |
| `"..."` is a name, `'...'` a text; the quote itself is doubled | DG |
| numbers: `5`, `-5`, `5.`, `.5`, `1e1`; no `0x1`, no `1_000` | Local |
| names: letters (ASCII), digits, `_` and `$`, not a digit first | Local |
| `-- ...` and `/* ... */` are comments | Local |
"""

import re
from bisect import bisect_right
from typing import Final, NamedTuple

from pannier.errors import ValidationException
from pannier.partiql import messages
from pannier.partiql.keywords import KEYWORDS
from pannier.partiql.nodes import Place

END: Final = "<end>"
NAME: Final = "name"
QUOTED: Final = "quoted"
TEXT: Final = "text"
NUMBER: Final = "number"
ION: Final = "ion"
PARAMETER: Final = "?"

_BLANK: Final = re.compile(r"(?:\s|--[^\n]*|/\*.*?\*/)*", re.DOTALL)
_TOKEN: Final = re.compile(
    r"""
    (?P<name>[A-Za-z_$][A-Za-z0-9_$]*)
  | (?P<quoted>"(?:[^"]|"")*")
  | (?P<text>'(?:[^']|'')*')
  | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<ion>`[^`]*`)
  | (?P<symbol><<|>>|<=|>=|<>|!=|\|\||[-+*/%=<>()\[\]{},.:;?@])
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """One token.

    `kind` is one of the constants above, a keyword in small letters, or the symbol itself;
    `text` is the content, without quotes and escapes.
    """

    kind: str
    text: str
    place: Place


def tokenize(statement: str) -> list[Token]:
    """All tokens of a statement; the last one is `END`.

    Raises:
        ValidationException: a character begins no token.
    """
    starts = [0, *(match.end() for match in re.finditer("\n", statement))]
    tokens = []
    position = _end_of_blank(statement, 0)
    while position < len(statement):
        match = _TOKEN.match(statement, position)
        end = match.end() if match else position + 1
        line = bisect_right(starts, position)
        place = Place(line, position - starts[line - 1] + 1, end - position)
        if match is None:
            raise ValidationException(messages.malformed(messages.invalid_character(place)))
        tokens.append(_token(match, place))
        position = _end_of_blank(statement, end)
    tokens.append(Token(END, "", Place(len(starts), position - starts[-1] + 1, 0)))
    return tokens


def _end_of_blank(statement: str, position: int) -> int:
    match = _BLANK.match(statement, position)
    assert match is not None  # it matches nothing, too
    return match.end()


def _token(match: re.Match[str], place: Place) -> Token:
    text = match[0]
    match match.lastgroup:
        case "name":
            word = text.lower()
            return Token(word if word in KEYWORDS else NAME, text, place)
        case "quoted":
            return Token(QUOTED, text[1:-1].replace('""', '"'), place)
        case "text":
            return Token(TEXT, text[1:-1].replace("''", "'"), place)
        case "number":
            return Token(NUMBER, text, place)
        case "ion":
            return Token(ION, text[1:-1], place)
    return Token(text, text, place)
