"""What the service would say of each operation and key, said where it stands.

The checks are those of the batch engine and of `pannier plan`; here they only get a place.
"""

import copy
import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from pannier.batch.operation import Kind, Operation
from pannier.batch.prepared import Lane, prepare_key, prepare_write
from pannier.batch.reads.read import Key
from pannier.console.pages.batch.drafts import PROBLEMS_MAX, Draft, Entry, Problem
from pannier.console.pages.batch.located import Located
from pannier.cost.table_shape import TableShape
from pannier.cost.write_cost import state_of
from pannier.errors import ServiceError
from pannier.model.attribute_value import check_item, check_value

_INNER: Final = ("M", "L")


def check(draft: Draft, shapes: Mapping[str, TableShape]) -> list[Problem]:
    """What is wrong with the operations and keys of a draft, its form aside.

    Args:
        draft: the draft.
        shapes: of its tables that are there; a table without one is a problem.
    """
    problems: list[Problem] = []
    lanes: dict[Lane, int] = {}
    missing: set[str] = set()
    for entry in draft.entries:
        if len(problems) >= PROBLEMS_MAX:
            break
        element = entry.element
        if not isinstance(element, Operation | Key):
            continue
        shape = shapes.get(element.table)
        if shape is None and element.table not in missing:
            missing.add(element.table)
            problems.append(Problem(entry.line, 1, f"there is no table {element.table} here"))
        try:
            lane = _lane(element, shape)
        except ServiceError as error:
            problems.append(_at_fault(draft, entry, error, shape))
            continue
        if lane is None:
            continue
        if lane in lanes:
            problems.append(_repeated(entry, lanes[lane]))
        lanes[lane] = entry.line
    return problems


def _lane(element: Operation | Key, shape: TableShape | None) -> Lane | None:
    """The identity of the key, once everything about the element is checked.

    Raises:
        ServiceError: what the service would answer.
    """
    if shape is None:  # of a table that nobody knows, values can be checked all the same
        check_item(orjson.loads(_encoded(element.attributes)))
        return None
    if isinstance(element, Key):
        return prepare_key(element.table, element.attributes, shape.schema).lane
    write = prepare_write(element, shape.schema)
    if element.kind is Kind.PUT:
        state_of(shape, orjson.loads(write.encoded), write.size_bytes)
    return write.lane


def _encoded(attributes: Any) -> bytes:
    return orjson.dumps(attributes, default=str)


def _repeated(entry: Entry, earlier: int) -> Problem:
    text = f"the same key as on line {earlier}: one call with both would be refused"
    coped = "Pannier lets the later write stand"
    if isinstance(entry.element, Key):
        coped = "Pannier fetches it once"
    return Problem(entry.line, 1, f"{text}; {coped}", entry.path, is_error=False)


def _at_fault(draft: Draft, entry: Entry, error: ServiceError, shape: TableShape | None) -> Problem:
    """An error at the attribute that is to blame, or else at the item."""
    text = f"{error.code}: {error.message}"
    line, column, path = entry.line, 1, entry.path
    if entry.node is not None:
        node, path = _culprit(entry.node, entry.path, error, shape)
        line, column = draft.lines.place(node.start)
    else:
        name = _culprit_name(entry.element.attributes, error, shape)
        path = f"{path}, {name}" if name else path
    return Problem(line, column, text, path)


def _culprit(
    item: Located, path: str, error: ServiceError, shape: TableShape | None
) -> tuple[Located, str]:
    name = _culprit_name(item.value, error, shape)
    if name is None or name not in item.members:
        return item, path
    return _inner(item.members[name], f"{path}.{name}")


def _culprit_name(
    attributes: Mapping[str, Any], error: ServiceError, shape: TableShape | None
) -> str | None:
    """The attribute that a check refuses, or that the service's words name."""
    for name, value in attributes.items():
        try:
            check_item({name: copy.deepcopy(value)})
        except ServiceError:
            return name
    known = list(shape.schema.names) if shape is not None else []
    for index in shape.indexes if shape is not None else ():
        known += index.schema.names
    return next(
        (
            name
            for name in known
            if name in attributes and re.search(rf"\b{re.escape(name)}\b", error.message)
        ),
        None,
    )


def _inner(value: Located, path: str) -> tuple[Located, str]:
    """The innermost value inside maps and lists that a check refuses."""
    for kind in _INNER:
        content = value.members.get(kind)
        if content is None or len(value.members) != 1:
            continue
        places = [(f".{name}", each) for name, each in content.members.items()]
        places += [(f"[{position}]", each) for position, each in enumerate(content.elements)]
        for step, each in places:
            try:
                check_value(copy.deepcopy(each.value))
            except ServiceError:
                return _inner(each, path + step)
    return value, path
