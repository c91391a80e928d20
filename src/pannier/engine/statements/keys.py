"""The key that a WHERE names: all of it by equality, for writes and for reads of one item.

Rules (DynamoDB Local; the first text is known from the service):

| WHERE | |
|---|---|
| has no equality of each key attribute, joined by AND | refused |
| wants two values of one key attribute | refused |
| has a value of another type than the key attribute's | refused |
| has anything else beside the key | that is a condition on the item |
"""

from dataclasses import dataclass

from pannier.errors import ValidationException
from pannier.expressions.tree import Comparison, Constant, Junction, Path, Term
from pannier.model.attribute_value import AttributeValue, Item, type_of
from pannier.model.key_schema import KeySchema
from pannier.partiql import messages


@dataclass(frozen=True, slots=True)
class WholeKey:
    """A key, and what else a WHERE wants of its item; None for nothing."""

    key: Item
    rest: Term | None


def conjuncts(term: Term | None) -> list[Term]:
    """The terms that must all hold, from left to right."""
    found = []
    pending = [term] if term is not None else []
    while pending:
        each = pending.pop()
        if isinstance(each, Junction) and each.operator == "AND":
            pending.extend(reversed(each.terms))
        else:
            found.append(each)
    return found


def joined(terms: list[Term]) -> Term | None:
    """The term that holds if all of these do; None for none."""
    if len(terms) < 2:
        return terms[0] if terms else None
    return Junction("AND", tuple(terms))


def equality(term: Term) -> tuple[str, AttributeValue] | None:
    """The top-level attribute and the value that a term wants to be equal, if it does just that."""
    if not isinstance(term, Comparison) or term.operator != "=":
        return None
    path, constant = term.left, term.right
    if isinstance(path, Constant):
        path, constant = constant, path
    if not isinstance(path, Path) or not isinstance(constant, Constant):
        return None
    name = path.elements[0]
    return (str(name), constant.value) if len(path.elements) == 1 else None


def whole_key(where: Term | None, schema: KeySchema) -> WholeKey | None:
    """The key that a condition names; None if it does not name all of it.

    Raises:
        ValidationException: it names an attribute twice, or with another type.
    """
    key: Item = {}
    rest = []
    for term in conjuncts(where):
        named = equality(term)
        if named is None or named[0] not in schema.names:
            rest.append(term)
            continue
        name, value = named
        if key.setdefault(name, value) != value:
            raise ValidationException(messages.key_twice(name))
    if len(key) != len(schema.names):
        return None
    check_types(key, schema)
    return WholeKey(key, joined(rest))


def check_types(values: Item, schema: KeySchema) -> None:
    """Check that values of key attributes have the schema's types.

    Raises:
        ValidationException: one has not; AWS names the first in the order of the key.
    """
    for name, kind in schema.attributes:
        if name in values and type_of(values[name]) != kind:
            raise ValidationException(messages.key_type(name))
