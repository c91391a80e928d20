"""JSON documents: whatever the API, `aws` and their companions write as one piece of JSON.

| a document | becomes |
|---|---|
| `{"TABLE": [{"PutRequest": ...}, {"DeleteRequest": ...}]}` | these, in order |
| the same inside `{"RequestItems": ...}` | the same |
| `[...]` of items or requests | a put for each item |
| `{"Items": [...], "Count": ...}`: a page of Scan or Query | a put for each item |
| `{"Responses": {"TABLE": [...]}}`: an answer of BatchGetItem | a put for each, into that table |
| `{"DataModel": [{"TableName": ..., "TableData": [...]}]}`: NoSQL Workbench | a put for each |
| any other object | one item |

Several documents may follow one another. Lists are read element by element, so a document may have
any size. An element that is no JSON is one failure; where brackets or quotes are missing,
everything before the damage is read.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from pannier.batch.operation import Origin
from pannier.batch.report import Failure
from pannier.files.inputs import Input
from pannier.files.json_lists import BadValue, elements
from pannier.files.json_records import PAGE, Records, is_many, no_request
from pannier.files.json_scanner import JsonStructureError, Scanner
from pannier.files.json_text import decode, explain, place_in
from pannier.files.opening import FileError
from pannier.files.source import ReadOptions, Source, damage, unread
from pannier.limits import KIB, MIB

_LIST, _OBJECT = ord("["), ord("{")
_AHEAD_BYTES: Final = 64 * KIB
# What stands around the tables of a model.
_MODEL: Final = frozenset({"DataModel", "ModelName", "ModelMetadata"})
_REQUEST_BEGINS: Final = re.compile(rb'\[\s*\{\s*"(?:PutRequest|DeleteRequest)"\s*:\s*\{')
# An object that may be an item is looked at as a whole up to here: twice what an item can be.
_LOOKED_AT_BYTES: Final = 4 * MIB
_CONTAINERS: Final = PAGE | _MODEL | {"RequestItems"}


def read(file: Input, options: ReadOptions) -> Source:
    """The operations in a file of JSON documents.

    Raises:
        FileError: it is empty or no JSON from its beginning, or holds items and no table is named.
    """
    records = Records(file.shown, options.table, options.form)
    yield from Documents(file.blocks(), records, options.table).read(first=True)


class Documents:
    """The documents of one file.

    Args:
        blocks: its bytes.
        records: turns values into operations.
        table: where items go that name no table.
        line: the line on which the bytes begin.
    """

    def __init__(
        self, blocks: Iterator[bytes], records: Records, table: str | None, line: int = 1
    ) -> None:
        self._scanner = Scanner(blocks, line)
        self._records = records
        self._source = records.source
        self._table = table

    def read(self, *, first: bool = False) -> Source:
        """The operations in all documents.

        Args:
            first: whether this is the beginning of a file, so that there is nothing good before.
        """
        scanner = self._scanner
        if first and scanner.peek() is None and not scanner.damage:
            raise FileError(f"{self._source} is empty", "Write a JSON document into it.")
        while (character := scanner.peek()) is not None:
            if character == ord(","):  # documents torn out of a list
                scanner.take(",")
                continue
            line = scanner.line
            try:
                for element in self._document(character, line, first=first):
                    first = False
                    yield element
            except JsonStructureError as error:
                if scanner.damage:  # which explains it
                    break
                if first:
                    raise FileError(
                        f"{self._source}, {error.reason}", f"Near: {scanner.near}"
                    ) from None
                here = Origin(self._source, scanner.line, "line")
                yield damage(self._table, error.reason, here)
                scanner.drop_rest()
            first = False
        if scanner.damage:
            yield damage(self._table, scanner.damage, Origin(self._source, scanner.line, "line"))

    def _document(self, character: int, line: int, *, first: bool) -> Source:
        scanner = self._scanner
        if character == _LIST:
            yield from self._list(line, first=first)
            return
        begins = self._beginning() if character == _OBJECT else ""
        text = None if begins == "request" else scanner.whole(_LOOKED_AT_BYTES)
        if text is None and not begins:
            text = scanner.whole()
            if text is None:
                raise self._endless(character)
        if text is not None:
            try:
                value = decode(text)
            except (ValueError, RecursionError) as error:
                if not begins:
                    yield self._broken(text, error, line, first=first)
                    return
            else:
                if not is_many(value, self._table):
                    if first and self._table is None:
                        raise no_request(value, self._source)
                    scanner.go_past(text)
                    origin = Origin(self._source, line, "line")
                    yield self._records.of_value(value, origin, None, text)
                    return
        yield from self._many(line)

    def _broken(self, text: bytes, error: Exception, line: int, *, first: bool) -> Failure:
        """A document that is no JSON inside, and too small to hold anything."""
        lines, column = place_in(text, error)
        if first:
            start = self._scanner.place
            if lines:
                start = f"line {line + lines}, column {column + 1}"
            else:
                at = int(start.rpartition(" ")[2]) + column
                start = f"line {line}, column {at}"
            raise FileError(
                f"{self._source}, {start}: {explain(error)}", f"Near: {self._scanner.near}"
            )
        self._scanner.go_past(text)
        origin = Origin(self._source, line, "line", line + lines)
        return unread(self._table, text.decode("utf-8", "replace"), explain(error), origin)

    def _endless(self, character: int) -> JsonStructureError:
        """What is wrong with a document that does not end, or not soon enough."""
        scanner = self._scanner
        if character == _OBJECT:
            for _ in scanner.members():  # which says better where it is
                scanner.skip_value()
            return JsonStructureError(f"{scanner.place}: this is too large for an item or request")
        return scanner.wrong("a quote or bracket is never closed")

    # What a document is

    def _beginning(self) -> str:
        """What an object is by its beginning: surely a `request`, likely `many`, or unknown."""
        ahead = Scanner(iter((self._scanner.ahead(_AHEAD_BYTES),)))
        try:
            name = next(ahead.members(), "")
            if ahead.peek() == _LIST:
                return "request" if _REQUEST_BEGINS.match(ahead.ahead(_AHEAD_BYTES)) else "many"
        except JsonStructureError:
            return ""
        return "many" if name in _CONTAINERS else ""

    # What holds many

    def _list(self, line: int, *, first: bool) -> Source:
        for origin, value, text, at in self._elements(0, line):
            if first and self._table is None and not isinstance(value, BadValue):
                raise no_request([value], self._source)
            yield self._records.of_value(value, origin, None, text, at)

    def _many(self, line: int) -> Source:
        position = 0
        scanner = self._scanner
        for name in scanner.members():
            character = scanner.peek()
            if name == "RequestItems" and character == _OBJECT:
                for table in scanner.members():
                    for element in self._requests(table, position, line):
                        position += 1
                        yield element
            elif name == "Responses" and character == _OBJECT:
                for table in scanner.members():
                    for element in self._items(table, position, line):
                        position += 1
                        yield element
            elif name == "DataModel" and character == _LIST:
                yield from self._models()
            elif name == "Items" and character == _LIST:
                yield from self._items(None, position, line)
            elif character == _LIST and name not in PAGE | _MODEL:
                for element in self._requests(name, position, line):
                    position += 1
                    yield element
            else:
                scanner.skip_value()

    def _requests(self, table: str, before: int, line: int) -> Source:
        for origin, value, _, _ in self._elements(before, line, "request"):
            yield self._records.of_request(value, origin, table)

    def _items(self, table: str | None, before: int, line: int) -> Source:
        """Items of a page; requests, where it is a table of this name after all."""
        for origin, value, text, at in self._elements(before, line):
            if table is None and self._table is None and _is_request_of_table(value):
                yield self._records.of_request(value, origin, "Items")
            else:
                yield self._records.of_value(value, origin, table, text, at)

    def _models(self) -> Source:
        """The tables of a NoSQL Workbench model, each with its sample data."""
        scanner = self._scanner
        scanner.take("[")
        while scanner.peek() == _OBJECT:
            table, line = self._table_of_model(), scanner.line
            for name in scanner.members():
                if name == "TableName" and scanner.peek() == ord('"'):
                    table = str(scanner.value())
                elif name == "TableData" and scanner.peek() == _LIST:
                    if not table:
                        raise scanner.wrong("in so large a table TableName must come first")
                    for origin, value, text, at in self._elements(0, line):
                        yield self._records.of_value(value, origin, table, text, at)
                else:
                    scanner.skip_value()
            if scanner.peek() == ord(","):
                scanner.take(",")
        scanner.take("]")

    def _table_of_model(self) -> str:
        """The name of the table that begins here, wherever in it that stands; empty if too large.

        Workbench writes the name first; what sorts the members of its files puts the data before.
        """
        text = self._scanner.whole()
        try:
            value = None if text is None else decode(text)
        except (ValueError, RecursionError):
            return ""
        name = value.get("TableName") if isinstance(value, dict) else None
        return name if isinstance(name, str) else ""

    def _elements(
        self, before: int, line: int, unit: str = "item"
    ) -> Iterator[tuple[Origin, Any, bytes, int]]:
        """Origin and value of each element, and the text and place in it that it comes from."""
        position = before
        source = self._source
        for some in elements(self._scanner):
            for at, value in enumerate(some.values):
                position += 1
                yield Origin(source, position, unit, line), value, some.text, at


def _is_request_of_table(value: Any) -> bool:
    return (
        isinstance(value, dict) and value.keys() <= {"PutRequest", "DeleteRequest"} and bool(value)
    )
