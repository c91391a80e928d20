"""A function of the user's own between reading an item and writing it."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from pannier.errors import UserError
from pannier.model.attribute_value import Item
from pannier.model.plain import from_item, to_item

Transform: TypeAlias = Callable[[dict[str, Any]], Any]
"""Takes a plain item; returns an item, a list of items, or None to leave it out."""

_WORDS_MAX: Final = 500


class TransformError(UserError):
    """A transform gave nothing that could be written."""


def transformed(transform: Transform, item: Item) -> list[Item]:
    """What a transform makes of an item, in the API's JSON form; an empty list leaves it out.

    Raises:
        TransformError: it raised something, or what it returned has no DynamoDB form. Then nothing
            comes of the item.
    """
    try:
        made = transform(from_item(item))
    except (Exception, SystemExit) as error:  # whatever the user's own code raises
        words = f"{type(error).__name__}: {error}"[:_WORDS_MAX]
        raise TransformError(f"the transform raised {words}") from None
    if made is None:
        return []
    several = made if isinstance(made, list | tuple) else [made]
    for each in several:
        if not isinstance(each, Mapping):
            raise TransformError(
                f"the transform returned a {type(each).__name__}",
                "It must return an item, a list of items, or None.",
            )
    try:
        return [to_item(each) for each in several]
    except UserError as error:
        raise TransformError(f"what the transform returned: {error.message}") from None
