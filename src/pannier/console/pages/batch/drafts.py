"""What stands in the editor: a write request, a read request, or items, and what is no such thing.

Requests are the files that `aws dynamodb batch-write-item` and `batch-get-item` take. Everything
else is read by `pannier.files`, as `pannier write` reads it.
"""

import io
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from pannier.batch.operation import Kind, Operation, Origin
from pannier.batch.read import Key, TableOptions
from pannier.batch.report import Failure
from pannier.console.pages.batch.located import Lines, Located, PlaceError, locate
from pannier.errors import UserError
from pannier.files import formats
from pannier.files.compression import DamagedError
from pannier.files.inputs import Input
from pannier.files.json_items import is_item
from pannier.files.json_records import Records, is_plain, is_request
from pannier.files.opening import FileError
from pannier.files.read_requests import keys_of_request
from pannier.files.source import ReadOptions
from pannier.limits import KIB

TEXT_BYTES_MAX: Final = 256 * KIB
"""How much the editor takes. What is larger is for the command line, which takes any size."""

PROBLEMS_MAX: Final = 200
_REQUESTS: Final = ("PutRequest", "DeleteRequest")


class What(StrEnum):
    """What a text is."""

    NOTHING = "nothing"
    WRITE = "write request"
    READ = "read request"
    ITEMS = "items"
    UNREADABLE = "unreadable"


