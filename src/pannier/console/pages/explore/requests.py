"""From a question to the request of the API that answers it.

Names that may stand in an expression as they are do so, to keep it readable; all others, reserved
words among them, get a placeholder. `maker.country` and `tags[0]` are paths.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

import orjson

from pannier.batch.reads.projection import projection_of_names
from pannier.batch.tables.reserved_names import with_placeholders
from pannier.console.pages.explore.layout import Layout, Place
from pannier.console.pages.explore.question import FilterRow, Question, SortCondition
from pannier.console.pages.explore.typed_values import typed_value, typed_values
from pannier.errors import UserError
from pannier.expressions.reserved_words import is_reserved
from pannier.files.json_items import Converter
from pannier.files.json_text import decode
from pannier.model.attribute_value import TYPES, AttributeValue

COMPARISONS: Final = ("=", "<>", "<", "<=", ">", ">=")
SORT_OPERATORS: Final = ("=", "<", "<=", ">", ">=", "between", "begins_with")
FILTER_OPERATORS: Final = (
    *COMPARISONS, "between", "in", "contains", "not contains", "begins_with", "attribute_exists",
    "attribute_not_exists", "attribute_type",
)  # fmt: skip
WITHOUT_VALUE: Final = ("attribute_exists", "attribute_not_exists")
_BARE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PATH: Final = re.compile(r"([^.\[\]]+)((?:\[[0-9]+\])*)(?:\.|$)")


class FieldError(UserError):
    """Something in the form can't be used.

    Attributes:
        field: where: `pk0`, `sk0`, `filter0`, `values`, `names`, `consistent`.
    """

    def __init__(self, field: str, message: str, advice: str = "") -> None:
        super().__init__(message, advice)
        self.field = field


def read_request(question: Question, layout: Layout) -> tuple[str, dict[str, Any]]:
    """The operation, and the members that the requests of all its pages have.

    Raises:
        FieldError: a part of the form can't be used.
        UserError: there is no such index.
    """
    place = layout.place(question.index)
    if question.consistent and place.is_global:
        raise FieldError("consistent", "A global index has no consistent reads.")
    terms = _Terms(_names_of(question), _values_of(question))
    request: dict[str, Any] = {"TableName": layout.table}
    if question.index:
        request["IndexName"] = question.index
    if question.is_query:
        request["KeyConditionExpression"] = _key_condition(question, place, terms)
        if question.backward:
            request["ScanIndexForward"] = False
    condition = _filter(question, terms)
    if condition:
        request["FilterExpression"] = condition
    if question.consistent:
        request["ConsistentRead"] = True
    request |= _projection(question, layout, terms)
    if terms.names:
        request["ExpressionAttributeNames"] = terms.names
    if terms.values:
        request["ExpressionAttributeValues"] = terms.values
    return ("Query" if question.is_query else "Scan"), request


class _Terms:
    """Names and values as expressions may use them.

    Args:
        names: placeholders that the reader's own expression uses.
        values: likewise.
    """

    def __init__(self, names: dict[str, str], values: dict[str, AttributeValue]) -> None:
        self.names = names
        self.values = values

    def name(self, name: str) -> str:
        """A name as an expression takes it."""
        if _BARE.fullmatch(name) and not is_reserved(name):
            return name
        known = next((each for each, meant in self.names.items() if meant == name), None)
        return known or _added(self.names, "#n", name)

    def path(self, text: str) -> str:
        """A path as an expression takes it: `maker.#n0[1]`."""
        parts = _PATH.findall(text)
        if "".join(f"{name}{places}." for name, places in parts).rstrip(".") != text or not parts:
            return self.name(text)
        return ".".join(self.name(name) + places for name, places in parts)

    def value(self, value: AttributeValue) -> str:
        """A value as an expression takes it."""
        return _added(self.values, ":v", value)


def _added(known: dict[str, Any], prefix: str, meant: Any) -> str:
    number = 0
    while f"{prefix}{number}" in known:
        number += 1
    known[f"{prefix}{number}"] = meant
    return f"{prefix}{number}"


def _key_condition(question: Question, place: Place, terms: _Terms) -> str:
    parts = []
    for position, attribute in enumerate(place.schema.partition):
        text = question.partition[position] if position < len(question.partition) else ""
        if not text:
            raise FieldError(f"pk{position}", "A query needs its value.")
        value = _typed(f"pk{position}", attribute.kind, text)
        parts.append(f"{terms.name(attribute.name)} = {terms.value(value)}")
    ended = False
    for position, attribute in enumerate(place.schema.sort):
        condition = question.sort[position] if position < len(question.sort) else SortCondition()
        field = f"sk{position}"
        if not condition.operator:
            ended = True
            continue
        if ended:
            raise FieldError(field, "Only behind sort keys that are given with =.")
        ended = condition.operator != "="
        name = terms.name(attribute.name)
        parts.append(_sort(field, name, attribute.kind, condition, terms))
    return " AND ".join(parts)


def _sort(field: str, name: str, kind: str, condition: SortCondition, terms: _Terms) -> str:
    first = terms.value(_typed(field, kind, condition.first))
    match condition.operator:
        case "between":
            second = terms.value(_typed(field, kind, condition.second))
            return f"{name} BETWEEN {first} AND {second}"
        case "begins_with":
            if kind == "N":
                raise FieldError(field, "A number has no beginning; compare it.")
            return f"begins_with({name}, {first})"
    return f"{name} {_known(field, condition.operator, SORT_OPERATORS)} {first}"


def _filter(question: Question, terms: _Terms) -> str:
    rows = [
        _filter_row(f"filter{position}", row, terms)
        for position, row in enumerate(question.filters)
    ]
    joined = (" OR " if question.any_filter else " AND ").join(rows)
    if not question.expression.strip():
        return joined
    own, names = with_placeholders(question.expression.strip(), terms.names)
    terms.names.update(names)
    return f"({joined}) AND ({own})" if joined else own


def _filter_row(field: str, row: FilterRow, terms: _Terms) -> str:
    if not row.attribute:
        raise FieldError(field, "Name the attribute, or remove the filter.")
    path = terms.path(row.attribute)
    operator = _known(field, row.operator, FILTER_OPERATORS)
    if operator in WITHOUT_VALUE:
        return f"{operator}({path})"
    if operator == "in":
        listed = ", ".join(map(terms.value, _listed(field, row)))
        return f"{path} IN ({listed})"
    if operator == "attribute_type":
        if row.first not in TYPES:
            raise FieldError(field, f"The types are {', '.join(sorted(TYPES))}.")
        return f"attribute_type({path}, {terms.value({'S': row.first})})"
    first = terms.value(_typed(field, row.kind, row.first))
    if operator == "between":
        return f"{path} BETWEEN {first} AND {terms.value(_typed(field, row.kind, row.second))}"
    if operator in COMPARISONS:
        return f"{path} {operator} {first}"
    if operator == "not contains":
        return f"NOT contains({path}, {first})"
    return f"{operator}({path}, {first})"


def _projection(question: Question, layout: Layout, terms: _Terms) -> dict[str, Any]:
    """What is shown; the key comes along, as without it no item could be opened."""
    if not question.projection.strip():
        return {}
    wanted = projection_of_names(question.projection.strip())
    members, _ = wanted.widened(layout.key_names(question.index))
    terms.names.update(members.pop("ExpressionAttributeNames", {}))
    return members


def _typed(field: str, kind: str, text: str) -> AttributeValue:
    try:
        return typed_value(kind, text)
    except UserError as error:
        raise FieldError(field, error.message) from None


def _listed(field: str, row: FilterRow) -> list[AttributeValue]:
    try:
        return typed_values(row.kind, row.first)
    except UserError as error:
        raise FieldError(field, error.message) from None


def _known(field: str, operator: str, operators: Iterable[str]) -> str:
    if operator not in operators:
        raise FieldError(field, f"There is no operator {operator} here.")
    return operator


def _values_of(question: Question) -> dict[str, AttributeValue]:
    text = question.values.strip().encode()
    if not text:
        return {}
    try:
        return dict(Converter().item(decode(text), text))
    except (UserError, ValueError, RecursionError) as error:
        raise FieldError("values", f'{error} Write for example: {{":low": 5}}') from None


def _names_of(question: Question) -> dict[str, str]:
    if not question.names.strip():
        return {}
    try:
        names = orjson.loads(question.names)
    except orjson.JSONDecodeError:
        names = None
    if not isinstance(names, dict) or not all(isinstance(each, str) for each in names.values()):
        raise FieldError("names", 'Write for example: {"#n": "name"}')
    return names
