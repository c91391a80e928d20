"""What a task makes of a piece: the operations in it, by the readers that `pannier write` has too.

What can't be read becomes failures with their places, as it does there. But a file that was there
when the pieces were cut, and is not where the task runs, or whose disk or address stops answering,
is an error of the cluster: nothing is known about what is in it, and Spark may try it again.
"""

import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from pannier.batch.operation import Origin
from pannier.batch.report import Failure
from pannier.errors import UserError
from pannier.files import arrow_ipc, formats, parquet
from pannier.files.compression import UNREADABLE
from pannier.files.export_manifest import DataFile
from pannier.files.export_source import read_data_file
from pannier.files.inputs import opened_input
from pannier.files.opening import FileError, is_folder, opened
from pannier.files.ranges import read_range
from pannier.files.reading import check, read_input, read_writes
from pannier.files.source import ReadOptions, Source, damage, is_damage
from pannier.spark.piece import Cut, Piece

Notice: TypeAlias = Callable[[str], None]


def _silent(_: str) -> None:
    """Say nothing."""


def read_piece(piece: Piece, notice: Notice = _silent) -> Source:
    """The operations in a piece, in order, and a failure for everything that is none.

    Args:
        piece: what is read.
        notice: told what was decided by looking at the file, such as the types of its columns.

    Raises:
        UserError: the file can't be opened here, or not be read to its end.
    """
    if piece.is_there:
        _check_seen(piece)
    try:
        for element in _READERS[piece.cut](piece, replace(piece.how.options(), notice=notice)):
            if isinstance(element, Failure) and _is_unreadable(element):
                raise UserError(
                    f"{element.origin} on {socket.gethostname()}: {element.reason}",
                    "What was read before is written. See whether the disk or address answers.",
                )
            yield element
    except FileError as error:
        yield damage(piece.how.table, error.message, Origin(piece.name, 1, "line"))


def _is_unreadable(failure: Failure) -> bool:
    return is_damage(failure) and failure.reason.startswith(UNREADABLE)


def _check_seen(piece: Piece) -> None:
    try:
        check(piece.place)
    except FileError as error:
        raise UserError(
            f"an executor on {socket.gethostname()} can't open a file: {error.message}",
            "Executors read the files themselves. Put them where all find them under the same "
            "name: on a disk that is shared, or in an object store.",
        ) from None


def _whole(piece: Piece, options: ReadOptions) -> Source:
    if is_folder(piece.place):
        yield from read_writes(piece.place, options)
        return
    with opened_input(piece.place) as file:
        file.shown = piece.name
        yield from read_input(file, options)


def _lines(piece: Piece, options: ReadOptions) -> Source:
    with opened(piece.place) as file:
        yield from read_range(piece.name, file, piece.start, piece.end, options)


def _groups(piece: Piece, options: ReadOptions) -> Source:
    with opened_input(piece.place) as file:
        file.shown = piece.name
        groups = range(piece.start, piece.end)
        yield from parquet.read_groups(file, options, groups)


def _batches(piece: Piece, options: ReadOptions) -> Source:
    with opened_input(piece.place) as file:
        file.shown = piece.name
        batches = range(piece.start, piece.end)
        yield from arrow_ipc.read_batches(file, options, batches, piece.before)


def _exported(piece: Piece, options: ReadOptions) -> Source:
    exported = piece.exported
    assert exported is not None  # an exported file has what the manifest says of it
    file = DataFile(piece.name, exported.items, bytes.fromhex(exported.md5), exported.etag)
    reader = formats.reader_of(exported.format)
    yield from read_data_file(file, reader, options, piece.place)


_READERS: Final[Mapping[Cut, Callable[[Piece, ReadOptions], Source]]] = {
    "whole": _whole,
    "lines": _lines,
    "groups": _groups,
    "batches": _batches,
    "exported": _exported,
}
