"""AttributeUpdates: what UpdateItem changes, before UpdateExpression.

| action | on what is there | evidence |
|---|---|---|
| PUT, the default | the value takes its place | DG |
| ADD | number + number; set with set of one type; list and list, one after the other | DG, Local |
| ADD on nothing | the value itself | DG |
| DELETE without value | goes | DG |
| DELETE with a set | set without members; an emptied set goes; nothing stays nothing | DG, Local |

Rules, attribute by attribute in the order of the request (Local):

1. a value is legal; only DELETE needs none; ADD takes N, L and sets, DELETE sets;
2. once the table is known: no attribute of the key;
3. on the item: a value of another type than ADD's or DELETE's is a type mismatch.

Where there is no item, updates that are all DELETE make none (Developer Guide: "Causes nothing to
happen"); an empty map makes one of the key alone (Local).
"""

from collections.abc import Sequence
from typing import Any, Final

from pannier.engine.legacy import messages
from pannier.engine.legacy.conditions import check_name
from pannier.errors import ValidationException
from pannier.expressions import Update, UpdateResult
from pannier.expressions import messages as expression_messages
from pannier.expressions.compare import SET_TYPES
from pannier.expressions.paths import path_tree
from pannier.expressions.tree import Action, Call, Constant, Path
from pannier.model.attribute_value import Item, check_value, type_of

_ADD_TYPES: Final = SET_TYPES | {"N", "L"}


class AttributeUpdates(Update):
    """Updates of attributes, ready to be applied to items.

    Attributes:
        makes_item: whether they make an item where there is none.
    """

    __slots__ = ("makes_item",)

    def __init__(self, actions: Sequence[Action], *, makes_item: bool) -> None:
        super().__init__(actions, path_tree(action.path.elements for action in actions))
        self.makes_item = makes_item

    def check_key_names(self, key_names: Sequence[str]) -> None:
        """Check that no attribute of the key is updated; AWS names the first of the request.

        Raises:
            ValidationException: one is.
        """
        for name, *_ in self.touched_paths:
            if name in key_names:
                raise ValidationException(expression_messages.key_updated(str(name)))

    def apply(self, item: Item) -> UpdateResult:
        """The item after the updates; the given one stays as it is.

        Raises:
            ValidationException: a value does not fit what is there.
        """
        try:
            return super().apply(item)
        except ValidationException as error:
            if error.message == expression_messages.OPERAND_TYPE_IN_UPDATE:
                raise ValidationException(messages.UPDATE_TYPE) from None
            raise


def compile_updates(request: dict[str, Any]) -> AttributeUpdates | None:
    """The updates of a request's `AttributeUpdates`, or None.

    Args:
        request: an UpdateItem, its constraints checked; values are made canonical in place.

    Raises:
        ValidationException: AWS's first complaint that needs no table.
    """
    updates: dict[str, dict[str, Any]] | None = request.get("AttributeUpdates")
    if updates is None:
        return None
    actions = [_action(name, update) for name, update in updates.items()]
    makes_item = not actions or any(each.get("Action") != "DELETE" for each in updates.values())
    return AttributeUpdates(actions, makes_item=makes_item)


def _action(name: str, update: dict[str, Any]) -> Action:
    check_name(name)
    path = Path((name,))
    value, kind = update.get("Value"), update.get("Action") or "PUT"
    if value is None:
        if kind != "DELETE":
            raise ValidationException(messages.VALUE_MISSING)
        return Action("REMOVE", path, None)
    check_value(value)
    value_type = type_of(value)
    if kind == "PUT":
        return Action("SET", path, Constant(value))
    if value_type not in (_ADD_TYPES if kind == "ADD" else SET_TYPES):
        raise ValidationException(messages.update_type(kind, value_type))
    if value_type == "L":
        there = Call("if_not_exists", (path, Constant({"L": []})))
        return Action("SET", path, Call("list_append", (there, Constant(value))))
    return Action(kind, path, Constant(value))
