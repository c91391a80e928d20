"""Constants of a statement -> attribute values (Developer Guide, "PartiQL data types").

| PartiQL | DynamoDB |
|---|---|
| `'text'`, numbers, `true`, `null` | S, N, BOOL, NULL |
| `[...]`, `{'name': ...}`, `<<...>>` | L, M, SS or NS |
| `?` | the parameter, of any type |

Every use makes a new value: a value is made canonical in place and may become part of an item.
"""

import copy
from collections.abc import Sequence

from pannier.errors import ValidationException
from pannier.model.attribute_value import AttributeValue, check_value, type_of
from pannier.partiql import messages
from pannier.partiql.nodes import (
    Bag,
    FunctionCall,
    ListNode,
    Literal,
    Name,
    Node,
    Operation,
    Parameter,
    PathNode,
    Place,
    Struct,
    kind_name,
)

_ROOT = "root"
_SET_TYPES = frozenset({"S", "N", "B"})


class Literals:
    """The constants of one statement with its parameters."""

    __slots__ = ("_parameters",)

    def __init__(self, parameters: Sequence[AttributeValue]) -> None:
        self._parameters = parameters

    def value(self, node: Node) -> AttributeValue:
        """The checked value of a node.

        Raises:
            ValidationException: it is no constant, or none that DynamoDB takes.
        """
        value = self._value(node, _ROOT)
        check_value(value)
        return value

    def item(self, node: Node) -> dict[str, AttributeValue]:
        """The attributes of the tuple that an INSERT has; their values are not checked yet.

        Raises:
            ValidationException: it is no tuple, or an attribute is no constant.
        """
        if not isinstance(node, Struct):
            raise ValidationException(messages.item_format(node.place))
        return self._fields(node, _ROOT, is_item=True)

    def _value(self, node: Node, key: str) -> AttributeValue:
        if isinstance(node, Parameter):
            return copy.deepcopy(self._parameters[node.position])
        if isinstance(node, Literal):
            return _constant(node, key)
        if isinstance(node, ListNode):
            members = enumerate(node.members)
            return {"L": [self._value(member, f"{key}.{at}") for at, member in members]}
        if isinstance(node, Struct):
            return {"M": self._fields(node, key, is_item=False)}
        if isinstance(node, Bag):
            return self._set(node)
        raise ValidationException(messages.value_type(*_refused(node, key)))

    def _fields(self, node: Struct, key: str, *, is_item: bool) -> dict[str, AttributeValue]:
        members: dict[str, AttributeValue] = {}
        for name_node, value_node in node.fields:
            place = name_node.place
            if not isinstance(name_node, Literal) or name_node.kind != "S":
                kind = kind_name(name_node)
                raise ValidationException(messages.tuple_key(kind, key, place))
            name = name_node.text
            if name in members:
                place = place if is_item else node.place
                raise ValidationException(messages.tuple_duplicate(name, key, place))
            members[name] = self._value(value_node, key if is_item else f"{key}.{name}")
        return members

    def _set(self, node: Bag) -> AttributeValue:
        if not node.members:
            raise ValidationException(messages.bag_empty(node.place))
        kinds = set()
        members = []
        for member in node.members:
            if not isinstance(member, Literal | Parameter):
                raise ValidationException(messages.bag_member(member.place))
            value = self._value(member, _ROOT)
            kind = type_of(value)
            if kind not in _SET_TYPES:
                raise ValidationException(messages.bag_member(member.place))
            check_value(value)
            kinds.add(kind)
            members.append(value[kind])
        if len(kinds) > 1:
            raise ValidationException(messages.BAG_TYPES)
        if len(set(members)) != len(members):
            raise ValidationException(messages.BAG_DUPLICATES)
        return {f"{kinds.pop()}S": members}


def _constant(node: Literal, key: str) -> AttributeValue:
    match node.kind:
        case "S" | "N":
            return {node.kind: node.text}
        case "BOOL":
            return {"BOOL": bool(node.text)}
        case "NULL":
            return {"NULL": True}
        case "ION":
            raise ValidationException(messages.ion(_ion_kind(node.text), key, node.place))
    raise ValidationException(messages.value_type(*_refused(node, key)))


def _refused(node: Node, key: str) -> tuple[str, str, Place | None]:
    """What is refused as a value, as texts name it: an attribute's own value in its own words."""
    is_nested = key != _ROOT
    match node:
        case Operation():
            name = node.operator
        case FunctionCall():
            name = node.name
        case PathNode():
            return "PATH", key, None
        case Name() if not is_nested:
            name = node.name
        case Literal() if not is_nested:
            name = node.kind
        case _:
            name = kind_name(node)
    return name, key, node.place


def _ion_kind(text: str) -> str:
    """The type of the simpler Ion literals; others are taken for symbols (inferred)."""
    text = text.strip()
    if text.startswith('"'):
        return "STRING"
    if text.lstrip("-").isdecimal():
        return "INT"
    return "DECIMAL" if text.lstrip("-").replace(".", "", 1).isdecimal() else "SYMBOL"
