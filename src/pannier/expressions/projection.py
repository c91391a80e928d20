"""ProjectionExpression: which attributes, or parts of them, are answered.

`projection ::= path ("," path)*`
"""

from functools import lru_cache
from typing import Final

from pannier.expressions import messages, tokens
from pannier.expressions.binding import bind_path
from pannier.expressions.expression_error import ExpressionError
from pannier.expressions.grammar import FunctionRules, Grammar, checked_length
from pannier.expressions.paths import PathTree, insert, project
from pannier.expressions.placeholders import Placeholders
from pannier.expressions.tree import Path
from pannier.model.attribute_value import Item

_KIND: Final = "ProjectionExpression"
_NO_FUNCTIONS: Final = FunctionRules(where="", allowed=frozenset(), nestable=frozenset())
_CACHED_TREES_MAX: Final = 1024


class Projection:
    """The paths of a projection, ready to be applied to many items."""

    __slots__ = ("_names", "_tree", "roots")

    def __init__(self, tree: PathTree) -> None:
        self._tree = tree
        self._names = None if any(tree.values()) else tuple(tree)
        self.roots: frozenset[str] = frozenset(tree)

    def apply(self, item: Item) -> Item:
        """A new item with what the projection names of another; values are shared."""
        if self._names is not None:
            return {name: item[name] for name in self._names if name in item}
        return project(item, self._tree)


def parse_projection(text: str, placeholders: Placeholders) -> Projection:
    """Read a ProjectionExpression.

    Raises:
        ValidationException: AWS's first complaint about it.
    """
    try:
        checked_length(text, messages.SIZE)
        tree: PathTree = {}
        for path in reversed(_read(text)):
            insert(tree, bind_path(path, placeholders))
    except ExpressionError as error:
        raise error.as_validation(_KIND) from None
    return Projection(dict(reversed(tree.items())))


@lru_cache(maxsize=_CACHED_TREES_MAX)
def _read(text: str) -> tuple[Path, ...]:
    grammar = Grammar(text, _NO_FUNCTIONS)
    paths = [grammar.path()]
    while grammar.stream.accept(","):
        paths.append(grammar.path())
    grammar.stream.expect(tokens.END)
    grammar.complain()
    return tuple(paths)
