"""Files as pieces that are worth a task, and the data frame that carries them to the tasks.

A piece travels as a text in the only column of a data frame, one piece a partition, and the task
opens it (`piece_reading`). So files are read by Pannier's own readers, and what is in them never
passes through Spark's rows.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pannier.errors import UserError
from pannier.files.opening import PIPE, expand, is_folder, size_of
from pannier.files.reading import check, read_writes
from pannier.files.source import ReadOptions, Skipping
from pannier.limits import MIB
from pannier.spark.cutting import cut
from pannier.spark.piece import Piece

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

COLUMN: Final = "piece"

_BYTES_MOST: Final = 32 * MIB  # so many take a task some seconds
_BYTES_LEAST: Final = 2 * MIB
_FILES_AT_ONCE: Final = 16  # at an address each answer takes its time
_OF_EACH_SLOT: Final = 4  # pieces, where that many are worth it


def pieces_of(
    names: Sequence[str], options: ReadOptions, *, slots: int | None = None
) -> list[Piece]:
    """Cut files into pieces.

    Args:
        names: paths, patterns, addresses, and folders of exports, as `pannier write` takes them.
        options: how the files are read.
        slots: how many tasks run at the same time; None if that is unknown.

    Returns:
        The pieces in the order of the files. Together they hold what `files.reading.read_all` gives
        of the same files. What is wrong with the first file is an error here, as it is there; what
        is wrong with the others is a failure when they are read.

    Raises:
        FileError: there is no such file, or nothing in the first can be used.
        UserError: a file that only one process can read.
    """
    files = expand(list(names))
    if PIPE in files:
        raise UserError(
            "standard input has one reader, and a job on Spark has many",
            "Write it to a file first, where all executors find it, and name that.",
        )
    with ThreadPoolExecutor(_FILES_AT_ONCE) as pool:
        for _ in pool.map(check, files):
            pass  # all of them are there before anything is written
        _check_first(files[0], options)
        size_bytes = sum(pool.map(_size, files))
        piece_bytes = _piece_bytes(size_bytes, slots)
        cuts = pool.map(lambda name: cut(name, options, piece_bytes), files)
        return [piece for found in cuts for piece in found]


def frame_of(spark: "SparkSession", pieces: Sequence[Piece]) -> "DataFrame":
    """A data frame of texts with a piece in each partition, for tasks that read them.

    Args:
        spark: the session; not of Spark Connect.
        pieces: of `pieces_of`.
    """
    from pyspark.sql.types import StringType, StructField, StructType

    schema = StructType([StructField(COLUMN, StringType(), nullable=False)])
    rows = [(piece.to_text(),) for piece in pieces]
    # As an RDD, which alone keeps each row in a partition of its own without a shuffle.
    return spark.createDataFrame(spark.sparkContext.parallelize(rows, max(1, len(rows))), schema)


def _piece_bytes(size_bytes: int, slots: int | None) -> int:
    if slots is None:
        return _BYTES_MOST
    return max(_BYTES_LEAST, min(_BYTES_MOST, -(-size_bytes // (slots * _OF_EACH_SLOT))))


def _check_first(name: str, options: ReadOptions) -> None:
    """See to it that the first file can be used; says what was decided by looking at it, too."""
    for _ in read_writes(name, replace(options, skipping=Skipping())):
        return


def _size(name: str) -> int:
    return 0 if is_folder(name) else size_of(name)
