"""Names and values of a statement, given to the expression language as its placeholders.

DynamoDB's own trees name attributes by `#name` and values by `:value`, and bind them with all the
checks that need no item. A statement spells both out; so each name and value gets a placeholder of
its own, and everything behind the tree is the expression language's.
"""

from pannier.expressions.messages import BoundPath
from pannier.expressions.placeholders import Placeholders
from pannier.expressions.tree import Path, Placeholder
from pannier.model.attribute_value import AttributeValue


class Spelled:
    """The placeholders of one statement."""

    __slots__ = ("_names", "_values")

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, AttributeValue] = {}

    def path(self, path: BoundPath) -> Path:
        """The tree of a path."""
        return Path(tuple(self._element(step) for step in path))

    def value(self, value: AttributeValue) -> Placeholder:
        """The tree of a value."""
        token = f":{len(self._values)}"
        self._values[token] = value
        return Placeholder(token)

    def placeholders(self) -> Placeholders:
        """What the placeholders stand for, to bind a tree with."""
        return Placeholders(self._names, self._values)

    def _element(self, step: str | int) -> str | int:
        if isinstance(step, int):
            return step
        token = f"#{len(self._names)}"
        self._names[token] = step
        return token
