"""UntagResource: tags of a table, removed; one that is not there is no error."""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints, table_messages, tags
from pannier.errors import ValidationException

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> bytes:
    """Untag a table. The answer has no body."""
    constraints.check("UntagResource", request)
    keys = request["TagKeys"]
    if not keys:
        raise ValidationException(table_messages.TAG_KEYS_EMPTY)
    table = tags.find(database, request["ResourceArn"])
    kept = {key: value for key, value in tags.of_table(table).items() if key not in keys}
    tags.replace(database, table, kept)
    return b""
