"""Parquet: read by row groups, so that memory holds a few thousand rows, whatever the file's size.

A row that has no DynamoDB form, such as one with a NaN, is a failure with its number. A row group
that is damaged is one failure, and the next is read. Without its footer a Parquet file can't be
read at all.
"""

from typing import Any, Final

from pannier.batch.operation import Origin
from pannier.files.compression import DamagedError
from pannier.files.formats import needs
from pannier.files.inputs import Input
from pannier.files.opening import FileError
from pannier.files.source import ReadOptions, Source, damage
from pannier.limits import KIB

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError:
    raise needs("arrow", "pyarrow") from None

from pannier.errors import UserError
from pannier.files.arrow_rows import UNIT, Rows

_BATCH_ROWS: Final = 4096
_BUFFER_BYTES: Final = 256 * KIB


def read(file: Input, options: ReadOptions) -> Source:
    """The operations in a Parquet file.

    Raises:
        FileError: columns that were named are not in it, or have no DynamoDB form.
    """
    yield from read_groups(file, options, None)


def read_groups(file: Input, options: ReadOptions, groups: range | None) -> Source:
    """The operations in some row groups of a Parquet file.

    Args:
        file: the file.
        options: how it is read.
        groups: which, counted from 0; None for all.

    Raises:
        FileError: columns that were named are not in it, or have no DynamoDB form.
    """
    table = options.table or ""
    try:
        with file.random_access() as place:
            try:
                parquet = pq.ParquetFile(place, buffer_size=_BUFFER_BYTES, pre_buffer=False)
            except (pa.ArrowException, OSError) as error:
                reason = f"the Parquet file can't be read: {_first_line(error)}"
                yield damage(table, reason, Origin(file.shown, 1, UNIT))
                return
            with parquet:
                schema = parquet.schema_arrow
                rows = Rows(file.shown, table, schema, options.columns, options.empty)
                yield from _groups(parquet, rows, file.shown, options, groups)
    except DamagedError as error:
        yield damage(table, str(error), Origin(file.shown, 1, UNIT))
    except UserError as error:
        raise FileError(error.message, error.advice) from None


def group_sizes(file: Input) -> list[tuple[int, int]]:
    """The rows and bytes, unpacked, of each row group; none if the file can't be read.

    Raises:
        DamagedError: it can't be unpacked to its end.
    """
    with file.random_access() as place:
        try:
            found = pq.read_metadata(place)
        except (pa.ArrowException, OSError):
            return []
        groups = [found.row_group(at) for at in range(found.num_row_groups)]
        return [(group.num_rows, group.total_byte_size) for group in groups]


def _groups(
    parquet: Any, rows: Rows, source: str, options: ReadOptions, groups: range | None
) -> Source:
    position = 0
    skipping = options.skipping
    for group in range(parquet.num_row_groups):
        end = position + parquet.metadata.row_group(group).num_rows
        if groups is not None and group not in groups:
            position = end
            continue
        try:
            batches = parquet.iter_batches(
                _BATCH_ROWS,
                [group],
                columns=rows.names if options.columns else None,
                use_threads=False,  # the other core has the writing to do
            )
            for batch in batches:
                # Decoded even to be passed by: a damaged row group has fewer elements than rows.
                if skipping.left >= batch.num_rows:
                    skipping.left -= batch.num_rows
                else:
                    yield from rows.of_batch(batch, position)
                position += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            reason = (
                f"row group {group + 1} is damaged from row {position + 1:,} on, "
                f"rows up to {end:,} are not read: {_first_line(error)}"
            )
            yield damage(options.table, reason, Origin(source, position + 1, UNIT))
        position = end


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