class Use(StrEnum):
    """What is done with items that are no request."""

    PUT = "put"
    DELETE = "delete"
    GET = "get"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong.

    Attributes:
        line: where, from 1.
        column: likewise.
        text: what is wrong.
        path: the way to it, e.g. `shop[3].PutRequest.Item.price`.
        is_error: False if only a single call would be refused, and the batch engine copes.
    """

    line: int
    column: int
    text: str
    path: str = ""
    is_error: bool = True


@dataclass(slots=True)
class Entry:
    """One element of a draft.

    Attributes:
        element: an operation, a key, or what could not be read.
        line: where it begins.
        node: its item or key in the text, if that is JSON as a whole.
        path: the way to it.
    """

    element: Operation | Key | Failure
    line: int
    node: Located | None = None
    path: str = ""


@dataclass(slots=True)
class Draft:
    """A text, read.

    Attributes:
        what: what it is.
        entries: in order.
        problems: what is wrong with its form.
        options: of a read request, how each table is read.
        request: the `RequestItems` as they stand in the text; empty if it is no request.
        lines: of the text.
    """

    what: What = What.NOTHING
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    options: dict[str, TableOptions] = field(default_factory=dict)
    request: str = ""
    lines: Lines = field(default_factory=lambda: Lines(""))

    @property
    def is_read(self) -> bool:
        """Whether running it reads."""
        return self.what is What.READ or any(isinstance(each.element, Key) for each in self.entries)

    @property
    def tables(self) -> list[str]:
        """The tables it names, in order."""
        return list(dict.fromkeys(e.element.table for e in self.entries if e.element.table))

    @property
    def size(self) -> int:
        """How many operations or keys it holds, what could not be read included."""
        return len(self.entries)


def read_draft(text: str, name: str, table: str | None) -> Draft:
    """Read what stands in the editor.

    Args:
        text: what stands there.
        name: of the file that it came from; its ending helps to tell formats apart.
        table: where items go that name no table.
    """
    if not text.strip():
        return Draft()
    draft = Draft(lines=Lines(text))
    if _is_json(text, name):
        try:
            root = locate(text)
        except PlaceError as error:
            if not (error.follows or _is_json_lines(text, name)):
                line, column = draft.lines.place(error.offset)
                draft.what = What.UNREADABLE
                draft.problems.append(Problem(line, column, f"this is not JSON: {error.reason}"))
                return draft
            root = None
        if root is not None and _read_request(draft, root, text, name, table):
            return draft
    else:
        root = None
    _read_items(draft, text, name, table, root)
    return draft


# Requests


def _read_request(draft: Draft, root: Located, text: str, name: str, table: str | None) -> bool:
    """Read a request; False if it is none."""
    if not isinstance(root.value, dict) or is_item(root.value):
        return False
    tables = root.members.get("RequestItems", root)
    if not isinstance(tables.value, dict) or not tables.members:
        return False
    if any(
        isinstance(each.value, dict) and "Keys" in each.value for each in tables.members.values()
    ):
        draft.what = What.READ
    elif _is_write(root, tables, table):
        draft.what = What.WRITE
    else:
        return False
    draft.request = text[tables.start : tables.end]
    for table_name, node in tables.members.items():
        if draft.what is What.READ:
            _read_keys(draft, table_name, node, name)
        else:
            _read_writes(draft, table_name, node, name)
    return True


def _is_write(root: Located, tables: Located, table: str | None) -> bool:
    if is_request(root.value):
        return table is None or "RequestItems" in root.value or not is_plain(tables.value)
    return "RequestItems" in root.value or any(
        isinstance(request, dict) and any(each in request for each in _REQUESTS)
        for requests in tables.value.values()
        if isinstance(requests, list)
        for request in requests
    )


def _read_writes(draft: Draft, table: str, node: Located, name: str) -> None:
    if not isinstance(node.value, list):
        _add_problem(draft, node, "the requests of a table must be a list", table)
        return
    records = Records(name, None, "dynamodb")
    if not node.elements:
        _add_problem(draft, node, "the list of requests is empty", table)
    for position, request in enumerate(node.elements):
        line, _ = draft.lines.place(request.start)
        origin = Origin(name, position + 1, "request", line)
        element = records.of_request(request.value, origin, table)
        path = f"{table}[{position}]"
        if isinstance(element, Failure):
            fault, below = _fault_of(request)
            _add_problem(draft, fault, element.reason, path + below)
            draft.entries.append(Entry(element, line, None, path))
            continue
        member, inner = _REQUESTS[0], "Item"
        if element.kind is Kind.DELETE:
            member, inner = _REQUESTS[1], "Key"
        # Its attributes stay ours: what the checks make canonical in place is a copy.
        operation = Operation(table, element.kind, element.attributes, origin)
        item = request.members[member].members[inner]
        draft.entries.append(Entry(operation, line, item, f"{path}.{member}.{inner}"))


def _fault_of(request: Located) -> tuple[Located, str]:
    """What of a malformed request is at fault."""
    for name, member in request.members.items():
        if name not in _REQUESTS or len(request.members) == 1:
            return member, f".{name}"
    return request, ""


def _read_keys(draft: Draft, table: str, node: Located, name: str) -> None:
    try:
        source = keys_of_request({table: node.value}, name)
    except FileError as error:
        text = error.message.removeprefix(f"{name}: ").removeprefix(f"{table}: ")
        _add_problem(draft, node, text, table)
        return
    draft.options.update(source.tables)
    nodes = node.members["Keys"].elements
    if not nodes:
        _add_problem(draft, node.members["Keys"], "the list of keys is empty", f"{table}.Keys")
    for position, (key, place) in enumerate(zip(source.keys, nodes, strict=True)):
        line, _ = draft.lines.place(place.start)
        path = f"{table}.Keys[{position}]"
        origin = Origin(name, position + 1, "key", line)
        if isinstance(key, Failure):
            _add_problem(draft, place, key.reason, path)
            failure = Failure(table, key.kind, key.attributes, key.reason, origin)
            draft.entries.append(Entry(failure, line, None, path))
            continue
        draft.entries.append(Entry(Key(table, key.attributes, origin), line, place, path))


def _add_problem(draft: Draft, node: Located, text: str, path: str) -> None:
    if len(draft.problems) < PROBLEMS_MAX:
        line, column = draft.lines.place(node.start)
        draft.problems.append(Problem(line, column, text, path))


# Items


def _read_items(
    draft: Draft, text: str, name: str, table: str | None, root: Located | None
) -> None:
    draft.what = What.ITEMS
    file = _input(text, name)
    try:
        format_name = formats.detect(file)
        if table is None and not formats.names_tables(format_name):
            raise _no_table()
        for element in formats.reader_of(format_name)(file, ReadOptions(table)):
            _add_element(draft, element, root)
    except FileError as error:
        is_about_table = "--table" in error.advice
        problem = _no_table() if is_about_table else error
        words = f"{problem.message.removeprefix(f'{name}, ')}. {problem.advice}".strip()
        draft.problems.append(Problem(_line_in(error.message), 1, words))
    except (UserError, DamagedError) as error:
        draft.problems.append(Problem(1, 1, str(error)))


def _add_element(draft: Draft, element: Operation | Failure, root: Located | None) -> None:
    node = _node_of(element.origin, root)
    line = _line_of(element.origin)
    if node is not None:
        line, _ = draft.lines.place(node.start)
    origin = element.origin
    placed = Origin(origin.source, origin.position, origin.unit, line)
    if isinstance(element, Failure):
        if len(draft.problems) < PROBLEMS_MAX:
            draft.problems.append(Problem(line, 1, _without_option(element.reason)))
        draft.entries.append(
            Entry(
                Failure(element.table, element.kind, element.attributes, element.reason, placed),
                line,
            )
        )
        return
    operation = Operation(element.table, element.kind, element.attributes, placed)
    draft.entries.append(Entry(operation, line, None, f"{origin.unit} {origin.position}"))


def _node_of(origin: Origin, root: Located | None) -> Located | None:
    """The element of a list that an item came from."""
    if root is None or origin.unit != "item":
        return None
    elements = root.elements or root.members.get("Items", root).elements
    return elements[origin.position - 1] if 0 < origin.position <= len(elements) else None


def _line_of(origin: Origin) -> int:
    if origin.line:
        return origin.line
    return origin.position if origin.unit in ("line", "row") else 1


def _line_in(message: str) -> int:
    """The line that a reader's message names."""
    _, found, rest = message.partition("line ")
    digits = rest.partition(",")[0].partition(":")[0]
    return int(digits) if found and digits.isdigit() else 1


