"""Tags of tables.

| rule | evidence |
|---|---|
| at most 50 tags a table; a key once; a new value replaces the old | service model; text known |
| keys that begin with `aws:` are AWS's | service model; text inferred |
| no tag, or no key, in a request is an error of its own | known |
| a resource that is no table's ARN, or a table that is not there | known; captured |
| the answer has one page: NextToken is never given | 50 tags are few |

Any account and region are taken for this database's own, since its one region has many names to
those who connect.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from pannier.engine import table_messages
from pannier.engine.catalog import Table
from pannier.engine.table_status import require_idle
from pannier.errors import ResourceNotFoundException, ValidationException

if TYPE_CHECKING:
    from pannier.engine.database import Database

TAGS_MAX: Final = 50
_ARN_PARTS: Final = 6


def checked(tags: Iterable[Mapping[str, str]], current: Mapping[str, str]) -> dict[str, str]:
    """All tags of a table after some were added.

    Raises:
        ValidationException: a key is given twice or is AWS's, or there would be too many.
    """
    added: dict[str, str] = {}
    for tag in tags:
        if tag["Key"].lower().startswith("aws:"):
            raise ValidationException(table_messages.TAG_RESERVED)
        if tag["Key"] in added:
            raise ValidationException(table_messages.TAG_DUPLICATE.format(key=tag["Key"]))
        added[tag["Key"]] = tag["Value"]
    together = {**current, **added}
    if len(together) > TAGS_MAX:
        raise ValidationException(table_messages.TAGS_TOO_MANY)
    return together


def to_api(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as the API lists them, and as a table's record keeps them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def of_table(table: Table) -> dict[str, str]:
    """The tags of a table."""
    return {tag["Key"]: tag["Value"] for tag in table.record["tags"]}


def find(database: "Database", arn: str) -> Table:
    """The table that an ARN names.

    Raises:
        ValidationException: it is no table's ARN.
        ResourceNotFoundException: there is no such table.
    """
    parts = arn.split(":", _ARN_PARTS - 1)
    is_table = len(parts) == _ARN_PARTS and parts[0] == "arn" and parts[2] == "dynamodb"
    if not is_table or not parts[-1].startswith("table/") or parts[-1].count("/") != 1:
        raise ValidationException(table_messages.RESOURCE_ARN.format(arn=arn))
    table = database.catalog.find(arn)
    if table is None:
        raise ResourceNotFoundException(table_messages.resource_missing(arn))
    return table


def replace(database: "Database", table: Table, tags: Mapping[str, str]) -> None:
    """Give a table other tags.

    Raises:
        ResourceInUseException: the table is being created or updated.
    """
    require_idle(table, database.clock())
    table.record["tags"] = to_api(tags)
    group = database.store.new_group()
    database.catalog.save(table, group)
    database.write(group)
