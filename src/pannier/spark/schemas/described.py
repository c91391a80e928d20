"""The table, or the index of it, that is read: its key, its size, what is in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pannier.batch.calls import CallError
from pannier.batch.pages.extent import Extent, extent_of
from pannier.errors import UserError
from pannier.library.connection import Connection
from pannier.model.key_schema import KeySchema

_INDEXES = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")


@dataclass(frozen=True, slots=True)
class Described:
    """What is read.

    Attributes:
        key: of the table, or of the index.
        key_names: of both, without those that come twice.
        extent: how large it is.
        projected: the attributes that a global index has; None for all.
    """

    key: KeySchema
    key_names: tuple[str, ...]
    extent: Extent
    projected: frozenset[str] | None

    @classmethod
    def of(cls, connection: Connection, table: str, index: str | None) -> Self:
        """Ask what a table is.

        Raises:
            UserError: there is no such table or index.
        """
        description = table_description(connection, table)
        extent = extent_of(description, index)  # says which indexes there are
        definitions = description["AttributeDefinitions"]
        own = KeySchema.from_api(description["KeySchema"], definitions)
        if index is None:
            return cls(own, own.names, extent, None)
        found = _index(description, index)
        key = KeySchema.from_api(found["KeySchema"], definitions)
        names = tuple(dict.fromkeys(own.names + key.names))
        projection = found.get("Projection") or {}
        if not extent.is_global or projection.get("ProjectionType", "ALL") == "ALL":
            return cls(key, names, extent, None)
        projected = frozenset(names) | frozenset(projection.get("NonKeyAttributes") or ())
        return cls(key, names, extent, projected)


def table_description(connection: Connection, table: str) -> Mapping[str, Any]:
    """The `TableDescription` of the API.

    Raises:
        UserError: there is no such table.
    """
    try:
        answer = connection.call("DescribeTable", {"TableName": table})
    except CallError as error:
        if error.code != "ResourceNotFoundException":
            raise
        raise UserError(
            f"there is no table {table} at {connection.target.name}",
            "Check its name, and the options target and region.",
        ) from None
    found: Mapping[str, Any] = answer["Table"]
    return found


def _index(description: Mapping[str, Any], index: str) -> Mapping[str, Any]:
    indexes = [each for kind in _INDEXES for each in description.get(kind) or ()]
    return next(each for each in indexes if each["IndexName"] == index)
