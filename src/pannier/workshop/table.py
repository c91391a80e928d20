"""The table of the earlier chapters, made where it is missing."""

from typing import Final, Literal, TypeAlias

from pannier.errors import UserError
from pannier.library.connection import Connection
from pannier.workshop import earlier_chapters
from pannier.workshop.chapter import INDEX, TABLE

TableState: TypeAlias = Literal["made", "there already"]

_KEYS: Final = ["PK", "SK"]


def make_table(connection: Connection) -> TableState:
    """Make the table and fill it, unless it is there.

    Nothing here is a batch or is refused: what CloudWatch counts of those is the reader's own.

    Raises:
        UserError: there is one of that name with other keys or without the index.
    """
    if TABLE in connection.tables():
        description = connection.table(TABLE).describe()
        keys = [each["AttributeName"] for each in description["KeySchema"]]
        indexes = [each["IndexName"] for each in description.get("GlobalSecondaryIndexes", ())]
        if keys != _KEYS or INDEX not in indexes:
            raise UserError(
                f"the table {TABLE} that is there is not the workshop's: it needs the key PK and "
                f"SK, and the index {INDEX}",
                f"Delete it (pannier delete-table {TABLE}), then: pannier workshop start",
            )
        return "there already"
    connection.call("CreateTable", earlier_chapters.table_request())
    for item in earlier_chapters.items():
        connection.call("PutItem", {"TableName": TABLE, "Item": item})
    return "made"
