"""What a read shows of each item: ProjectionExpression, or the older AttributesToGet.

A projection never lowers the units: the whole item is metered (service model, `ConsumedCapacity`).
"""

from collections.abc import Callable
from typing import Any, TypeAlias

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
    if names is not None:
        if expression is not None:
            raise ValidationException(
                "Can not use both expression and non-expression parameters in the same request: "
                "Non-expression parameters: {AttributesToGet} "
                "Expression parameters: {ProjectionExpression}"
            )
        return _by_name(names)
    if expression is None:
        return None, None
    projection = parse_projection(expression, placeholders)
    return projection.apply, projection.roots


def _by_name(names: list[str]) -> tuple[Project, frozenset[str]]:
    wanted = frozenset(names)
    if len(wanted) != len(names):
        raise ValidationException(
            "One or more parameter values were invalid: "
            f"Duplicate value in attribute name: {_first_duplicate(names)}"
        )

    def project(item: Item) -> Item:
        return {name: value for name, value in item.items() if name in wanted}

    return project, wanted


def _first_duplicate(names: list[str]) -> str:
    return next(name for position, name in enumerate(names) if name in names[:position])
