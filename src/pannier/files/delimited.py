"""CSV and TSV: rows of cells under a header of names.

    PK,price,tags
    PRODUCT#1,79.5,"[""a"",""b""]"

Quoting is that of RFC 4180: a cell in quotes may hold delimiters, line ends and doubled quotes.
Cells have no types, so these come, in this order, from `--types`, from a header such as
`PK:S,price:N`, or from the first rows, and then the user is shown them. A row that does not fit is
a failure with its line. So is one whose quotes make no sense; reading goes on with the next line.
"""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from pannier.batch.operation import Operation, Origin
from pannier.batch.report import Failure
from pannier.files.column_inference import infer
from pannier.files.column_types import Cell, ColumnType, header_types
from pannier.files.compression import DamagedError
from pannier.files.inputs import LINE_BYTES_MAX, LINE_TOO_LONG, Input
from pannier.files.json_text import without_bom
from pannier.files.opening import FileError
from pannier.files.source import ReadOptions, Source, damage, put, unread
from pannier.limits import MIB
from pannier.model.attribute_value import AttributeValue, Item
from pannier.model.plain import ConversionError

_UNIT: Final = "line"
DELIMITERS: Final = ",\t;|"
_SAMPLE_ROWS: Final = 1000
_SHOWN_CHARACTERS_MAX: Final = 4096
_CELL_CHARACTERS_MAX: Final = MIB  # an item has 400 KB; as JSON in quotes it may be somewhat longer


def read(file: Input, options: ReadOptions) -> Source:
    """The operations in a file of delimited rows.

    Raises:
        FileError: it has no header, or columns that were named are not in it.
    """
    csv.field_size_limit(max(csv.field_size_limit(), _CELL_CHARACTERS_MAX))
    delimiter = options.delimiter or _delimiter(file, options.format)
    rows = _Rows(file.lines(), delimiter)
    first = next(rows, None)
    if first is None or first.problem:
        reason = first.problem if first else "it is empty"
        raise FileError(f"{file.shown}: {reason}", "Its first line must name the columns.")
    columns = _Columns(first.cells, file.shown, options)
    sample = list(islice(rows, _SAMPLE_ROWS))
    columns.settle([row.cells for row in sample if not row.problem])
    skipping = options.skipping
    for source in (sample, rows):
        for row in source:
            if skipping.left:
                skipping.left -= 1
                continue
            yield columns.operation(row)


class _Row:
    """A row: its cells, or why it can't be read."""

    __slots__ = ("broken_off", "cells", "line", "problem", "text")

    def __init__(
        self, line: int, cells: list[str], problem: str = "", text: str = "", *, off: bool = False
    ) -> None:
        self.line = line
        self.cells = cells
        self.problem = problem
        self.text = text
        self.broken_off = off


class _Rows(Iterator[_Row]):
    """The rows of a file. After one that can't be read, the next line begins the next."""

    def __init__(self, lines: Iterator[bytes], delimiter: str) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._number = 0
        self._bad_lines: dict[int, str] = {}  # why lines that are at hand can't be read
        self._damage = ""
        self._reader = self._new_reader()

    def __next__(self) -> _Row:
        while True:
            start = self._number + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                if self._damage:
                    row = _Row(start, [], self._damage, off=True)
                    self._damage = ""
                    return row
                raise
            except csv.Error as error:
                return self._unreadable(start, _explained(error))
            taken, self._taken = self._taken, []
            if self._bad_lines and (problem := self._problem()):
                return _Row(start, [], problem, "".join(taken)[:_SHOWN_CHARACTERS_MAX])
            if cells:
                return _Row(start, cells)

    def _problem(self) -> str:
        """What is wrong with a line of the row that was just read; empty if nothing is."""
        of_row = [line for line in self._bad_lines if line <= self._number]
        problems = [self._bad_lines.pop(line) for line in of_row]
        return problems[0] if problems else ""

    def _unreadable(self, start: int, problem: str) -> _Row:
        """Only the first of the lines that were taken is lost: the others may be whole rows."""
        first, *others = self._taken or [""]
        self._again.extendleft(reversed(others))
        self._number = start
        self._taken = []
        self._reader = self._new_reader()
        problem = self._bad_lines.pop(start, problem)
        return _Row(start, [], problem, first.rstrip("\r\n")[:_SHOWN_CHARACTERS_MAX])

    def _new_reader(self) -> "Iterator[list[str]]":
        return csv.reader(self._feed(), delimiter=self._delimiter, strict=True)

    def _feed(self) -> Iterator[str]:
        while True:
            if self._again:
                text = self._again.popleft()
            else:
                try:
                    line = next(self._lines, None)
                except DamagedError as error:
                    self._damage = str(error)
                    return
                if line is None:
                    return
                text = self._decoded(line)
            self._number += 1
            self._taken.append(text)
            yield text

    def _decoded(self, line: bytes) -> str:
        if not self._number:
            line = without_bom(line)
        if len(line) >= LINE_BYTES_MAX:
            self._bad_lines[self._number + 1] = LINE_TOO_LONG
            return line[:_SHOWN_CHARACTERS_MAX].decode("utf-8", "replace")
        try:
            return line.decode()
        except UnicodeDecodeError:
            self._bad_lines[self._number + 1] = "this is not UTF-8 text"
            return line.decode("utf-8", "replace")


