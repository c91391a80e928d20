"""Reads the requests of the API: each write and each key, with its place."""

from typing import Final

from pannier.batch.operation import Kind, Operation, Origin
from pannier.batch.reads.read import Key
from pannier.batch.report import Failure
from pannier.console.pages.batch.drafts import PROBLEMS_MAX, Draft, Entry, Problem, What
from pannier.console.pages.batch.located import Located
from pannier.files.json_items import is_item
from pannier.files.json_records import Records, is_plain, is_request
from pannier.files.opening import FileError
from pannier.files.read_requests import keys_of_request

_REQUESTS: Final = ("PutRequest", "DeleteRequest")


def read_request(draft: Draft, root: Located, text: str, name: str, table: str | None) -> bool:
    """Read a request into a draft.

    Args:
        draft: where its operations or keys go, and what is wrong with it.
        root: the document.
        text: from which it was decoded.
        name: of the source.
        table: where items go, if that was said; then a list of items is none of requests.

    Returns:
        False if it is no request.
    """
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
