"""What stands in the editor, once it is read: operations, keys, and what is no such thing."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from pannier.batch.operation import Operation
from pannier.batch.reads.read import Key, TableOptions
from pannier.batch.report import Failure
from pannier.console.pages.batch.located import Lines, Located
from pannier.limits import KIB

TEXT_BYTES_MAX: Final = 256 * KIB
"""How much the editor takes. What is larger is for the command line, which takes any size."""

PROBLEMS_MAX: Final = 200


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