class _Columns:
    """The columns of a file, and how a row becomes an item."""

    def __init__(self, header: list[str], source: str, options: ReadOptions) -> None:
        self._source = source
        self._options = options
        self._table = options.table or ""
        self._width = len(header)
        typed = None if options.types else header_types(cell for cell in header if cell)
        names = [cell.rpartition(":")[0] if typed and cell else cell for cell in header]
        self._names = names
        self._types: dict[str, ColumnType] = dict(typed or options.types)
        self._wanted = self._checked(names)
        self._inferred: set[str] = set()
        self._plan: list[tuple[int, str, Cell | None, AttributeValue | None]] = []

    def _checked(self, names: Sequence[str]) -> list[int]:
        twice = next((name for name in names if name and names.count(name) > 1), None)
        if twice is not None:
            raise FileError(f"{self._source} has two columns {twice}", "Give one another name.")
        for asked in (self._types, self._options.columns or ()):
            unknown = [name for name in asked if name not in names]
            if unknown:
                raise FileError(
                    f"{self._source} has no column {unknown[0]}",
                    f"Its columns are {', '.join(name for name in names if name)}.",
                )
        nameless = [str(at + 1) for at, name in enumerate(names) if not name]
        if nameless:
            self._options.notice(
                f"{self._source}: left out, as it has no name: column {', '.join(nameless)}"
            )
        columns = self._options.columns
        return [
            at for at, name in enumerate(names) if name and (columns is None or name in columns)
        ]

    def settle(self, sample: list[list[str]]) -> None:
        """Find the types that nobody named, and say which they are."""
        for at in self._wanted:
            name = self._names[at]
            if name not in self._types:
                cells = (row[at] for row in sample if len(row) == self._width)
                self._types[name] = infer(cells)
                self._inferred.add(name)
        if self._inferred:
            shown = ",".join(
                f"{self._names[at]}:{self._types[self._names[at]]}" for at in self._wanted
            )
            self._options.notice(
                f"{self._source}: types {shown} (from the first {len(sample):,} rows; "
                "to change them: --types NAME:TYPE,...)"
            )
        for at in self._wanted:
            name = self._names[at]
            column_type = self._types[name]
            reader = None if column_type.name == "S" else column_type.reader()
            self._plan.append((at, name, reader, self._empty(column_type)))

    def _empty(self, column_type: ColumnType) -> AttributeValue | None:
        if self._options.empty == "null":
            return {"NULL": True}
        if self._options.empty == "text" and column_type.name == "S":
            return {"S": ""}
        return None

    def operation(self, row: _Row) -> Operation | Failure:
        """What a row asks for."""
        origin = Origin(self._source, row.line, _UNIT)
        if row.problem:
            if row.broken_off:
                return damage(self._table, row.problem, origin)
            return unread(self._table, row.text, row.problem, origin)
        cells = row.cells
        if len(cells) != self._width:
            reason = f"the row has {len(cells)} cells, the header {self._width}"
            return unread(self._table, cells, reason, origin)
        item: Item = {}
        try:
            for at, name, reader, empty in self._plan:
                cell = cells[at]
                if cell:
                    item[name] = {"S": cell} if reader is None else reader(cell)
                elif empty is not None:
                    item[name] = dict(empty)
        except ConversionError as error:
            content = dict(zip(self._names, cells, strict=True))
            return unread(self._table, content, self._misfit(name, error), origin)
        if not item:
            return unread(self._table, cells, "the row is empty", origin)
        return put(self._table, item, origin)

    def _misfit(self, name: str, error: ConversionError) -> str:
        reason = f"{name}: {error.message}"
        if name in self._inferred:
            reason += (
                f" (its type {self._types[name]} was inferred; to change it: --types {name}:S)"
            )
        return reason


def _delimiter(file: Input, format_name: str) -> str:
    """What stands between cells: the sign that gives the header most of them."""
    if format_name == "tsv" or file.kind_name.endswith((".tsv", ".tab")):
        return "\t"
    head = without_bom(file.first_line()).decode("utf-8", "replace")

    def columns(sign: str) -> int:
        try:
            return len(next(csv.reader([head], delimiter=sign), []))
        except csv.Error:
            return 0

    return max(DELIMITERS, key=columns)  # the first of those that give the same


def _explained(error: csv.Error) -> str:
    text = str(error)
    if "expected after" in text:
        return "something stands behind a closing quote: quotes inside a cell must be doubled"
    if "end of data" in text or "field larger" in text:
        return "a quote is never closed"
    if "new-line character" in text:
        return "a carriage return stands in a cell without quotes"
    return text
