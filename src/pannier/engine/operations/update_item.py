"""UpdateItem: some attributes of one item; makes the item where there is none.

Order of checks: types and constraints; update, condition, and their placeholders; values;
AttributeUpdates, Expected; the table; no key attribute is updated; the key; the condition; the
update on the item as it is; the size of what comes out.

`UPDATED_OLD` and `UPDATED_NEW` show the updated paths, as they were and as they are.
"""

from typing import TYPE_CHECKING, Any, Final

from pannier.engine import constraints, messages
from pannier.engine.catalog import Table
from pannier.engine.item_writes import (
    ItemWrite,
    Test,
    compile_condition,
    enveloped,
    request_placeholders,
    write_one,
)
from pannier.engine.legacy import (
    AttributeUpdates,
    check_mixing,
    compile_expected,
    compile_updates,
)
from pannier.engine.rows import row_key
from pannier.engine.writing import ItemChange
from pannier.errors import ValidationException
from pannier.expressions import Update, parse_update, project_paths
from pannier.limits import ITEM_BYTES_MAX
from pannier.model.attribute_value import Item, check_item
from pannier.model.key_schema import KeyBytes

if TYPE_CHECKING:
    from pannier.engine.database import Database

_SHOWS_PATHS: Final = ("UPDATED_OLD", "UPDATED_NEW")


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Update an item."""
    constraints.check("UpdateItem", request)
    with enveloped():
        update, write = _compiled(database, request, takes_older=True)
    shows: str = request.get("ReturnValues", "NONE")
    written, answer = write_one(database, write, request, wants_old=shows.endswith("_OLD"))
    item = written.old_item if shows.endswith("_OLD") else written.change.item
    if shows != "NONE" and item is not None:
        if shows in _SHOWS_PATHS:
            item = project_paths(item, update.touched_paths) if update is not None else {}
        if item:
            answer["Attributes"] = item
    return answer


def compile_write(database: "Database", request: dict[str, Any]) -> ItemWrite:
    """The write that a part of a transaction asks for, which looks like a request.

    Raises:
        ServiceError: something in it is wrong.
    """
    return _compiled(database, request, takes_older=False)[1]


def _compiled(
    database: "Database", request: dict[str, Any], *, takes_older: bool
) -> tuple[Update | None, ItemWrite]:
    if takes_older:
        check_mixing("UpdateItem", request)
    placeholders = request_placeholders(request, "UpdateExpression", "ConditionExpression")
    text = request.get("UpdateExpression")
    update = parse_update(text, placeholders) if text is not None else None
    condition = compile_condition(request, placeholders)
    placeholders.check_unused()
    check_item(request["Key"])
    if takes_older:
        update = update or compile_updates(request)
        condition = condition or compile_expected(request)
    table = database.catalog.table(request["TableName"])
    if update is not None:
        update.check_key_names(table.schema.names)
    return update, _write(table, request["Key"], update, condition)


def _write(table: Table, key: Item, update: Update | None, condition: Test | None) -> ItemWrite:
    key_bytes: KeyBytes = table.schema.exact_key(key)

    def change(old_item: Item | None) -> ItemChange:
        if old_item is None and isinstance(update, AttributeUpdates) and not update.makes_item:
            return ItemChange(table, key_bytes, key, 0, is_put=False)
        item = dict(key) if old_item is None else old_item
        if update is not None:
            item = update.apply(item).item
        size_bytes = check_item(item)
        if size_bytes > ITEM_BYTES_MAX:
            raise ValidationException(messages.UPDATED_ITEM_SIZE)
        return ItemChange(table, key_bytes, item, size_bytes, is_put=True)

    return ItemWrite(
        table, key_bytes, row_key(table.space.prefix, key_bytes), condition, change, needs_old=True
    )
