"""ListTagsOfResource: all tags of a table, in one page."""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints, table_messages, tags
from pannier.errors import ValidationException

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """List a table's tags."""
    constraints.check("ListTagsOfResource", request)
    table = tags.find(database, request["ResourceArn"])
    if request.get("NextToken") is not None:
        raise ValidationException(table_messages.NEXT_TOKEN)
    return {"Tags": tags.to_api(tags.of_table(table))}
