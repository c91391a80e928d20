"""The tree of an expression."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotes."""

    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """The id of a query, or a word that a function takes, as REPEAT."""

    name: str


@dataclass(frozen=True, slots=True)
class Array:
    """Several in brackets."""

    members: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments."""

    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Minus:
    """What is negated."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and what is between them."""

    operator: str
    left: "Node"
    right: "Node"


Node: TypeAlias = Number | Text | Name | Array | Call | Minus | Binary
