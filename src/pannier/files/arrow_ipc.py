"""Arrow IPC: files (also called Feather, version 2) and streams.

A file that breaks off has lost the index at its end, but its batches stand in a row from the
beginning; so it is read as the stream that it contains, up to the damage.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pannier.batch.operation import Origin
from pannier.files.compression import DamagedError
from pannier.files.formats import needs
from pannier.files.inputs import Input
from pannier.files.opening import PIPE, FileError, is_remote, path_of
from pannier.files.source import ReadOptions, Source, damage

try:
    import pyarrow as pa
    import pyarrow.ipc as ipc
except ImportError:
    raise needs("arrow", "pyarrow") from None

from pannier.errors import UserError
from pannier.files.arrow_rows import PART_ROWS, UNIT, Rows
from pannier.files.joined import JoinedBlocks

_MAGIC: Final = b"ARROW1"
_MAGIC_BYTES: Final = 8  # with what fills it up


def read(file: Input, options: ReadOptions) -> Source:
    """The operations in an Arrow file or stream.

    Raises:
        FileError: columns that were named are not in it, or have no DynamoDB form.
    """
    yield from read_batches(file, options, None)


def read_batches(
    file: Input, options: ReadOptions, batches: range | None, before: int = 0
) -> Source:
    """The operations in some batches of an Arrow file.

    Args:
        file: the file.
        options: how it is read.
        batches: which, counted from 0; None for all. Some can be had only of a file on this
            machine that has its index.
        before: how many rows there are in front of them.

    Raises:
        FileError: columns that were named are not in it, or have no DynamoDB form.
    """
    table = options.table or ""
    rows: Rows | None = None
    position, skipping = before, options.skipping
    try:
        for schema, part in _parts(file, batches):
            if rows is None:
                rows = Rows(file.shown, table, schema, options.columns, options.empty)
            if isinstance(part, str):
                yield damage(table, part, Origin(file.shown, position + 1, UNIT))
                continue
            end = position + part.num_rows
            if problem := _problem(part):
                reason = f"rows {position + 1:,} to {end:,} are damaged: {problem}"
                yield damage(table, reason, Origin(file.shown, position + 1, UNIT))
            elif skipping.left >= part.num_rows:
                skipping.left -= part.num_rows
            else:
                yield from rows.of_batch(part, position)
            position = end
    except DamagedError as error:
        yield damage(table, str(error), Origin(file.shown, position + 1, UNIT))
    except (pa.ArrowException, OSError) as error:
        reason = f"the Arrow data is damaged from here on: {_first_line(error)}"
        yield damage(table, reason, Origin(file.shown, position + 1, UNIT))
    except UserError as error:
        raise FileError(error.message, error.advice) from None


def _problem(part: pa.RecordBatch) -> str:
    """What is wrong inside some rows, which unseen would be read from anywhere in memory."""
    try:
        part.validate(full=True)
    except pa.ArrowException as error:
        return _first_line(error)
    return ""


def batch_sizes(path: str) -> list[tuple[int, int]]:
    """The rows and bytes of each batch of a file on this machine; none if it has no index.

    A batch that is damaged has none of both.
    """
    content = _mapping(path)
    reader = _with_index(content)
    sizes = []
    for at in range(0 if reader is None else reader.num_record_batches):
        try:
            batch = reader.get_batch(at)
            sizes.append((batch.num_rows, batch.nbytes))
        except (pa.ArrowException, OSError):
            sizes.append((0, 0))
        _forget(content)
    return sizes


def _parts(file: Input, batches: range | None) -> Iterator[tuple[pa.Schema, Any]]:
    """The schema with some rows at a time, or with what is wrong with a batch."""
    is_file = file.first_line().startswith(_MAGIC)
    if is_file and not file.is_packed and file.name != PIPE and not is_remote(file.name):
        path = Path(path_of(file.name))
        if path.is_file():
            content = _mapping(path)
            reader = _with_index(content)
            if reader is not None:
                every = range(reader.num_record_batches)
                yield from _mapped(reader, content, every if batches is None else batches)
                return
    if batches is not None:
        raise pa.ArrowInvalid("its index can't be read")
    stream = JoinedBlocks(file.blocks())
    if is_file:
        stream.skip(_MAGIC_BYTES)
    reader = ipc.open_stream(stream)
    for batch in reader:
        for start in range(0, batch.num_rows, PART_ROWS):
            yield reader.schema, batch.slice(start, PART_ROWS)


def _with_index(content: mmap.mmap) -> Any:
    """A file with its index, or None where that is lost."""
    try:
        return ipc.open_file(pa.BufferReader(pa.py_buffer(content)))
    except (pa.ArrowException, OSError):
        return None


def _mapped(reader: Any, content: mmap.mmap, batches: range) -> Iterator[tuple[pa.Schema, Any]]:
    """The same of a file that is mapped into memory, as a batch may be all of it."""
    for at in batches:
        try:
            batch = reader.get_batch(at)
        except (pa.ArrowException, OSError) as error:
            reason = f"batch {at + 1} is damaged, its rows are not read: {_first_line(error)}"
            yield reader.schema, reason
            continue
        for start in range(0, batch.num_rows, PART_ROWS):
            yield reader.schema, batch.slice(start, PART_ROWS)
            _forget(content)


def _mapping(path: str | Path) -> mmap.mmap:
    with Path(path).open("rb") as opened:
        return mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)


def _forget(content: mmap.mmap) -> None:
    """What was read counts as ours until then."""
    if hasattr(mmap, "MADV_DONTNEED"):
        content.madvise(mmap.MADV_DONTNEED)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
