"""Reads items, in whatever text format they are, by the readers of `pannier.files`."""

from pannier.batch.operation import Operation, Origin
from pannier.batch.report import Failure
from pannier.console.pages.batch.drafts import PROBLEMS_MAX, Draft, Entry, Problem, What
from pannier.console.pages.batch.located import Located
from pannier.errors import UserError
from pannier.files import formats
from pannier.files.compression import DamagedError
from pannier.files.inputs import Input
from pannier.files.opening import FileError
from pannier.files.source import ReadOptions


def read_items(
    draft: Draft, file: Input, name: str, table: str | None, root: Located | None
) -> None:
    """Read items into a draft.

    Args:
        draft: where they go, and what is wrong with them.
        file: the text.
        name: of the source.
        table: where items go that name no table.
        root: the text as one JSON document, if it is one; so that items in a list have lines.
    """
    draft.what = What.ITEMS
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
