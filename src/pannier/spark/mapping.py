"""Batches of Arrow that go through a function of ours in each task."""

import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

Batches: TypeAlias = Iterator[pa.RecordBatch]


def map_in_arrow(
    frame: "DataFrame", function: Callable[[Batches], Batches], schema: "StructType | str"
) -> "DataFrame":
    """What a function makes of the batches of each partition.

    Args:
        frame: is not run by this.
        function: runs in the tasks.
        schema: of what it yields.
    """
    with warnings.catch_warnings():
        # Spark looks which pandas there is, which no batch of Arrow comes in touch with.
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
        return frame.mapInArrow(function, schema)
