"""What the user asks for in DynamoDB's own expressions, with the meaning it has for `pannier scan`.

| option | meaning |
|---|---|
| `filter` | only items that meet it: `price > :low AND begins_with(name, :a)` |
| `project` | these attributes of each item: `PK, price, tags[0]` |
| `values` | what `:placeholders` mean, plain or DynamoDB JSON: `{":low": 5, ":a": "e"}` |
| `names` | what `#placeholders` mean: `{"#n": "name"}`; reserved words need none |

Filters that Spark hands down are added to the user's own, so that an item has to meet both.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

import orjson

from pannier.errors import UserError
from pannier.expressions.tokens import NAME, NAME_PLACEHOLDER, tokenize
from pannier.files.json_items import Converter
from pannier.files.json_text import decode
from pannier.library.page_requests import page_request
from pannier.model.attribute_value import Item

_NO_PATH: Final = frozenset(".[")


@dataclass(frozen=True, slots=True)
class OwnExpressions:
    """The user's expressions.

    Attributes:
        filter: an item has to meet it; None for no filter.
        project: what is wanted of each item; None for all of it.
        names: of placeholders.
        values: of placeholders.
    """

    filter: str | None = None
    project: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    values: Item = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.filter is not None or self.project is not None

    def members(self, table: str, index: str | None) -> dict[str, Any]:
        """The members of a request that asks for nothing else.

        Raises:
            UserError: two placeholders of one name.
        """
        request = page_request(
            table,
            index=index,
            filter=self.filter,
            names=self.names if self else None,
            projection=self.project,
        )
        return request | ({"ExpressionAttributeValues": self.values} if self.values else {})

    def projected(self) -> frozenset[str] | None:
        """The attributes that come whole, as far as that is seen; None for all."""
        if self.project is None:
            return None
        paths = (path.strip() for path in self.project.split(","))
        return frozenset(self.names.get(path, path) for path in paths if not _NO_PATH & set(path))

    def unfiltered(self) -> Self:
        """The same without the filter, and what only that needs."""
        used = {each.text for each in tokenize(self.project or "")}
        names = {name: meant for name, meant in self.names.items() if name in used}
        return type(self)(None, self.project, names)

    def filters_by(self, attributes: Collection[str]) -> bool:
        """Whether the filter may name one of some attributes."""
        if self.filter is None:
            return False
        tokens = tokenize(self.filter)
        named = (each.text for each in tokens if each.kind in (NAME, NAME_PLACEHOLDER))
        return any(self.names.get(name, name) in attributes for name in named)


NONE: Final = OwnExpressions()


def with_own(own: str | None, ours: str | None) -> str | None:
    """A condition that holds where the user's filter does, and that of Spark's filters too.

    Args:
        own: the user's, without reserved words.
        ours: of Spark's filters: conditions joined by AND.
    """
    if own is None or ours is None:
        return own or ours
    # DynamoDB refuses parentheses that are not needed.
    return f"({own}) AND {ours}" if _has_outer_or(own) else f"{own} AND {ours}"


def own_values(text: str) -> Item:
    """Values of placeholders.

    Raises:
        UserError: it is no JSON object, or a value has no DynamoDB form.
    """
    given = text.encode()
    try:
        return Converter().item(decode(given), given)
    except (UserError, ValueError, RecursionError) as error:
        raise UserError(
            f"the option values: {getattr(error, 'message', error)}",
            'Give an object of values: .option("values", \'{":low": 5, ":name": "text"}\').',
        ) from None


def own_names(text: str) -> dict[str, str]:
    """Names of placeholders.

    Raises:
        UserError: it is no JSON object of texts.
    """
    try:
        names = orjson.loads(text)
    except ValueError:
        names = None
    if not isinstance(names, dict) or not all(isinstance(each, str) for each in names.values()):
        raise UserError(
            f"the option names is {text!r}",
            'Give an object of names: .option("names", \'{"#n": "name"}\').',
        )
    return names


def _has_outer_or(expression: str) -> bool:
    depth = 0
    for token in tokenize(expression):
        depth += {"(": 1, ")": -1}.get(token.kind, 0)
        if token.kind == "OR" and not depth:
            return True
    return False
