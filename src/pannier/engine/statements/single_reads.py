"""SELECT of one item by its key, as batches and transactions have it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pannier.engine.catalog import Table
from pannier.engine.rows import row_item, row_key
from pannier.engine.statements.keys import whole_key
from pannier.errors import ValidationException
from pannier.model.attribute_value import Item
from pannier.partiql import Select
from pannier.partiql.paths import SelectedPaths

if TYPE_CHECKING:
    from pannier.engine.database import Database


@dataclass(frozen=True, slots=True)
class SingleRead:
    """A read of one item, checked against its table."""

    table: Table
    row_key: bytes
    paths: SelectedPaths | None

    def shown(self, row: bytes) -> Item:
        """What the statement shows of the item's row."""
        item = row_item(row)
        return self.paths.apply(item) if self.paths is not None else item


def compile_read(database: "Database", select: Select, key_text: str) -> SingleRead:
    """The read that a statement asks for.

    Args:
        database: has the table.
        select: the statement.
        key_text: the error's text if the statement names anything but one whole key.

    Raises:
        ServiceError: the statement does not fit its table.
    """
    table = database.catalog.table(select.table)
    named = whole_key(select.where, table.schema) if select.index is None else None
    if named is None or named.rest is not None:
        raise ValidationException(key_text)
    key = table.schema.exact_key(named.key)
    return SingleRead(table, row_key(table.space.prefix, key), select.paths)
