"""INSERT, UPDATE and DELETE: statements as writes of one item.

| statement | writes |
|---|---|
| INSERT | an item that is not there yet, else `DuplicateItemException` |
| UPDATE | an item that is there (captured: it makes none), if the rest of WHERE holds |
| DELETE | an item, if the rest of WHERE holds; without a rest, one that is not there is no error |

RETURNING shows whole items, or the paths that the update names; nothing of which is there shows no
item at all (captured), and so does a statement without RETURNING.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pannier.engine import messages as engine_messages
from pannier.engine.catalog import Table
from pannier.engine.item_writes import ItemWrite, Test, Written
from pannier.engine.rows import row_key
from pannier.engine.statements.keys import WholeKey, check_types, whole_key
from pannier.engine.writing import ItemChange, delete_change, put_change
from pannier.errors import DuplicateItemException, ValidationException
from pannier.expressions import Condition, Update, project_paths
from pannier.expressions.tree import Term
from pannier.limits import ITEM_BYTES_MAX
from pannier.model.attribute_value import Item, check_item
from pannier.partiql import Change, Insert, messages

if TYPE_CHECKING:
    from pannier.engine.database import Database


@dataclass(frozen=True, slots=True)
class StatementWrite:
    """A statement's write, and what it shows: `ALL OLD` …, or None."""

    write: ItemWrite
    returning: str | None
    update: Update | None

    @property
    def wants_old(self) -> bool:
        """Whether it shows something of the item as it was."""
        return self.returning is not None and self.returning.endswith("OLD")

    def shown(self, written: Written) -> list[Item]:
        """The items that the answer has: one or none."""
        if self.returning is None:
            return []
        item = written.old_item if self.wants_old else written.change.item
        if item is not None and self.returning.startswith("MODIFIED") and self.update is not None:
            item = project_paths(item, self.update.touched_paths)
        return [item] if item else []


def compile_write(database: "Database", statement: Insert | Change) -> StatementWrite:
    """The write that a statement asks for.

    Raises:
        ServiceError: something in it does not fit its table.
    """
    table = database.catalog.table(statement.table)
    if isinstance(statement, Insert):
        return StatementWrite(_insert(table, statement.item), None, None)
    named = whole_key(statement.where, table.schema)
    if named is None:
        raise ValidationException(messages.WHERE_KEY)
    if statement.update is None:
        write = _delete(table, named)
    else:
        statement.update.check_key_names(table.schema.names)
        write = _update(table, named, statement.update)
    return StatementWrite(write, statement.returning, statement.update)


def _insert(table: Table, item: Item) -> ItemWrite:
    for name in table.schema.names:
        if name not in item:
            raise ValidationException(messages.key_missing(name))
    check_types(item, table.schema)
    put = put_change(table, item)

    def change(old_item: Item | None) -> ItemChange:
        if old_item is not None:
            raise DuplicateItemException(messages.DUPLICATE_ITEM)
        return put

    return ItemWrite(table, put.key, put.row_key, None, change, needs_old=True)


def _delete(table: Table, named: WholeKey) -> ItemWrite:
    delete = delete_change(table, named.key)
    condition = Condition(named.rest) if named.rest is not None else None
    return ItemWrite(table, delete.key, delete.row_key, condition, lambda _: delete)


def _update(table: Table, named: WholeKey, update: Update) -> ItemWrite:
    key = table.schema.exact_key(named.key)

    def change(old_item: Item | None) -> ItemChange:
        assert old_item is not None  # the condition has seen it
        item = update.apply(old_item).item
        size_bytes = check_item(item)
        if size_bytes > ITEM_BYTES_MAX:
            raise ValidationException(engine_messages.UPDATED_ITEM_SIZE)
        return ItemChange(table, key, item, size_bytes, is_put=True)

    return ItemWrite(
        table, key, row_key(table.space.prefix, key), _Exists(named.rest), change, needs_old=True
    )


class _Exists:
    """The condition that an item is there, and meets another if there is one."""

    __slots__ = ("_rest",)

    def __init__(self, rest: Term | None) -> None:
        self._rest: Test | None = Condition(rest) if rest is not None else None

    def matches(self, item: Item) -> bool:
        """Whether it does; an item that is not there has no attributes, not even a key."""
        return bool(item) and (self._rest is None or self._rest.matches(item))
