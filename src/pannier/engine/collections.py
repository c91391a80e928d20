"""Item collections: all items of one partition key, in a table with local indexes.

Rule (captured): asked for with `ReturnItemCollectionMetrics: SIZE`, only tables with a local
index answer, with one entry a partition key: the key, and a range of whole gigabytes in which the
collection's size lies, the entries of its local indexes included.
"""

from collections.abc import Iterable
from typing import Any

from pannier.engine.catalog import Table
from pannier.engine.rows import partition_prefix, row_size
from pannier.engine.writing import ItemChange
from pannier.model.key_bytes import successor
from pannier.storage.store import Store

_GIGABYTE = 10**9


def collection_metrics(
    store: Store, table: Table, changes: Iterable[ItemChange]
) -> list[dict[str, Any]]:
    """The `ItemCollectionMetrics` of the partition keys that a request changed."""
    touched = {change.key[0]: change for change in changes}
    names = [attribute.name for attribute in table.schema.partition]
    metrics = []
    for partition, change in touched.items():
        gigabytes = _size_bytes(store, table, partition) // _GIGABYTE
        metrics.append(
            {
                "ItemCollectionKey": {name: change.attributes[name] for name in names},
                "SizeEstimateRangeGB": [float(gigabytes), float(gigabytes + 1)],
            }
        )
    return metrics


def _size_bytes(store: Store, table: Table, partition: bytes) -> int:
    spaces = [table.space, *(index.space for index in table.indexes if not index.is_global)]
    prefixes = [partition_prefix(space.prefix, partition) for space in spaces]
    return sum(
        row_size(row) for prefix in prefixes for _, row in store.range(prefix, successor(prefix))
    )
