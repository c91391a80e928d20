"""What the page has to know of a table: its keys, and those of its indexes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pannier.errors import UserError
from pannier.model.key_schema import KeySchema

_INDEXES: Final = (("GlobalSecondaryIndexes", True), ("LocalSecondaryIndexes", False))


@dataclass(frozen=True, slots=True)
class Place:
    """A table or index that items are read from.

    Attributes:
        name: the index's; empty for the table.
        schema: its key.
        is_global: whether it is a global index, which has no consistent reads.
    """

    name: str
    schema: KeySchema
    is_global: bool = False

    @property
    def title(self) -> str:
        """How it is offered: `GSI1: GSI1PK, GSI1SK`."""
        keys = ", ".join(self.schema.names)
        kind = "global" if self.is_global else "local"
        return f"{self.name} ({kind}): {keys}" if self.name else f"The table: {keys}"


@dataclass(frozen=True, slots=True)
class Layout:
    """A table with its indexes.

    Attributes:
        table: its name.
        places: the table, under an empty name, and its indexes.
    """

    table: str
    places: Mapping[str, Place]

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> "Layout":
        """From a `TableDescription`."""
        definitions = description["AttributeDefinitions"]
        places = {"": Place("", KeySchema.from_api(description["KeySchema"], definitions))}
        for member, is_global in _INDEXES:
            for index in description.get(member) or ():
                schema = KeySchema.from_api(index["KeySchema"], definitions)
                places[index["IndexName"]] = Place(index["IndexName"], schema, is_global)
        return cls(str(description["TableName"]), places)

    @property
    def schema(self) -> KeySchema:
        """The table's key."""
        return self.places[""].schema

    def place(self, index: str) -> Place:
        """The table, or one of its indexes.

        Raises:
            UserError: there is no such index.
        """
        found = self.places.get(index)
        if found is None:
            raise UserError(f"{self.table} has no index {index}", "Choose one of those it has.")
        return found

    def key_names(self, index: str) -> tuple[str, ...]:
        """The attributes that tell where a read of the table or index goes on: keys of both."""
        return tuple(dict.fromkeys([*self.place(index).schema.names, *self.schema.names]))
