"""The tables of a plan: as the target describes them, or as the command line does."""

import argparse
import json
from pathlib import Path
from typing import Any

from pannier.batch.calls import CallError
from pannier.cli.create_table import short_form
from pannier.cli.missing_table import create_line
from pannier.cost.table_shape import TableShape
from pannier.errors import UserError
from pannier.library.connection import Connection
from pannier.model.attribute_value import Item

_NOT_FOUND = "ResourceNotFoundException"


class PlannedTables:
    """Finds the shape of each table once.

    Args:
        connection: to the target.
        options: the command line.

    Attributes:
        shapes: those that were found, by name.
        there: names of those that the target has.
    """

    def __init__(self, connection: Connection, options: argparse.Namespace) -> None:
        self._connection = connection
        self._options = options
        self.shapes: dict[str, TableShape] = {}
        self.there: set[str] = set()

    def shape(self, name: str, sample: Item | None = None, *, is_key: bool = False) -> TableShape:
        """The shape of a table.

        Args:
            name: the table's name.
            sample: an item or a key for it, to guess what the table could look like.
            is_key: whether that is a key.

        Raises:
            UserError: the target has no such table, and nothing else says what it looks like.
        """
        if name not in self.shapes:
            self.shapes[name] = self._find(name, sample, is_key=is_key)
        return self.shapes[name]

    def _find(self, name: str, sample: Item | None, *, is_key: bool) -> TableShape:
        options = self._options
        given = _description(Path(options.description)) if options.description else None
        if given is not None and options.table != name and given.get("TableName", name) != name:
            given = None  # the input has several tables, and this is not the one
        if given is not None and "ItemCount" in given:
            return TableShape.of({**given, "TableName": name})
        try:
            described = self._connection.table(name).describe()
        except CallError as error:
            if error.code != _NOT_FOUND:
                raise UserError(
                    str(error), "With --description FILE the target need not describe its tables."
                ) from None
        else:
            self.there.add(name)
            return TableShape.of(described)
        if given is not None:
            return TableShape.of({**given, "TableName": name}, exists=False)
        if options.key:
            return TableShape.of({**short_form(options), "TableName": name}, exists=False)
        line = create_line(name, sample or {}, is_key=is_key)
        words = line.removeprefix(f"pannier create-table {name} ")
        raise UserError(
            f"there is no table {name} here",
            f"Say what it will look like, e.g. {words}; or make it with:\n  {line}",
        )


def _description(path: Path) -> dict[str, Any]:
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}") from None
    except ValueError:
        given = None
    if isinstance(given, dict):
        given = given.get("Table", given.get("TableDescription", given))
    if (
        not isinstance(given, dict)
        or "KeySchema" not in given
        or "AttributeDefinitions" not in given
    ):
        raise UserError(
            f"{path} does not describe a table",
            "Save one with: aws dynamodb describe-table --table-name NAME > FILE",
        )
    return given