def _no_table() -> FileError:
    return FileError(
        "These are items, and nothing says where they go",
        "Choose a table in “Table for items”.",
    )


def _without_option(reason: str) -> str:
    return reason.replace("say where items go: --table NAME", "choose a table for items")


# Formats


def _is_json(text: str, name: str) -> bool:
    try:
        return formats.detect(_input(text, name)) in ("json", "jsonl")
    except (FileError, DamagedError):
        return False


def _is_json_lines(text: str, name: str) -> bool:
    return formats.detect(_input(text, name)) == "jsonl"


def _input(text: str, name: str) -> Input:
    return Input(name, io.BytesIO(text.encode("utf-8", "surrogatepass")))


def used(draft: Draft, use: Use, names: dict[str, tuple[str, ...]]) -> Draft:
    """A draft of items, with something else done to them than a put.

    Args:
        draft: stays as it is.
        use: what is done.
        names: of the key attributes, by table; where a table is missing, items stay whole.
    """
    if draft.what is not What.ITEMS or use is Use.PUT:
        return draft
    entries = []
    for entry in draft.entries:
        element: Any = entry.element
        if isinstance(element, Operation):
            wanted = names.get(element.table, tuple(element.attributes))
            key = {name: element.attributes[name] for name in wanted if name in element.attributes}
            if use is Use.DELETE:
                element = Operation.delete(element.table, key, element.origin)
            else:
                element = Key(element.table, key, element.origin)
        entries.append(Entry(element, entry.line, entry.node, entry.path))
    return Draft(draft.what, entries, draft.problems, draft.options, draft.request, draft.lines)
