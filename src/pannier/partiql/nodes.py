"""What a statement says, as plain values.

Expressions are PartiQL's, wider than what DynamoDB takes: which of them may stand where is decided
once the whole statement is known to be well formed, as in the service. Statements (`statements`)
and DynamoDB's own trees (`expressions.tree`) are made of these.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


class Place(NamedTuple):
    """Where a token stands, as texts name it: line and column from 1, and its length."""

    line: int
    column: int
    length: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name by itself: of an attribute, table or index."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A `*`: a whole select list, or a step of a path, behind a dot or in brackets."""

    place: Place
    in_brackets: bool = False


@dataclass(frozen=True, slots=True)
class PathNode:
    """A term and at least one step: `a.b`, `a['b']`, `a[0]`. A name after a dot is a `Name`."""

    root: "Node"
    steps: "tuple[Node, ...]"
    place: Place


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: `kind` is S, N, BOOL, NULL, MISSING or ION, `text` its content."""

    kind: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Parameter:
    """A `?`, and the how many-th it is."""

    position: int
    place: Place


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list: `[...]`, or several expressions in parentheses."""

    members: "tuple[Node, ...]"
    place: Place


@dataclass(frozen=True, slots=True)
class Bag:
    """A set: `<<...>>`."""

    members: "tuple[Node, ...]"
    place: Place


@dataclass(frozen=True, slots=True)
class Struct:
    """A map: `{'name': ...}`; names may be any expression until they are looked at."""

    fields: "tuple[tuple[Node, Node], ...]"
    place: Place


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function, its name in small letters, and its operands."""

    name: str
    operands: "tuple[Node, ...]"
    place: Place


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator in small letters and its operands; `and` and `or` may have more than two."""

    operator: str
    operands: "tuple[Node, ...]"
    place: Place


@dataclass(frozen=True, slots=True)
class TypeName:
    """The right side of `IS`, in capital letters."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Order:
    """One element of ORDER BY."""

    node: "Node"
    descending: bool


@dataclass(frozen=True, slots=True)
class SelectNode:
    """A SELECT.

    Attributes:
        items: the select list, of which a lone `Wildcard` is everything.
        source: what stands behind FROM.
        where: the condition, if there is one.
        order: the elements of ORDER BY.
        refused: the text for what is right as PartiQL but not for DynamoDB, if there is anything.
        place: of SELECT itself.
    """

    items: "tuple[Node, ...]"
    source: "Node"
    where: "Node | None"
    order: tuple[Order, ...]
    refused: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class SetNode:
    """`SET target = value`."""

    target: "Node"
    value: "Node"


@dataclass(frozen=True, slots=True)
class RemoveNode:
    """`REMOVE target`."""

    target: "Node"


@dataclass(frozen=True, slots=True)
class WriteNode:
    """An INSERT, UPDATE or DELETE.

    Attributes:
        verb: `INSERT`, `UPDATE` or `DELETE`.
        source: the table.
        value: what is inserted.
        changes: what is updated.
        where: the condition, if there is one.
        returning: `ALL OLD`, `MODIFIED NEW` …, if asked for.
        refused: as in `SelectNode`.
        place: of the verb.
    """

    verb: str
    source: "Node"
    value: "Node | None"
    changes: tuple[SetNode | RemoveNode, ...]
    where: "Node | None"
    returning: str | None
    refused: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class SchemaNode:
    """A CREATE or DROP, which DynamoDB does by other operations."""

    name: str
    place: Place


Node: TypeAlias = (
    Name
    | Wildcard
    | PathNode
    | Literal
    | Parameter
    | ListNode
    | Bag
    | Struct
    | FunctionCall
    | Operation
    | TypeName
    | SelectNode
    | WriteNode
    | SchemaNode
)


def kind_name(node: Node) -> str:
    """What texts call a kind of expression; those without captured text are inferred."""
    match node:
        case Name():
            return "VariableReference"
        case Literal(kind="MISSING"):
            return "LiteralMissing"
        case Parameter() | Literal():
            return type(node).__name__
        case PathNode():
            return "Path"
        case ListNode() | Bag():
            return "Seq"
        case Operation() | FunctionCall():
            return "NAry"
        case SchemaNode():
            return node.name
    return type(node).__name__.removesuffix("Node")
