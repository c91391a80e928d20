"""Reserved words as names of attributes, where no one can take them for anything else.

DynamoDB refuses 573 words as names in an expression unless they stand behind a placeholder, `#n`.
Almost all of them mean nothing in the language of expressions: a name that stands in front of an
opening parenthesis is a function, AND, OR, NOT, BETWEEN, IN and the words that begin a clause are
keywords, and every other name is an attribute, whatever it is called. So those that are reserved
are given a placeholder here. An attribute that is called like a keyword still needs one by hand.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from pannier.expressions.reserved_words import is_reserved
from pannier.expressions.tokens import NAME, tokenize

_PREFIX: Final = "#word_"


def with_placeholders(expression: str, names: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """An expression in which no reserved word is a name, and the names that it uses then.

    Args:
        expression: a condition, filter, key condition or update. What is no expression comes back
            as such; the service says what is wrong with it.
        names: `ExpressionAttributeNames` that are there already.
    """
    known = dict(names)
    tokens = tokenize(expression)
    parts: list[str] = []
    copied = 0
    for token, following in pairwise(tokens):
        if token.kind != NAME or following.kind == "(" or not is_reserved(token.text):
            continue
        placeholder = _PREFIX + token.text
        while known.get(placeholder, token.text) != token.text:
            placeholder += "_"
        known[placeholder] = token.text
        parts += [expression[copied : token.start], placeholder]
        copied = token.end
    return "".join([*parts, expression[copied:]]), known
