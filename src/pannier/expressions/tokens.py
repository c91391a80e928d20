r"""Text -> tokens, with AWS's words for a token that stands in the wrong place.

| rule | evidence |
|---|---|
| names are `[A-Za-z][A-Za-z0-9_]*`; placeholders `#` or `:` and `[A-Za-z0-9_]+` | AWS |
| an index is `0` or has no leading zero: `03` is two tokens, `0` and `3` | AWS |
| AND OR NOT BETWEEN IN SET REMOVE ADD DELETE are keywords everywhere, in any letter case | Local |
| only blank, tab, CR and LF separate tokens | Local |
| `near` is the source from the token before to the token after, blanks included | AWS |

"AWS" are answers that users pasted from the service, "Local" are those of DynamoDB Local 1.25.1.
"""

import re
from typing import Final, NamedTuple

from pannier.expressions import messages
from pannier.expressions.expression_error import ExpressionError

END: Final = "<EOF>"
NAME: Final = "name"
NAME_PLACEHOLDER: Final = "#name"
VALUE_PLACEHOLDER: Final = ":value"
INDEX: Final = "index"
KEYWORDS: Final = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"})

_TOKEN: Final = re.compile(
    r"""[ \t\r\n]*(?:
    (?P<name>[A-Za-z][A-Za-z0-9_]*)
  | (?P<name_placeholder>\#[A-Za-z0-9_]+)
  | (?P<value_placeholder>:[A-Za-z0-9_]+)
  | (?P<index>0|[1-9][0-9]*)
  | (?P<symbol><>|<=|>=|[^ \t\r\n])
    )""",
    re.VERBOSE,
)
_KINDS: Final = {
    "name_placeholder": NAME_PLACEHOLDER,
    "value_placeholder": VALUE_PLACEHOLDER,
    "index": INDEX,
}


class Token(NamedTuple):
    """One token: what it is, its text, and where it stands.

    `kind` is one of the constants above, the upper-case keyword, or the symbol itself; a character
    that means nothing is a symbol that no rule wants.
    """

    kind: str
    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """All tokens of an expression; the last one is `END`."""
    tokens = []
    for match in _TOKEN.finditer(text):
        group = match.lastgroup or ""
        content = match[group]
        if group == "name":
            upper = content.upper()
            kind = upper if upper in KEYWORDS else NAME
        else:
            kind = _KINDS.get(group, content)
        tokens.append(Token(kind, content, match.start(group), match.end(group)))
    tokens.append(Token(END, END, len(text), len(text)))
    return tokens


class TokenStream:
    """Tokens read one after the other."""

    __slots__ = ("_index", "_text", "_tokens", "current")

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokenize(text)
        self._index = 0
        self.current = self._tokens[0]

    @property
    def following(self) -> Token:
        """The token after the current one."""
        return self._tokens[min(self._index + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The current token; the next one becomes current."""
        token = self.current
        if token.kind != END:
            self._index += 1
            self.current = self._tokens[self._index]
        return token

    def accept(self, kind: str) -> bool:
        """Take the current token if it is of a kind."""
        if self.current.kind != kind:
            return False
        self.take()
        return True

    def expect(self, kind: str) -> Token:
        """The current token, which must be of a kind."""
        if self.current.kind != kind:
            raise self.syntax_error()
        return self.take()

    def syntax_error(self) -> ExpressionError:
        """The current token can't stand here."""
        start = self._tokens[self._index - 1].start if self._index else 0
        end = len(self._text) if self.following.kind == END else self.following.end
        return ExpressionError(messages.syntax(self.current.text, self._text[start:end]))
