"""Statements as DynamoDB takes them: SELECT, INSERT, UPDATE, DELETE, and EXISTS of transactions.

`parse_statement` reads a text, once: what depends on nothing but the text is cached. Conditions and
values are bound when a request's parameters are known. Order of checks: grammar; what of PartiQL
DynamoDB has not; the number of parameters; values; the table (the caller's); its key.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from pannier.errors import ValidationException
from pannier.expressions.tree import Term
from pannier.expressions.update import Update
from pannier.limits import TABLE_NAME_LENGTH_MAX, TABLE_NAME_LENGTH_MIN
from pannier.model.attribute_value import AttributeValue, Item, check_value
from pannier.partiql import messages
from pannier.partiql.changes import bound_update
from pannier.partiql.conditions import bound_where
from pannier.partiql.literals import Literals
from pannier.partiql.nodes import (
    FunctionCall,
    Name,
    Node,
    Operation,
    Order,
    PathNode,
    SelectNode,
    Struct,
    Wildcard,
    WriteNode,
    kind_name,
)
from pannier.partiql.paths import SelectedPaths, path_of, selected_paths
from pannier.partiql.statement_grammar import read_statement

_CACHED_STATEMENTS_MAX: Final = 512
_TABLE_NAME: Final = re.compile(
    rf"[A-Za-z0-9_.-]{{{TABLE_NAME_LENGTH_MIN},{TABLE_NAME_LENGTH_MAX}}}|arn:.+"
)


@dataclass(frozen=True, slots=True)
class Select:
    """A SELECT. `order` names attributes; `paths` is None for whole items."""

    table: str
    index: str | None
    paths: SelectedPaths | None
    where: Term | None
    order: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT of an item, whose values are not checked yet."""

    table: str
    item: Item


@dataclass(frozen=True, slots=True)
class Change:
    """An UPDATE, or a DELETE if there is no `update`. `returning` is e.g. `ALL OLD`."""

    table: str
    where: Term | None
    update: Update | None
    returning: str | None


@dataclass(frozen=True, slots=True)
class Exists:
    """`EXISTS(SELECT ...)`: a condition of a transaction."""

    select: Select


Statement: TypeAlias = Select | Insert | Change | Exists


class Prepared:
    """A statement whose parameters are still open."""

    __slots__ = ("_node", "_parameter_count")

    def __init__(self, node: SelectNode | WriteNode | FunctionCall, parameter_count: int) -> None:
        self._node = node
        self._parameter_count = parameter_count

    @property
    def is_read(self) -> bool:
        """Whether it is a SELECT."""
        return isinstance(self._node, SelectNode)

    @property
    def verb(self) -> str:
        """`SELECT`, `INSERT`, `UPDATE`, `DELETE` or `EXISTS`."""
        if isinstance(self._node, WriteNode):
            return self._node.verb
        return "SELECT" if self.is_read else "EXISTS"

    @property
    def table(self) -> str:
        """The name or ARN of the table that it is about."""
        return _source(_inner(self._node).source)[0]

    def bind(self, parameters: Sequence[AttributeValue]) -> Statement:
        """The statement with its parameters.

        Args:
            parameters: one for each `?`; made canonical in place.

        Raises:
            ValidationException: they are too many or few, or something does not fit together.
        """
        if len(parameters) != self._parameter_count:
            raise ValidationException(messages.PARAMETER_COUNT)
        for parameter in parameters:
            check_value(parameter)
        literals = Literals(parameters)
        node = _inner(self._node)
        if isinstance(node, WriteNode):
            return _bound_write(node, literals)
        select = _bound_select(node, literals)
        return select if node is self._node else Exists(select)


@lru_cache(maxsize=_CACHED_STATEMENTS_MAX)
def parse_statement(text: str) -> Prepared:
    """Read a statement.

    Raises:
        ValidationException: it is no PartiQL, or none that DynamoDB takes.
    """
    node, parameter_count = read_statement(text)
    if isinstance(node, FunctionCall) and node.name == "exists":
        if len(node.operands) != 1 or not isinstance(node.operands[0], SelectNode):
            raise ValidationException(messages.function_unknown("exists"))
        _check_select(node.operands[0])
        return Prepared(node, parameter_count)
    if isinstance(node, SelectNode):
        _check_select(node)
    elif isinstance(node, WriteNode):
        _check_write(node)
    else:
        raise ValidationException(messages.unsupported_operation(kind_name(node)))
    return Prepared(node, parameter_count)


def _inner(node: SelectNode | WriteNode | FunctionCall) -> SelectNode | WriteNode:
    if not isinstance(node, FunctionCall):
        return node
    (select,) = node.operands
    assert isinstance(select, SelectNode)  # `parse_statement` has looked
    return select


def _check_select(node: SelectNode) -> None:
    if node.refused is not None:
        raise ValidationException(node.refused)
    _source(node.source)
    _paths(node)
    if node.order and node.where is None:
        raise ValidationException(messages.ORDER_WITHOUT_WHERE)


def _check_write(node: WriteNode) -> None:
    if node.refused is not None:
        raise ValidationException(node.refused)
    _, index = _source(node.source)
    if index is not None:
        is_insert = node.verb == "INSERT"
        raise ValidationException(messages.FROM_IN_WRITE if is_insert else messages.WRITE_TO_INDEX)
    if node.verb == "INSERT" and not isinstance(node.value, Struct):
        assert node.value is not None  # an INSERT has one
        raise ValidationException(messages.item_format(node.value.place))
    if node.verb == "DELETE" and node.returning not in (None, "ALL OLD"):
        raise ValidationException(messages.returning_of_delete(str(node.returning)))


def _source(node: Node) -> tuple[str, str | None]:
    """The table and index that a statement names."""
    if not isinstance(node, Name | PathNode):
        raise ValidationException(messages.FROM_SOURCE)
    path = path_of(node)
    if len(path) > 2:
        raise ValidationException(messages.FROM_PATH)
    table, *rest = (str(step) for step in path)
    if _TABLE_NAME.fullmatch(table) is None:
        raise ValidationException(messages.TABLE_NAME)
    return table, rest[0] if rest else None


def _paths(node: SelectNode) -> SelectedPaths | None:
    if isinstance(node.items[0], Wildcard):
        return None
    return selected_paths(tuple(path_of(item) for item in node.items))


def _bound_select(node: SelectNode, literals: Literals) -> Select:
    table, index = _source(node.source)
    where = bound_where(node.where, literals) if node.where is not None else None
    order = tuple(_ordered(order) for order in node.order)
    return Select(table, index, _paths(node), where, order)


def _ordered(order: Order) -> tuple[str, bool]:
    if not isinstance(order.node, Name):
        name = order.node.operator if isinstance(order.node, Operation) else kind_name(order.node)
        raise ValidationException(messages.order_name(name))
    return order.node.name, order.descending


def _bound_write(node: WriteNode, literals: Literals) -> Insert | Change:
    table, _ = _source(node.source)
    if node.value is not None:
        return Insert(table, literals.item(node.value))
    update = bound_update(node.changes, literals) if node.verb == "UPDATE" else None
    where = bound_where(node.where, literals) if node.where is not None else None
    return Change(table, where, update, node.returning)
