"""One file cut into pieces.

| file | pieces |
|---|---|
| JSON lines, not packed | ranges of bytes; a line belongs to the piece in which it begins |
| Parquet | row groups |
| Arrow with an index, on a disk | batches |
| the folder of an export | its data files |
| anything else | the whole file |
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from pannier.files import arrow_ipc, json_lines, parquet
from pannier.files.compression import DamagedError
from pannier.files.export_manifest import DataFile, read_manifest
from pannier.files.inputs import Input, opened_input
from pannier.files.opening import (
    FileError,
    exists,
    is_folder,
    is_remote,
    names_in,
    path_of,
    size_of,
)
from pannier.files.reading import format_of
from pannier.files.source import ReadOptions
from pannier.spark.folders import definite
from pannier.spark.piece import ExportedFile, Format, Piece

_ROWS_MOST: Final = 250_000  # of a piece of columns, which are packed well


def cut(name: str, options: ReadOptions, piece_bytes: int) -> list[Piece]:
    """The pieces of a file or an export.

    Args:
        name: as the user wrote it.
        options: how it is read.
        piece_bytes: how large a piece may be, where files can be cut.

    Raises:
        UserError: the name has credentials in it.
    """
    whole = Piece(name, _place(name), Format.of(options))
    try:
        if options.format == "export" or is_folder(name):
            return _of_export(whole, options)
        with opened_input(name) as file:
            if file.is_packed:
                return [whole]
            format_name = format_of(file, options)
            if format_name == "jsonl":
                return _of_lines(whole, file, options, piece_bytes)
            if format_name == "parquet":
                return _of_parquet(whole, file, piece_bytes)
            if format_name == "arrow" and not is_remote(name):
                return _of_arrow(whole, piece_bytes)
    except (FileError, DamagedError):
        pass  # whoever reads it says what is wrong
    return [whole]


def _of_lines(whole: Piece, file: Input, options: ReadOptions, piece_bytes: int) -> list[Piece]:
    size = size_of(whole.name)
    count = -(-size // piece_bytes)
    if count <= 1:
        return [whole]
    # The file's first item decides for all pieces which form items have.
    how = replace(whole.how, format=json_lines.form_of(file, options))
    bounds = [size * at // count for at in range(count + 1)]
    return [
        replace(whole, how=how, cut="lines", start=start, end=end)
        for start, end in pairwise(bounds)
    ]


def _of_parquet(whole: Piece, file: Input, piece_bytes: int) -> list[Piece]:
    found = _gathered(parquet.group_sizes(file), piece_bytes)
    if len(found) <= 1:
        return [whole]
    return [replace(whole, cut="groups", start=each.start, end=each.stop) for each in found]


def _of_arrow(whole: Piece, piece_bytes: int) -> list[Piece]:
    sizes = arrow_ipc.batch_sizes(path_of(whole.name))
    found = _gathered(sizes, piece_bytes)
    if len(found) <= 1:
        return [whole]
    return [
        replace(
            whole,
            cut="batches",
            start=each.start,
            end=each.stop,
            before=sum(rows for rows, _ in sizes[: each.start]),
        )
        for each in found
    ]


def _gathered(sizes: Sequence[tuple[int, int]], piece_bytes: int) -> list[range]:
    """Neighbours put together, as many as fit a piece."""
    found, start = [], 0
    rows = size = 0
    for at, (more_rows, more_bytes) in enumerate(sizes):
        if at > start and (rows + more_rows > _ROWS_MOST or size + more_bytes > piece_bytes):
            found.append(range(start, at))
            start, rows, size = at, 0, 0
        rows, size = rows + more_rows, size + more_bytes
    return [*found, range(start, len(sizes))] if sizes else []


def _of_export(whole: Piece, options: ReadOptions) -> list[Piece]:
    manifest = read_manifest(whole.name)
    table = options.table or manifest.table
    if not table:
        return [whole]  # and whoever reads it asks for one
    how = replace(whole.how, table=table, format="dynamodb")
    return [
        Piece(
            file.name,
            _place(file.name),
            how,
            "exported",
            exported=ExportedFile(manifest.format, file.items, file.md5.hex(), file.etag),
            is_there=is_there,
        )
        for file, is_there in _looked_for(manifest.files)
    ]


def _looked_for(files: Sequence[DataFile]) -> Iterator[tuple[DataFile, bool]]:
    """Data files, and whether they are there."""
    known: dict[str, frozenset[str]] = {}
    for file in files:
        folder, _, name = file.name.rpartition("/")
        if folder not in known:
            known[folder] = frozenset(names_in(folder) if exists(folder) else ())
        yield file, name in known[folder]


def _place(name: str) -> str:
    return definite(name if is_remote(name) else path_of(name))
