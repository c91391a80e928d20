"""What a task makes of a piece: the operations in it, by the readers that `pannier write` has too.

What can't be read becomes failures with their places, as it does there. But a file that was there
when the pieces were cut, and is not where the task runs, is an error of the cluster: nothing is
known about what is in it.
"""

import socket
from collections.abc import Callable, Mapping
from typing import Final

from pannier.batch.operation import Origin
from pannier.errors import UserError
from pannier.files import arrow_ipc, formats, parquet
from pannier.files.export_manifest import DataFile
from pannier.files.export_source import read_data_file
from pannier.files.inputs import opened_input
from pannier.files.opening import FileError, is_folder, opened
from pannier.files.ranges import read_range
from pannier.files.reading import check, read_input, read_writes
from pannier.files.source import Source, damage
from pannier.spark.piece import Cut, Piece


def read_piece(piece: Piece) -> Source:
    """The operations in a piece, in order, and a failure for everything that is none.

    Raises:
        UserError: the file can't be opened here.
    """
    if piece.is_there:
        _check_seen(piece)
    try:
        yield from _READERS[piece.cut](piece)
    except FileError as error:
        yield damage(piece.how.table, error.message, Origin(piece.name, 1, "line"))


def _check_seen(piece: Piece) -> None:
    try:
        check(piece.place)
    except FileError as error:
        raise UserError(
            f"an executor on {socket.gethostname()} can't open a file: {error.message}",
            "Executors read the files themselves. Put them where all find them under the same "
            "name: on a disk that is shared, or in an object store.",
        ) from None


def _whole(piece: Piece) -> Source:
    options = piece.how.options()
    if is_folder(piece.place):
        yield from read_writes(piece.place, options)
        return
    with opened_input(piece.place) as file:
        file.shown = piece.name
        yield from read_input(file, options)


def _lines(piece: Piece) -> Source:
    with opened(piece.place) as file:
        yield from read_range(piece.name, file, piece.start, piece.end, piece.how.options())


def _groups(piece: Piece) -> Source:
    with opened_input(piece.place) as file:
        file.shown = piece.name
        groups = range(piece.start, piece.end)
        yield from parquet.read_groups(file, piece.how.options(), groups)


def _batches(piece: Piece) -> Source:
    with opened_input(piece.place) as file:
        file.shown = piece.name
        batches = range(piece.start, piece.end)
        yield from arrow_ipc.read_batches(file, piece.how.options(), batches, piece.before)


def _exported(piece: Piece) -> Source:
    exported = piece.exported
    assert exported is not None  # an exported file has what the manifest says of it
    file = DataFile(piece.name, exported.items, bytes.fromhex(exported.md5), exported.etag)
    reader = formats.reader_of(exported.format)
    yield from read_data_file(file, reader, piece.how.options(), piece.place)


_READERS: Final[Mapping[Cut, Callable[[Piece], Source]]] = {
    "whole": _whole,
    "lines": _lines,
    "groups": _groups,
    "batches": _batches,
    "exported": _exported,
}
