"""The order of a key's rows: what `by_key` arranges before a write.

The data source can't arrange it itself: Spark gives it partitions as they are. Within a partition
the rows of a key are applied in their order. Across partitions nothing is promised, and a data
frame that came out of a shuffle has no order at all, unless it is sorted.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pannier.errors import UserError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def by_key(
    frame: "DataFrame",
    names: str | Sequence[str],
    order: str | Sequence[str] = (),
    partitions: int | None = None,
) -> "DataFrame":
    """The same rows, with all rows of a key in one partition, in their order.

    Rows of a key come one right after another, so that mostly the last of them alone is sent. Keys
    come in the order of their hashes, so that no task writes to one partition of the table for
    long.

    Args:
        frame: the rows.
        names: the names of the table's key attributes: `"PK"`, or `["PK", "SK"]`.
        order: columns that say which row of a key is later: the largest is the last. Without, the
            order of a key's rows is not known.
        partitions: how many there are then; Spark's own default otherwise.

    Raises:
        UserError: a column is not there.
    """
    from pyspark.sql import functions

    keys = [names] if isinstance(names, str) else list(names)
    orders = [order] if isinstance(order, str) else list(order)
    missing = [name for name in (*keys, *orders) if name not in frame.columns]
    if missing or not keys:
        raise UserError(
            f"the data frame has no column {missing[0]}" if missing else "no key is named",
            f"It has {', '.join(frame.columns)}.",
        )
    # A name with a dot in it is a column here, not a path.
    quoted = {name: f"`{name.replace('`', '``')}`" for name in (*keys, *orders)}
    columns = [functions.col(quoted[name]) for name in keys]
    spread = (
        frame.repartition(*columns)
        if partitions is None
        else frame.repartition(partitions, *columns)
    )
    later = [functions.col(quoted[name]) for name in orders]
    return spread.sortWithinPartitions(functions.xxhash64(*columns), *columns, *later)
