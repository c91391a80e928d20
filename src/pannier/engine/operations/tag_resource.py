"""TagResource: tags of a table, added or replaced. See `tags` for the rules."""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints, table_messages, tags
from pannier.errors import ValidationException

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> bytes:
    """Tag a table. The answer has no body."""
    constraints.check("TagResource", request)
    if not request["Tags"]:
        raise ValidationException(table_messages.TAGS_EMPTY)
    table = tags.find(database, request["ResourceArn"])
    tags.replace(database, table, tags.checked(request["Tags"], tags.of_table(table)))
    return b""
