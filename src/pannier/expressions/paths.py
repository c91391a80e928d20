"""Document paths: which of them get in each other's way, and what they lead to.

| rule | evidence |
|---|---|
| at most 32 steps | Developer Guide; text from Local |
| two paths of one expression may not overlap, nor treat one value as both list and map | AWS |
| paths are taken from the last to the first; the earlier in the text is `path one` | Local |
| of a list only the named elements are answered, closed up, in the order of the list | DG, Local |
| what a path does not lead to is absent, and so is a container of which nothing is left | Local |

Where more than two paths clash, Local prints for `path two` what a Java hash order makes of the
sibling paths; Pannier names the path that clashes.
"""

from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from pannier.expressions import messages
from pannier.expressions.expression_error import ExpressionError
from pannier.expressions.messages import BoundPath
from pannier.model.attribute_value import AttributeValue, Item

PATH_STEPS_MAX: Final = 32

# What is below a step: None where a path ends, else the next steps, all names or all indexes.
PathTree: TypeAlias = "dict[Any, PathTree | None]"


def path_tree(paths: Iterable[BoundPath]) -> PathTree:
    """The paths of one expression as a tree.

    Raises:
        ExpressionError: two of them overlap or conflict.
    """
    tree: PathTree = {}
    for path in paths:
        insert(tree, path)
    return tree


def insert(tree: PathTree, path: BoundPath) -> None:
    """Add one path to a tree.

    Raises:
        ExpressionError: it overlaps or conflicts with another.
    """
    last = len(path) - 1
    for step, element in enumerate(path):
        sibling = next(iter(tree), element)
        if isinstance(sibling, str) != isinstance(element, str):
            other = (*path[:step], sibling, *_first_path(tree[sibling]))
            raise ExpressionError(messages.paths_clash("conflict", path, other))
        if element not in tree:
            below: PathTree | None = None if step == last else {}
            tree[element] = below
        else:
            below = tree[element]
            if below is None or step == last:
                other = (*path[: step + 1], *_first_path(below))
                raise ExpressionError(messages.paths_clash("overlap", path, other))
        if below is not None:
            tree = below


def _first_path(tree: "PathTree | None") -> BoundPath:
    path: list[str | int] = []
    while tree:
        element, tree = next(iter(tree.items()))
        path.append(element)
    return tuple(path)


def find(item: Item, path: BoundPath) -> AttributeValue | None:
    """The value that a path leads to, or None."""
    value: AttributeValue | None = {"M": item}
    for element in path:
        if value is None:
            return None
        value = step_into(value, element)
    return value


def step_into(value: AttributeValue, element: str | int) -> AttributeValue | None:
    """A member of a map or an element of a list, or None."""
    if isinstance(element, str):
        members: dict[str, AttributeValue] | None = value.get("M")
        return members.get(element) if members is not None else None
    elements: list[AttributeValue] | None = value.get("L")
    if elements is None or element >= len(elements):
        return None
    return elements[element]


def project(item: Item, tree: PathTree) -> Item:
    """The part of an item that a tree of paths names; values are shared, not copied."""
    result: Item = {}
    for name, below in tree.items():
        value = item.get(name)
        if value is not None and below is not None:
            value = _project_value(value, below)
        if value is not None:
            result[name] = value
    return result


def _project_value(value: AttributeValue, tree: PathTree) -> AttributeValue | None:
    if isinstance(next(iter(tree)), str):
        members = value.get("M")
        projected = project(members, tree) if members is not None else None
        return {"M": projected} if projected else None
    elements = value.get("L")
    if elements is None:
        return None
    kept = []
    for index in sorted(tree):
        if index >= len(elements):
            break
        below = tree[index]
        element = elements[index]
        if below is not None:
            element = _project_value(element, below)
        if element is not None:
            kept.append(element)
    return {"L": kept} if kept else None


def project_paths(item: Item, paths: Iterable[BoundPath]) -> Item:
    """The part of an item that paths name which do not clash."""
    return project(item, path_tree(paths))
