"""Projections of a batch read, widened so that every item can be told by its key.

A projection may leave the key out; then nobody could say which keys were found. So the key's
attributes are asked for as well, and taken out of the items again. The widened projection is also
what makes it possible to name a missing key.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pannier.model.attribute_value import Item

_INDEX_OR_NAME: Final = re.compile(r"\[[^]]*\]|[^\s,.\[\]]+")
_OWN_PREFIX: Final = "#pannier_key_"


@dataclass(frozen=True, slots=True)
class Projection:
    """What is wanted of each item.

    Attributes:
        expression: a ProjectionExpression, or None for whole items.
        names: the ExpressionAttributeNames it uses.
    """

    expression: str | None = None
    names: Mapping[str, str] | None = None

    def widened(self, key_names: tuple[str, ...]) -> tuple[dict[str, Any], frozenset[str]]:
        """The request members that also ask for the key, and which attributes that added."""
        if self.expression is None:
            return {}, frozenset()
        names = dict(self.names or {})
        # Only a path that is nothing but a name brings the whole attribute.
        paths = [path.strip() for path in self.expression.split(",")]
        asked = {names.get(path, path) for path in paths}
        added = [name for name in key_names if name not in asked]
        expression = self.expression
        for position, name in enumerate(added):
            placeholder = f"{_OWN_PREFIX}{position}"
            names[placeholder] = name
            expression += f", {placeholder}"
        members: dict[str, Any] = {"ProjectionExpression": expression}
        if names:
            members["ExpressionAttributeNames"] = names
        return members, frozenset(added)


def without(item: Item, names: frozenset[str]) -> Item:
    """An item without the attributes that only the widening asked for."""
    if not names:
        return item
    return {name: value for name, value in item.items() if name not in names}


def projection_of_names(expression: str) -> Projection:
    """A projection in which reserved words may be written as they are.

    Every name of every path becomes a placeholder; those that are one already stay. A name is what
    stands between blanks, commas, dots and brackets.
    """
    names: dict[str, str] = {}

    def placeholder(match: re.Match[str]) -> str:
        name = match.group()
        if name.startswith(("#", "[")):
            return name
        return next(
            (known for known, meant in names.items() if meant == name), None
        ) or _new_placeholder(names, name)

    replaced = _INDEX_OR_NAME.sub(placeholder, expression)
    return Projection(replaced, names or None)


def _new_placeholder(names: dict[str, str], name: str) -> str:
    placeholder = f"#p{len(names)}"
    names[placeholder] = name
    return placeholder
