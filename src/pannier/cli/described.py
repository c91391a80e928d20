"""A table that a command is going to read: its description, or what to do without one."""

from typing import Any, Final

from pannier.batch.calls import CallError
from pannier.errors import UserError
from pannier.library.connection import Connection

_NOT_FOUND: Final = "ResourceNotFoundException"


def described(connection: Connection, table: str) -> dict[str, Any]:
    """The `TableDescription` of a table.

    Raises:
        UserError: there is no such table, or it can't be described.
    """
    try:
        description: dict[str, Any] = connection.call("DescribeTable", {"TableName": table})[
            "Table"
        ]
    except CallError as error:
        if error.code == _NOT_FOUND:
            raise UserError(
                f"there is no table {table} here",
                "List what there is with: pannier tables (--target names another place).",
            ) from None
        raise UserError(str(error), f"The table is {table}.") from None
    return description
