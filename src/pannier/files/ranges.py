"""A part of a file of JSON lines, so that several processes can read one file.

A line belongs to the part in which it begins: whoever reads a part goes past the line that another
began, and on to the end of its own last one. So parts that follow one another hold each line once.

How many lines there are in front of a part nobody has counted. What stands in it is therefore found
by its byte; only in the first part the lines have their numbers.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import IO, Final

from pannier.batch.operation import Operation, Origin
from pannier.batch.report import Failure
from pannier.files import json_lines
from pannier.files.inputs import LINE_BYTES_MAX, Input
from pannier.files.source import ReadOptions, Source
from pannier.limits import KIB

UNIT: Final = "byte"
_BLOCK_BYTES: Final = 256 * KIB


def read_range(name: str, file: IO[bytes], start: int, end: int, options: ReadOptions) -> Source:
    """The operations in the lines that begin in a part of a file.

    Args:
        name: of the file, as it is called in messages.
        file: its bytes, not packed; one that can be jumped about in, if `start` is not 0.
        start: the part's first byte, counted from 0.
        end: the byte behind its last.
        options: with the form of items, if the file's first item has told it.

    Raises:
        FileError: the file's first line is an item, and no table is named for it.
    """
    part = _Part(name, file, start, end)
    for element in json_lines.read(part, options):
        yield _found_by_byte(element, part.at) if start else element


class _Part(Input):
    """A part of a file, as an input whose lines are read.

    Attributes:
        at: where the line begins that was read last.
    """

    def __init__(self, name: str, file: IO[bytes], start: int, end: int) -> None:
        if start:
            file.seek(start - 1)
        super().__init__(name, file)
        self.at = start
        self._start = start
        self._end = end

    def lines(self) -> Iterator[bytes]:
        position = self._start
        if position:
            position += self._to_end_of_line(b"") - 1
            yield b"\n"  # so that no line is taken for the first of the file
        while position < self._end:
            line = self._file.readline(LINE_BYTES_MAX)
            if not line:
                return
            self.at = position
            yield line
            position += len(line)
            if len(line) >= LINE_BYTES_MAX:
                position += self._to_end_of_line(line)

    def _to_end_of_line(self, read: bytes) -> int:
        """Go past the rest of a line; returns how many bytes that were."""
        count = 0
        while not read.endswith(b"\n"):
            read = self._file.readline(_BLOCK_BYTES)
            count += len(read)
            if not read:
                break
        return count


def _found_by_byte(element: Operation | Failure, at: int) -> Operation | Failure:
    origin = element.origin
    place = Origin(origin.source, at + 1, UNIT)
    if origin.unit != json_lines.UNIT:  # one of several that stand in the line
        place = Origin(str(place), origin.position, origin.unit)
    if isinstance(element, Failure):
        return replace(element, origin=place)
    element.origin = place
    return element
