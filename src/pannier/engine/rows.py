"""How items lie in the store.

```
key    space (4) | hash of the partition key (4) | partition key | sort key [| base key]
value  size in bytes, as DynamoDB counts it (4, little endian) | the item as JSON
```

A *space* is the rows of one table or one index; a new number for each, never used again. The
hash comes first for the same reason as in DynamoDB: a scan's segments are ranges of hashes,
stable and disjoint, and the order of a scan says nothing about the keys. Inside one partition key
rows are in sort key order. An entry of an index carries the key of its item behind its own, since
index keys need not be unique.

The JSON is exactly what an answer needs: a read without projection joins stored bytes and decodes
nothing.
"""

from struct import Struct
from typing import Any, Final
from zlib import crc32

import orjson

from pannier.model.attribute_value import Item
from pannier.model.key_schema import KeyBytes

SPACE_BYTES: Final = 4
HASH_SPAN: Final = 2**32
HEADER_BYTES: Final = 4

_HASH: Final = Struct(">I")
_HEADER: Final = Struct("<I")

CATALOG_SPACE: Final = b"\0\0\0\0"


def space_prefix(number: int) -> bytes:
    """The prefix of all rows of a space."""
    return number.to_bytes(SPACE_BYTES, "big")


def partition_prefix(space: bytes, partition: bytes) -> bytes:
    """The prefix of all rows with one partition key."""
    return space + _HASH.pack(crc32(partition)) + partition


def row_key(space: bytes, key: KeyBytes) -> bytes:
    """The key of an item's row in its table."""
    partition, sort = key
    return space + _HASH.pack(crc32(partition)) + partition + sort


def entry_key(space: bytes, index_key: KeyBytes, base: KeyBytes) -> bytes:
    """The key of an item's entry in an index."""
    return row_key(space, index_key) + base[0] + base[1]


def hash_bound(space: bytes, numerator: int, denominator: int) -> bytes:
    """The first key of the `numerator`-th of `denominator` equal ranges of hashes."""
    if numerator == denominator:
        return space_prefix(int.from_bytes(space, "big") + 1)
    return space + (HASH_SPAN * numerator // denominator).to_bytes(4, "big")


def to_row(item: Item, size_bytes: int) -> bytes:
    """An item's row."""
    return _HEADER.pack(size_bytes) + orjson.dumps(item)


def encoded_row(encoded: bytes, size_bytes: int) -> bytes:
    """The row of an item whose canonical JSON is at hand."""
    header: bytes = _HEADER.pack(size_bytes)
    return header + encoded


def row_size(row: bytes) -> int:
    """The item's size in bytes, as DynamoDB counts it."""
    size_bytes: int = _HEADER.unpack_from(row)[0]
    return size_bytes


def row_json(row: bytes) -> bytes:
    """The item as JSON."""
    return row[HEADER_BYTES:]


def row_item(row: bytes) -> Item:
    """The item itself."""
    item: Item | Any = orjson.loads(memoryview(row)[HEADER_BYTES:])
    return item
