"""What is asked of a table, as the form has it and as the page's address keeps it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from pannier.errors import UserError

SIZES: Final = (25, 50, 100, 500, 1000)
_SIZE: Final = 50
_TEXTS: Final = {
    "table": "table", "index": "index", "where": "expression", "values": "values",
    "names": "names", "project": "projection",
}  # fmt: skip
_FLAGS: Final = {"backward": "backward", "consistent": "consistent", "any": "any_filter"}


@dataclass(frozen=True, slots=True)
class SortCondition:
    """A condition on a sort key: an operator, empty for none, and its values as typed."""

    operator: str = ""
    first: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True)
class FilterRow:
    """A condition on any attribute: a path, an operator, and values of a type, as typed."""

    attribute: str = ""
    operator: str = "="
    kind: str = "S"
    first: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A scan or query.

    Attributes:
        index: its name; empty for the table.
        partition: the values of the partition key's attributes, as typed.
        sort: the conditions on the sort key's attributes.
        any_filter: whether one of the filters is enough.
        expression: a FilterExpression beside them, with JSON of its values and names.
        projection: which attributes are shown; empty for all.
        size: items a page.
    """

    table: str = ""
    index: str = ""
    is_query: bool = False
    partition: tuple[str, ...] = ()
    sort: tuple[SortCondition, ...] = ()
    backward: bool = False
    consistent: bool = False
    filters: tuple[FilterRow, ...] = ()
    any_filter: bool = False
    expression: str = ""
    values: str = ""
    names: str = ""
    projection: str = ""
    size: int = _SIZE

    @property
    def parameters(self) -> str:
        """The parameters of the page's address that asks this; empty if nothing is asked."""
        pairs: list[tuple[str, str]] = [
            (name, getattr(self, member)) for name, member in _TEXTS.items()
        ]
        if self.is_query:
            pairs.append(("op", "query"))
            pairs += [("pk", each) for each in self.partition]
            pairs += [("sk", _row(each.operator, each.first, each.second)) for each in self.sort]
        pairs += [
            ("f", _row(each.attribute, each.operator, each.kind, each.first, each.second))
            for each in self.filters
        ]
        pairs += [(name, "1") for name, member in _FLAGS.items() if getattr(self, member)]
        if self.size != _SIZE:
            pairs.append(("size", str(self.size)))
        return urlencode([(name, value) for name, value in pairs if value or name == "pk"])

    @classmethod
    def of_address(cls, pairs: Iterable[tuple[str, str]]) -> "Question":
        """The question of an address's parameters; other parameters are left alone.

        Raises:
            UserError: one can't be read.
        """
        given: dict[str, Any] = {"partition": (), "sort": (), "filters": ()}
        for name, value in pairs:
            if name in _TEXTS:
                given[_TEXTS[name]] = value
            elif name in _FLAGS:
                given[_FLAGS[name]] = value == "1"
            elif name == "op":
                given["is_query"] = value == "query"
            elif name == "pk":
                given["partition"] += (value,)
            elif name == "sk":
                given["sort"] += (SortCondition(*_texts(name, value, 3)),)
            elif name == "f":
                given["filters"] += (FilterRow(*_texts(name, value, 5)),)
            elif name == "size":
                given["size"] = int(value) if value in map(str, SIZES) else _SIZE
        return cls(**given)


def _row(*texts: str) -> str:
    return orjson.dumps(texts).decode()


def _texts(name: str, value: str, count: int) -> list[str]:
    try:
        texts = orjson.loads(value)
    except orjson.JSONDecodeError:
        texts = None
    if not (
        isinstance(texts, list)
        and len(texts) == count
        and all(isinstance(each, str) for each in texts)
    ):
        raise UserError(
            f"the part {name}={value} of the page's address can't be read",
            "Leave it out, or fill in the form.",
        )
    return texts
