"""A condition of a filter expression, until its placeholders are given.

Conditions are made one by one, and it is seen at the end how many of them an expression has room
for; one that is left out must leave no placeholder behind, as DynamoDB refuses those without use.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import orjson

from pannier.expressions.grammar import EXPRESSION_LENGTH_MAX
from pannier.model.attribute_value import AttributeValue

# Fewer than the Developer Guide, "Expression parameters", says of the values: 2 MB.
_VALUES_BYTES_MAX: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Path:
    """An attribute, or a member of its map, and so on."""

    names: tuple[str, ...]


Part: TypeAlias = "str | Path | AttributeValue"
Condition: TypeAlias = Sequence[Part]


@dataclass(slots=True)
class Placeholders:
    """Names and values as an expression may have them.

    Attributes:
        names: `ExpressionAttributeNames`; those of the user, who gave some, are there before.
        values: `ExpressionAttributeValues`, likewise.
    """

    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, AttributeValue] = field(default_factory=dict)
    _of_names: dict[str, str] = field(default_factory=dict)

    def text(self, condition: Condition) -> str:
        """The text of a condition."""
        return "".join(self._part(part) for part in condition)

    def of_name(self, name: str) -> str:
        """The placeholder of a name."""
        known = self._of_names.get(name)
        if known is None:
            known = self._of_names[name] = _unused("#n", len(self.names), self.names)
            self.names[known] = name
        return known

    def of_value(self, value: AttributeValue) -> str:
        """The placeholder of a value."""
        known = next((each for each, meant in self.values.items() if meant == value), None)
        if known is None:
            known = _unused(":v", len(self.values), self.values)
            self.values[known] = value
        return known

    def members(self) -> dict[str, Any]:
        """The members of the request."""
        members = {
            "ExpressionAttributeNames": self.names,
            "ExpressionAttributeValues": self.values,
        }
        return {name: content for name, content in members.items() if content}

    def _part(self, part: Part) -> str:
        if isinstance(part, str):
            return part
        if isinstance(part, Path):
            return ".".join(map(self.of_name, part.names))
        return self.of_value(part)


def joined(
    conditions: Iterable[Condition], placeholders: Placeholders, length: int = 0
) -> str | None:
    """All conditions that there is room for, joined by AND; None if there are none.

    Args:
        conditions: those that say most first.
        placeholders: their names and values.
        length: what else is in the expression, in characters.
    """
    texts: list[str] = []
    values_bytes = 0
    for condition in conditions:
        size = values_bytes + sum(
            len(orjson.dumps(part)) for part in condition if isinstance(part, Mapping)
        )
        # Longer than it will be: a placeholder has five characters as a rule, and seven at most.
        most = length + sum(_length(part) for part in condition) + len(" AND ")
        if most > EXPRESSION_LENGTH_MAX or size > _VALUES_BYTES_MAX:
            continue
        text = placeholders.text(condition)
        if text not in texts:
            texts.append(text)
            length, values_bytes = length + len(text) + len(" AND "), size
    return " AND ".join(texts) or None


def _length(part: Part) -> int:
    if isinstance(part, str):
        return len(part)
    return 7 * len(part.names) if isinstance(part, Path) else 7


def _unused(sign: str, number: int, taken: Mapping[str, object]) -> str:
    while f"{sign}{number}" in taken:
        number += 1
    return f"{sign}{number}"
