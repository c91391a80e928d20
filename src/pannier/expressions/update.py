"""UpdateExpression: from an item to the item after.

Rules, in AWS's order (DynamoDB Local; the Developer Guide on what clauses do):

1. the text itself (`update_grammar`);
2. the paths of all actions, from the last to the first: names, length, overlaps;
3. the values of all actions, from the last to the first: `binding`'s checks;
4. placeholders that the request does not use: the caller's check, hence `check_key_names` apart;
5. no path may touch a key attribute;
6. on the item: every value is computed from the item as it was; a path's parent must exist and be
   a map or list as the path says; a value must exist and have the right type.

List elements are set, appended (beyond the end, in the order of their indexes) and removed by the
indexes they had before. A set of which nothing is left is removed.

In which order actions are tried on the item is seen only where two of them fail; Pannier tries ADD
and DELETE, then SET, each from the last to the first, then REMOVE, as Local does most often.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from pannier.errors import ValidationException
from pannier.expressions import messages
from pannier.expressions.binding import bind_operand, bind_path, check_type
from pannier.expressions.change import compile_change
from pannier.expressions.expression_error import ExpressionError
from pannier.expressions.grammar import checked_length
from pannier.expressions.messages import BoundPath
from pannier.expressions.paths import PathTree, insert
from pannier.expressions.placeholders import Placeholders
from pannier.expressions.rebuild import New, check_parent, rebuilt
from pannier.expressions.tree import Action, Arithmetic, Constant, NewValue, Path
from pannier.expressions.update_grammar import read_update
from pannier.model.attribute_value import Item, type_of

_KIND: Final = "UpdateExpression"
_CLAUSE_TYPES: Final = {
    "ADD": frozenset({"N", "SS", "NS", "BS"}),
    "DELETE": frozenset({"SS", "NS", "BS"}),
}
_NUMBER: Final = frozenset({"N"})


class UpdateResult(NamedTuple):
    """The item after an update, and the path of each action in the order of the text."""

    item: Item
    touched_paths: tuple[BoundPath, ...]


class Update:
    """An update, ready to be applied to items."""

    __slots__ = ("_changes", "_tree", "touched_paths")

    def __init__(self, actions: Sequence[Action], tree: PathTree) -> None:
        self.touched_paths = tuple(action.path.elements for action in actions)
        self._tree = tree
        self._changes = [(each.path.elements, compile_change(each)) for each in _tried(actions)]

    def check_key_names(self, key_names: Sequence[str]) -> None:
        """Check that the update touches no attribute of the key.

        AWS does so after it has looked for unused placeholders.

        Args:
            key_names: the key's attributes, partition first; AWS names the first that is touched.

        Raises:
            ValidationException: it does.
        """
        for name in key_names:
            if name in self._tree:
                raise ValidationException(messages.key_updated(name))

    def apply(self, item: Item) -> UpdateResult:
        """The item after the update; the given one stays as it is, and they share what is alike.

        Raises:
            ValidationException: a path or value does not fit the item.
        """
        for path, _ in self._changes:
            check_parent(item, path)
        new: New = {path: change(item) for path, change in self._changes}
        return UpdateResult(rebuilt(item, self._tree, new), self.touched_paths)


def parse_update(text: str, placeholders: Placeholders, key_names: Sequence[str] = ()) -> Update:
    """Read an UpdateExpression.

    Args:
        text: the expression.
        placeholders: names and values of the request.
        key_names: the table's key attributes; or none, and `check_key_names` later.

    Raises:
        ValidationException: AWS's first complaint about it.
    """
    try:
        checked_length(text, messages.SIZE)
        actions = read_update(text)
        tree: PathTree = {}
        paths = []
        for action in reversed(actions):
            paths.append(bind_path(action.path, placeholders))
            insert(tree, paths[-1])
        bound = [
            Action(action.clause, Path(path), _bind_value(action, placeholders))
            for action, path in zip(reversed(actions), paths, strict=True)
        ]
    except ExpressionError as error:
        raise error.as_validation(_KIND) from None
    update = Update(bound[::-1], tree)
    update.check_key_names(key_names)
    return update


def _bind_value(action: Action, placeholders: Placeholders) -> NewValue | None:
    value = action.value
    if value is None:
        return None
    if isinstance(value, Arithmetic):
        left = bind_operand(value.left, placeholders)
        right = bind_operand(value.right, placeholders)
        check_type(value.operator, left, _NUMBER)
        check_type(value.operator, right, _NUMBER)
        return Arithmetic(value.operator, left, right)
    bound = bind_operand(value, placeholders)
    if action.clause in _CLAUSE_TYPES and isinstance(bound, Constant):
        kind = type_of(bound.value)
        if kind not in _CLAUSE_TYPES[action.clause]:
            raise ExpressionError(messages.clause_operand_type(action.clause, kind))
    return bound


def _tried(actions: Sequence[Action]) -> list[Action]:
    """The actions in the order in which they are tried on an item."""
    return [
        *(action for action in reversed(actions) if action.clause in _CLAUSE_TYPES),
        *(action for action in reversed(actions) if action.clause == "SET"),
        *(action for action in actions if action.clause == "REMOVE"),
    ]
