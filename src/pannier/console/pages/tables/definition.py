"""A table that is to be made, as a form has it: what is wrong with it, and the request that makes it.

Problems are named by the field at which they are shown: `name`, `partition`, `sort`, `read`,
`write`, `indexes`, and `index0.name` and so on for what belongs to one index.
"""  # noqa: E501  # a summary is one line

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pannier.limits import (
    GLOBAL_INDEXES_MAX,
    LOCAL_INDEXES_MAX,
    PROJECTED_ATTRIBUTES_MAX,
    TABLE_NAME_LENGTH_MAX,
    TABLE_NAME_LENGTH_MIN,
)

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]*")
_KEY_NAME_BYTES_MAX: Final = 255  # service model: KeySchemaAttributeName
_LENGTHS: Final = f"{TABLE_NAME_LENGTH_MIN} to {TABLE_NAME_LENGTH_MAX} signs"


@dataclass(slots=True)
class KeyPart:
    """One attribute of a key; without a name there is none."""

    name: str = ""
    kind: str = "S"


@dataclass(slots=True)
class IndexDraft:
    """An index.

    Attributes:
        partition: of a global index; a local one has the table's.
        projection: `ALL`, `KEYS_ONLY` or `INCLUDE`.
        attributes: with `INCLUDE`, which ones, with commas between them.
    """

    name: str = ""
    is_global: bool = True
    partition: KeyPart = field(default_factory=KeyPart)
    sort: KeyPart = field(default_factory=KeyPart)
    projection: str = "ALL"
    attributes: str = ""

    @property
    def included(self) -> list[str]:
        """The names that `INCLUDE` adds."""
        names = [each.strip() for each in self.attributes.split(",")]
        return [each for each in names if each] if self.projection == "INCLUDE" else []


