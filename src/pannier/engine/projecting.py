"""What a read shows of each item: ProjectionExpression, or the older AttributesToGet.

A projection never lowers the units: the whole item is metered (service model, `ConsumedCapacity`).

AttributesToGet names top-level attributes as they are: no paths, no placeholders. A name may stand
there once. An item with none of them is answered as `{}` (Local), and counted.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from pannier.engine.legacy import check_mixing, messages
from pannier.engine.legacy.conditions import check_name
from pannier.errors import ValidationException
from pannier.expressions import Placeholders, parse_projection
from pannier.model.attribute_value import Item

Project: TypeAlias = Callable[[Item], Item]


def compile_projection(
    request: dict[str, Any], placeholders: Placeholders
) -> tuple[Project | None, frozenset[str] | None]:
    """What a request wants of each item.

    Args:
        request: has `ProjectionExpression` or `AttributesToGet`, or neither.
        placeholders: the request's names, of which the used ones are marked.

    Returns:
        The projection and its top-level names, or two Nones for whole items.

    Raises:
        ValidationException: the expression is wrong, or mixed with the older parameter.
    """
    expression = request.get("ProjectionExpression")
    names = request.get("AttributesToGet")
    check_mixing("GetItem", request)
    if names is not None:
        return _by_name(names)
    if expression is None:
        return None, None
    projection = parse_projection(expression, placeholders)
    return projection.apply, projection.roots


def _by_name(names: list[str]) -> tuple[Project, frozenset[str]]:
    seen: set[str] = set()
    for name in names:
        check_name(name)
        if name in seen:
            raise ValidationException(messages.duplicate_name(name))
        seen.add(name)
    wanted = frozenset(seen)

    def project(item: Item) -> Item:
        return {name: value for name, value in item.items() if name in wanted}

    return project, wanted
