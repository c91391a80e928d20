"""A delete or an update that is done to every item that meets a condition.

The items are found by a scan with the condition as its filter. Then each is deleted or updated
under the same condition, so that an item that was changed meanwhile and does not meet it any more
is left alone: `attribute_exists(key) AND where`. The first half matters for conditions that a
missing item meets, such as `attribute_not_exists(x)`: an update would make it anew.

**Repeating.** A call that got no answer may have had its effect, and is sent again. A delete can be
repeated, and most updates: `SET a = :v` leaves the same item however often it is done. `SET a = a +
:one` does not, nor do `ADD` of a number, `list_append` to the list itself, and elements of lists
named by their index. Such an update is *guarded*: it also asks that the attributes it touches are
still what they were when the item was read. If it had its effect, they are not, and nothing happens
a second time, however late the first call arrives.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from pannier.batch.tables.reserved_names import with_placeholders
from pannier.expressions import Condition, Placeholders, Update, parse_condition, parse_update
from pannier.expressions.tokens import END, NAME_PLACEHOLDER, VALUE_PLACEHOLDER, tokenize
from pannier.expressions.tree import Action, Arithmetic, Call, NewValue, Path, Placeholder
from pannier.expressions.update_grammar import read_update
from pannier.model.attribute_value import AttributeValue, Item, type_of
from pannier.model.key_schema import KeySchema

ActionKind: TypeAlias = Literal["delete", "update"]

_OPERATION: Final[Mapping[ActionKind, str]] = {"delete": "DeleteItem", "update": "UpdateItem"}
_KEY: Final = "#pannier_key"
_GUARDED: Final = "pannier_guard_"


@dataclass(frozen=True, slots=True)
class Expressions:
    """What the user says.

    Attributes:
        where: a condition; reserved words may be written as they are.
        update: an UpdateExpression, likewise; empty for a delete.
        names: of placeholders.
        values: of placeholders, in the API's JSON form.
    """

    where: str
    update: str = ""
    names: Mapping[str, str] | None = None
    values: Mapping[str, AttributeValue] | None = None


class ConditionalAction:
    """What is done to every item of a table that meets a condition.

    Args:
        table: the table's name.
        schema: its key schema.
        expressions: which items, and what becomes of them.

    Attributes:
        kind: `delete` or `update`.
        is_guarded: whether it asks for more than the condition, because it can't be repeated.

    Raises:
        ServiceError: an expression is wrong, in the service's words.
    """

    def __init__(self, table: str, schema: KeySchema, expressions: Expressions) -> None:
        self.table = table
        self.schema = schema
        self.kind: ActionKind = "update" if expressions.update else "delete"
        where, names = with_placeholders(expressions.where, expressions.names or {})
        self._where = where
        self._update, self._names = with_placeholders(expressions.update, names)
        self._values = dict(expressions.values or {})
        self._condition, self._change = self._parsed()
        self.is_guarded = bool(self._update) and not _is_repeatable(
            read_update(self._update), self._names, self._values
        )
        self._touched = _roots_touched(self._change)

    @property
    def operation(self) -> str:
        """The operation of the API."""
        return _OPERATION[self.kind]

    def scan_request(self, *, consistent: bool) -> dict[str, Any]:
        """The scan that finds the items. Where they are guarded it reads them whole."""
        request: dict[str, Any] = {"TableName": self.table, "FilterExpression": self._where}
        request |= self._used(self._where)
        if not self.is_guarded:
            keys = {f"{_KEY}_{n}": name for n, name in enumerate(self.schema.names)}
            request["ProjectionExpression"] = ", ".join(keys)
            request["ExpressionAttributeNames"] = {
                **request.get("ExpressionAttributeNames", {}), **keys,
            }  # fmt: skip
        return request | ({"ConsistentRead": True} if consistent else {})

    def request(self, item: Item) -> dict[str, Any]:
        """The call for an item, as it was read."""
        condition = f"attribute_exists({_KEY}) AND {_in_parentheses(self._where)}"
        used = self._used(self._where, self._update)
        names = {**used.get("ExpressionAttributeNames", {}), _KEY: self.schema.names[0]}
        values = dict(used.get("ExpressionAttributeValues", {}))
        if self.is_guarded:
            for number, root in enumerate(sorted(self._touched)):
                name, value = f"#{_GUARDED}{number}", f":{_GUARDED}{number}"
                names[name] = root
                if root in item:
                    values[value] = item[root]
                    condition += f" AND {name} = {value}"
                else:
                    condition += f" AND attribute_not_exists({name})"
        request: dict[str, Any] = {
            "TableName": self.table,
            "Key": self.schema.key_of(item),
            "ConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ReturnConsumedCapacity": "INDEXES",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if values:
            request["ExpressionAttributeValues"] = values
        if self._update:
            request["UpdateExpression"] = self._update
        return request

    def matches(self, item: Item) -> bool:
        """Whether an item meets the condition."""
        return bool(self._condition.matches(item))

    def is_done_to(self, item: Item, before: Item) -> bool:
        """Whether an item is as the update leaves it.

        Args:
            item: as it is now.
            before: as it was read before the update was sent; only looked at if it is guarded.

        Raises:
            ServiceError: the update does not fit the item.
        """
        assert self._change is not None
        expected = self._change.apply(before if self.is_guarded else item).item
        return all(expected.get(root) == item.get(root) for root in self._touched)

    def _parsed(self) -> tuple[Condition, Update | None]:
        """The expressions, checked as the service would check them."""
        placeholders = Placeholders(self._names or None, self._values or None)
        placeholders.check(
            {
                "UpdateExpression": self._update or None,
                "FilterExpression": self._where,
                "ConditionExpression": self._where,
            }
        )
        change = None
        if self._update:
            change = parse_update(self._update, placeholders, self.schema.names)
        condition = parse_condition(self._where, placeholders, "FilterExpression")
        placeholders.check_unused()
        return condition, change

    def _used(self, *expressions: str) -> dict[str, Any]:
        """The names and values that expressions use: the API refuses others."""
        tokens = {token.text for each in expressions for token in tokenize(each)
                  if token.kind in (NAME_PLACEHOLDER, VALUE_PLACEHOLDER)}  # fmt: skip
        names = {name: self._names[name] for name in self._names if name in tokens}
        values = {name: self._values[name] for name in self._values if name in tokens}
        members: dict[str, Any] = {}
        if names:
            members["ExpressionAttributeNames"] = names
        if values:
            members["ExpressionAttributeValues"] = values
        return members


def _roots_touched(change: Update | None) -> frozenset[str]:
    return frozenset(str(path[0]) for path in change.touched_paths) if change else frozenset()


def _in_parentheses(condition: str) -> str:
    """A condition in parentheses, unless it is already: the API refuses two pairs for one."""
    depth = 0
    tokens = tokenize(condition)
    for position, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token.kind, 0)
        if token.kind == ")" and depth == 0 and tokens[0].kind == "(":
            if tokens[position + 1].kind == END:
                return condition
            break
    return f"({condition})"


def _is_repeatable(
    actions: Iterable[Action], names: Mapping[str, str], values: Mapping[str, AttributeValue]
) -> bool:
    """Whether an update leaves the same item however often it is done."""
    actions = list(actions)

    def root(path: Path) -> str:
        text = str(path.elements[0])
        return names.get(text, text)

    touched = {root(action.path) for action in actions}

    def reads_what_it_touches(value: NewValue | None) -> bool:
        match value:
            case Path():
                return root(value) in touched
            case Arithmetic(_, left, right):
                return reads_what_it_touches(left) or reads_what_it_touches(right)
            case Call(_, operands):
                return any(reads_what_it_touches(each) for each in operands)
        return False

    for action in actions:
        if any(isinstance(element, int) for element in action.path.elements):
            return False
        value = action.value
        match value:
            case Call("if_not_exists", (Path() as path, other)) if path == action.path:
                value = other  # the value itself stays as it is
        if reads_what_it_touches(value):
            return False
        if action.clause == "ADD" and isinstance(action.value, Placeholder):
            added = values.get(action.value.token)
            if added is None or type_of(added) == "N":
                return False
    return True