@dataclass(slots=True)
class TableDraft:
    """A table; `read` and `write` are units a second, as typed, of it and of each global index."""

    name: str = ""
    partition: KeyPart = field(default_factory=KeyPart)
    sort: KeyPart = field(default_factory=KeyPart)
    on_demand: bool = True
    read: str = "5"
    write: str = "5"
    protected: bool = False
    indexes: list[IndexDraft] = field(default_factory=list)

    def problems(self) -> dict[str, str]:
        """What is wrong, by field; empty if the table can be made."""
        found: dict[str, str] = {}
        for place, problem in self._problems():
            found.setdefault(place, problem)
        return found

    def request(self) -> dict[str, Any]:
        """The `CreateTable` request; sensible where there are no problems."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeySchema": _schema(self.partition, self.sort),
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": kind}
                for name, kind in self._kinds().items()
            ],
        }
        throughput: dict[str, Any] = {}
        if self.on_demand:
            request["BillingMode"] = "PAY_PER_REQUEST"
        else:
            units = {"ReadCapacityUnits": int(self.read), "WriteCapacityUnits": int(self.write)}
            throughput = {"ProvisionedThroughput": units}
            request |= {"BillingMode": "PROVISIONED"} | throughput
        for index in self.indexes:
            partition = index.partition if index.is_global else self.partition
            member = "GlobalSecondaryIndexes" if index.is_global else "LocalSecondaryIndexes"
            projection: dict[str, Any] = {"ProjectionType": index.projection}
            if index.included:
                projection["NonKeyAttributes"] = index.included
            made = {
                "IndexName": index.name,
                "KeySchema": _schema(partition, index.sort),
                "Projection": projection,
            }
            request.setdefault(member, []).append(made | (throughput if index.is_global else {}))
        if self.protected:
            request["DeletionProtectionEnabled"] = True
        return request

    def short_form(self) -> list[tuple[str, str | None]] | None:
        """The options of `pannier create-table` in its short form; None if that can't say it."""
        if self.protected or any(index.projection != "ALL" for index in self.indexes):
            return None
        names = [part.name for part in self._parts() if part.name]
        if any(set(name) & set(",:=") for name in names):
            return None
        options: list[tuple[str, str | None]] = [("--key", _short(self.partition, self.sort))]
        for index in self.indexes:
            if index.is_global:
                options.append(("--index", f"{index.name}={_short(index.partition, index.sort)}"))
            else:
                options.append(("--local-index", f"{index.name}={_short(index.sort)}"))
        if not self.on_demand:
            options.append(("--provisioned", f"{self.read},{self.write}"))
        return options

    def _parts(self) -> Iterator[KeyPart]:
        yield from (self.partition, self.sort)
        for index in self.indexes:
            if index.is_global:
                yield index.partition
            yield index.sort

    def _kinds(self) -> dict[str, str]:
        return {part.name: part.kind for part in self._parts() if part.name}

    def _problems(self) -> Iterator[tuple[str, str]]:
        yield from _of_name("name", self.name)
        yield from _of_key("partition", self.partition, needed=True)
        yield from _of_key("sort", self.sort, needed=False)
        if self.sort.name and self.sort.name == self.partition.name:
            yield "sort", "Another attribute than the partition key."
        if not self.on_demand:
            for place, units in (("read", self.read), ("write", self.write)):
                yield from units_problem(place, units)
        yield from self._of_indexes()
        yield from self._of_kinds()

    def _of_indexes(self) -> Iterator[tuple[str, str]]:
        names: set[str] = set()
        for position, index in enumerate(self.indexes):
            place = f"index{position}"
            yield from _of_name(f"{place}.name", index.name)
            if index.name in names:
                yield f"{place}.name", "Another index has this name."
            names.add(index.name)
            if index.is_global:
                yield from _of_key(f"{place}.partition", index.partition, needed=True)
            elif not self.sort.name:
                yield f"{place}.name", "A local index needs a table with a sort key."
            yield from _of_key(f"{place}.sort", index.sort, needed=not index.is_global)
            partition = index.partition if index.is_global else self.partition
            if index.sort.name and index.sort.name == partition.name:
                yield f"{place}.sort", "Another attribute than the partition key."
            if index.projection == "INCLUDE" and not index.included:
                yield f"{place}.attributes", "Name one or more, with commas between them."
        counts = [sum(index.is_global is kind for index in self.indexes) for kind in (True, False)]
        if counts[0] > GLOBAL_INDEXES_MAX:
            yield "indexes", f"At most {GLOBAL_INDEXES_MAX} global indexes."
        if counts[1] > LOCAL_INDEXES_MAX:
            yield "indexes", f"At most {LOCAL_INDEXES_MAX} local indexes."
        if sum(len(index.included) for index in self.indexes) > PROJECTED_ATTRIBUTES_MAX:
            yield "indexes", f"At most {PROJECTED_ATTRIBUTES_MAX} attributes over all indexes."

    def _of_kinds(self) -> Iterator[tuple[str, str]]:
        """One attribute has one type, wherever it is a key."""
        kinds: dict[str, str] = {}
        places = [("partition", self.partition), ("sort", self.sort)]
        for position, index in enumerate(self.indexes):
            if index.is_global:
                places.append((f"index{position}.partition", index.partition))
            places.append((f"index{position}.sort", index.sort))
        for place, part in places:
            if part.name and kinds.setdefault(part.name, part.kind) != part.kind:
                yield place, f"{part.name} is of type {kinds[part.name]} elsewhere."


def units_problem(place: str, text: str) -> Iterator[tuple[str, str]]:
    """What is wrong with capacity units that were typed."""
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        yield place, "A whole number, 1 or more."


def _of_name(place: str, name: str) -> Iterator[tuple[str, str]]:
    if not name:
        yield place, f"Needed: {_LENGTHS}."
    elif not _NAME.fullmatch(name):
        yield place, "Only letters, digits, and . _ -"
    elif not TABLE_NAME_LENGTH_MIN <= len(name) <= TABLE_NAME_LENGTH_MAX:
        yield place, f"It has {len(name)} signs; {_LENGTHS} are allowed."


def _of_key(place: str, part: KeyPart, *, needed: bool) -> Iterator[tuple[str, str]]:
    if needed and not part.name:
        yield place, "Needed."
    elif len(part.name.encode()) > _KEY_NAME_BYTES_MAX:
        yield place, f"At most {_KEY_NAME_BYTES_MAX} bytes."


def _schema(partition: KeyPart, sort: KeyPart) -> list[dict[str, str]]:
    schema = [{"AttributeName": partition.name, "KeyType": "HASH"}]
    if sort.name:
        schema.append({"AttributeName": sort.name, "KeyType": "RANGE"})
    return schema


def _short(*parts: KeyPart) -> str:
    return ",".join(f"{part.name}:{part.kind}" for part in parts if part.name)
