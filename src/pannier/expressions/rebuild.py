"""An item with new values at some paths, made without touching the old one.

Only the maps and lists on the way to a new value are copied. All paths of an update go into one
walk, so that list elements can be set, appended and removed by the indexes they had before.
"""

from typing import Any, TypeAlias

from pannier.errors import ValidationException
from pannier.expressions import messages
from pannier.expressions.messages import BoundPath
from pannier.expressions.paths import PathTree, find
from pannier.model.attribute_value import AttributeValue, Item

# The new value at each path where an update ends; None removes what is there.
New: TypeAlias = dict[BoundPath, AttributeValue | None]


def check_parent(item: Item, path: BoundPath) -> None:
    """Check that what is to hold a path's last step is there, and a map or list as it must be.

    Raises:
        ValidationException: it is not.
    """
    if len(path) == 1:
        return
    parent = find(item, path[:-1])
    if parent is None or ("M" if isinstance(path[-1], str) else "L") not in parent:
        raise ValidationException(messages.PATH_INVALID_FOR_UPDATE)


def rebuilt(item: Item, tree: PathTree, new: New) -> Item:
    """The item with the new values; `tree` holds exactly the paths of `new`."""
    return _rebuilt_map(item, tree, new, ())


def _rebuilt_map(
    members: dict[str, AttributeValue], tree: PathTree, new: New, path: BoundPath
) -> dict[str, AttributeValue]:
    result = dict(members)
    for name, below in tree.items():
        value = _rebuilt_value(members.get(name), below, new, (*path, name))
        if value is None:
            result.pop(name, None)
        else:
            result[name] = value
    return result


def _rebuilt_list(
    elements: list[AttributeValue], tree: PathTree, new: New, path: BoundPath
) -> list[AttributeValue]:
    result: list[AttributeValue | None] = list(elements)
    for index in sorted(tree):
        old = elements[index] if index < len(elements) else None
        value = _rebuilt_value(old, tree[index], new, (*path, index))
        if index < len(elements):
            result[index] = value
        else:
            result.append(value)
    return [element for element in result if element is not None]


def _rebuilt_value(
    value: AttributeValue | None, below: "PathTree | None", new: New, path: BoundPath
) -> AttributeValue | None:
    if below is None:
        return new[path]
    assert value is not None  # `check_parent` has seen it
    content: Any = next(iter(value.values()))
    if "M" in value:
        return {"M": _rebuilt_map(content, below, new, path)}
    return {"L": _rebuilt_list(content, below, new, path)}
