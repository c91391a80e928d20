"""What the rows of a partition ask for, whichever form they have."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pannier.files.source import Source
from pannier.spark.item_operations import ItemOperations
from pannier.spark.row_operations import RowOperations
from pannier.spark.write_plan import WritePlan

if TYPE_CHECKING:
    from pyarrow import RecordBatch


def operations_of(plan: WritePlan, batches: Iterator["RecordBatch"], partition: int) -> Source:
    """The operations of one partition, in the order of its rows.

    Args:
        plan: what is to be done.
        batches: of the partition.
        partition: its number.
    """
    first = next(batches, None)
    if first is None:
        return

    def whole() -> Iterator["RecordBatch"]:
        yield first
        yield from batches

    kind = RowOperations if plan.items == "columns" else ItemOperations
    yield from kind(f"partition {partition}", plan.rules, first.schema).of(whole())
