"""Arrow IPC: files (also called Feather, version 2) and streams.

A file that breaks off has lost the index at its end, but its batches stand in a row from the
beginning; so it is read as the stream that it contains, up to the damage.
"""

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
from pannier.files.arrow_rows import UNIT, Rows
from pannier.files.joined import JoinedBlocks

_MAGIC: Final = b"ARROW1"
_MAGIC_BYTES: Final = 8  # with what fills it up


def read(file: Input, options: ReadOptions) -> Source:
    """The operations in an Arrow file or stream.

    Raises:
        FileError: columns that were named are not in it, or have no DynamoDB form.
    """
    table = options.table or ""
    position = 0
    rows: Rows | None = None
    try:
        for schema, batch in _batches(file):
            if rows is None:
                rows = Rows(file.shown, table, schema, options.columns, options.empty)
            if isinstance(batch, str):
                yield damage(table, batch, Origin(file.shown, position + 1, UNIT))
                continue
            if options.skipping.left >= batch.num_rows:
                options.skipping.left -= batch.num_rows
            else:
                yield from rows.of_batch(batch, position)
            position += batch.num_rows
    except DamagedError as error:
        yield damage(table, str(error), Origin(file.shown, position + 1, UNIT))
    except (pa.ArrowException, OSError) as error:
        reason = (
            f"the Arrow data is damaged from here on: {str(error).strip().partition(chr(10))[0]}"
        )
        yield damage(table, reason, Origin(file.shown, position + 1, UNIT))
    except UserError as error:
        raise FileError(error.message, error.advice) from None


def _batches(file: Input) -> Iterator[tuple[pa.Schema, Any]]:
    """The schema with each batch, or with what is wrong with one of them."""
    is_file = file.first_line().startswith(_MAGIC)
    path = path_of(file.name)
    if is_file and not file.is_packed and file.name != PIPE and not is_remote(file.name):
        opened = _opened(path)
        if opened is not None:
            yield from _indexed(opened)
            return
    stream = JoinedBlocks(file.blocks())
    if is_file:
        stream.skip(_MAGIC_BYTES)
    reader = ipc.open_stream(stream)
    for batch in reader:
        batch.validate(full=True)
        yield reader.schema, batch


def _opened(path: str) -> Any:
    """A file with its index, or None where that is lost."""
    if not Path(path).is_file():
        return None
    try:
        return ipc.open_file(pa.memory_map(path))
    except (pa.ArrowException, OSError):
        return None


def _indexed(opened: Any) -> Iterator[tuple[pa.Schema, Any]]:
    for at in range(opened.num_record_batches):
        try:
            batch = opened.get_batch(at)
            batch.validate(full=True)
        except (pa.ArrowException, OSError) as error:
            reason = str(error).strip().partition("\n")[0]
            yield opened.schema, f"batch {at + 1} is damaged, its rows are not read: {reason}"
        else:
            yield opened.schema, batch
