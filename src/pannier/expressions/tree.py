"""What an expression says, as plain values.

A parsed tree depends on nothing but the text, so it is cached by text. Binding (`binding`) makes a
tree of the same classes in which `#names` are resolved and each `Placeholder` is a `Constant`.
Parentheses leave no trace: they only shape the tree.
"""

from dataclasses import dataclass
from typing import TypeAlias

from pannier.model.attribute_value import AttributeValue


@dataclass(frozen=True, slots=True)
class Path:
    """A document path: texts are map keys (`#x` until bound), integers are list indexes."""

    elements: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A `:value` as the text names it, colon included."""

    token: str


@dataclass(frozen=True, slots=True)
class Constant:
    """The value that a placeholder stands for."""

    value: AttributeValue


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its operands; `position` is where its name stands in the text."""

    function: str
    operands: "tuple[Operand, ...]"
    position: int = 0


Operand: TypeAlias = Path | Placeholder | Constant | Call


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator right`; the operator is one of `= <> < <= > >=`."""

    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Between:
    """`operand BETWEEN low AND high`."""

    operand: Operand
    low: Operand
    high: Operand


@dataclass(frozen=True, slots=True)
class Membership:
    """`operand IN (option, ...)`."""

    operand: Operand
    options: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """`NOT term`. Three in a row are one; two are kept, for the texts that name the operator."""

    term: "Term"


@dataclass(frozen=True, slots=True)
class Junction:
    """Two or more terms joined by `AND` or `OR`."""

    operator: str
    terms: "tuple[Term, ...]"


Term: TypeAlias = Comparison | Between | Membership | Not | Junction | Call


@dataclass(frozen=True, slots=True)
class ConditionTree:
    """A whole condition and the number of operators and functions in its text."""

    root: Term
    operator_count: int


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left + right` or `left - right`."""

    operator: str
    left: Operand
    right: Operand


NewValue: TypeAlias = Path | Placeholder | Constant | Call | Arithmetic


@dataclass(frozen=True, slots=True)
class Action:
    """One change of an update: `clause` is SET, REMOVE, ADD or DELETE; REMOVE has no value."""

    clause: str
    path: Path
    value: NewValue | None
