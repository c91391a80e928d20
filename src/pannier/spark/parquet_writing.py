"""Lines of items as Parquet, in the layout that fits all of them.

The layout is known when all items were read, and reading them twice would cost twice. So their
lines are kept on the executors' disks meanwhile, where Spark looks after them. Spark writes the
files, so a task that it runs again leaves nothing behind; the marks of sets and of numbers as text
are in the metadata that Spark's own reader restores (see `marks`).
"""

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

import orjson

from pannier.files.arrow_schema import Shape
from pannier.model.attribute_value import Item
from pannier.spark.columns import Columns
from pannier.spark.mapping import Batches, map_in_arrow
from pannier.spark.plain_errors import told_plainly

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType


def merged(shapes: Iterable[Shape]) -> Shape:
    """The shape of all items together."""
    whole = Shape()
    for each in shapes:
        whole.add_items(each)
    return whole


def write_parquet(
    lines: "DataFrame", schema: "StructType", key_names: Collection[str], folder: str
) -> None:
    """Write the items of lines.

    Args:
        lines: in DynamoDB JSON, see `scan_lines.LINES`.
        schema: that all of them fit.
        key_names: by which items are named in messages.
        folder: that is not there yet.
    """
    columns = map_in_arrow(lines, _in_columns(schema, tuple(key_names)), schema)
    columns.write.parquet(folder)


def _in_columns(schema: "StructType", key_names: tuple[str, ...]) -> Callable[[Batches], Batches]:
    def convert(batches: Batches) -> Batches:
        with told_plainly():
            columns = Columns(schema, key_names=key_names)
            for batch in batches:
                yield columns.batch([_item(line) for line in batch.column(0).to_pylist()])

    return convert


def _item(line: str) -> Item:
    item: Item = orjson.loads(line)
    return item
