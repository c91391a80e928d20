"""Paths of a statement: what they lead to, and by which names they are answered.

| rule | evidence |
|---|---|
| `a.b`, `a."b"` and `a['b']` are the same; `a[0]` is an element of a list | DG, Local |
| a selected path is answered by its last name and the indexes behind it: `a.b[0]` by `b[0]` | AWS |
| `l[2].z` is answered by `z` (inferred from the rule; Local answers otherwise) | I |
| names that are answered twice, and paths that overlap, are refused | Local |
"""

from typing import Final

from pannier.errors import ValidationException
from pannier.expressions.evaluation import read_path
from pannier.expressions.expression_error import ExpressionError
from pannier.expressions.messages import BoundPath, too_deep
from pannier.expressions.paths import PATH_STEPS_MAX, path_tree
from pannier.model.attribute_value import Item
from pannier.partiql import messages
from pannier.partiql.nodes import Literal, Name, Node, PathNode, Wildcard

_INDEX_MAX: Final = 2**31 - 1


def path_of(node: Node) -> BoundPath:
    """The steps of a node that must be a name or a path.

    Raises:
        ValidationException: it is something else, or has a step that leads nowhere.
    """
    if isinstance(node, Name):
        return (node.name,)
    if not isinstance(node, PathNode) or not isinstance(node.root, Name):
        raise ValidationException(messages.path_component(node.place))
    return (node.root.name, *(_step(step) for step in node.steps))


def _step(node: Node) -> str | int:
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Wildcard):
        raise ValidationException(messages.SELECT_HIERARCHY)
    if isinstance(node, Literal) and node.kind == "S":
        return node.text
    if isinstance(node, Literal) and node.kind == "N" and node.text.lstrip("-").isdecimal():
        # Longer texts than these are beyond the range, and Python would not read the longest.
        if len(node.text) > 20 or not 0 <= int(node.text) <= _INDEX_MAX:
            raise ValidationException(messages.index_range(node.text, node.place))
        return int(node.text)
    raise ValidationException(messages.path_component(node.place))


class SelectedPaths:
    """What a SELECT shows of each item: `apply(item)`; `roots` are the top-level names."""

    __slots__ = ("_reads", "roots")

    def __init__(self, paths: tuple[BoundPath, ...]) -> None:
        self._reads = [(answered_name(path), read_path(path)) for path in paths]
        self.roots: frozenset[str] = frozenset(str(path[0]) for path in paths)

    def apply(self, item: Item) -> Item:
        """A new item with what the paths lead to; values are shared."""
        shown = {}
        for name, read in self._reads:
            value = read(item)
            if value is not None:
                shown[name] = value
        return shown


def selected_paths(paths: tuple[BoundPath, ...]) -> SelectedPaths:
    """The paths of a select list.

    Raises:
        ValidationException: one is too long, or two have one name or overlap.
    """
    for path in paths:
        if len(path) > PATH_STEPS_MAX:
            raise ValidationException(too_deep(len(path)))
    names = [answered_name(path) for path in paths]
    for position, name in enumerate(names):
        if name in names[:position]:
            raise ValidationException(messages.duplicate_names(name))
    try:
        path_tree(paths)
    except ExpressionError as error:
        raise ValidationException(error.text) from None
    return SelectedPaths(paths)


def answered_name(path: BoundPath) -> str:
    """The name by which a selected path is answered."""
    last = max(position for position, step in enumerate(path) if isinstance(step, str))
    return str(path[last]) + "".join(f"[{index}]" for index in path[last + 1 :])
