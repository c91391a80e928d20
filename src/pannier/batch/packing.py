"""Full legal batches: at most 25 writes or 100 keys, at most 16 MB, no key twice.

No key comes twice because `ordering` lets at most one operation of a key be ready at a time. One
batch may hold several tables.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, Protocol, TypeVar

import orjson

from pannier.limits import KIB, REQUEST_BYTES_MAX


class Packable(Protocol):
    """Something encoded for a batch."""

    @property
    def payload(self) -> bytes:
        """Its JSON."""


_Packed = TypeVar("_Packed", bound=Packable)

# Room for the request's own members, and for names and brackets of each operation's table.
_ENVELOPE_BYTES: Final = 4 * KIB
_OPERATION_BYTES: Final = 300


def fill(candidates: Iterable[_Packed], count_max: int) -> list[_Packed]:
    """The longest run from the front that fits into one batch.

    Args:
        candidates: in the order in which they should go.
        count_max: operations a batch may hold.
    """
    batch: list[_Packed] = []
    room = REQUEST_BYTES_MAX - _ENVELOPE_BYTES
    for candidate in candidates:
        room -= len(candidate.payload) + _OPERATION_BYTES
        if batch and room < 0:
            break
        batch.append(candidate)
        if len(batch) == count_max:
            break
    return batch


def encode_by_table(payloads: Iterable[tuple[str, bytes]]) -> bytes:
    """The JSON object that lists payloads by table: `{"T": [..., ...], ...}`."""
    by_table: defaultdict[str, list[bytes]] = defaultdict(list)
    for table, payload in payloads:
        by_table[table].append(payload)
    members = (
        orjson.dumps(table) + b":[" + b",".join(each) + b"]" for table, each in by_table.items()
    )
    return b"{" + b",".join(members) + b"}"


def halves(batch: Sequence[_Packed]) -> tuple[list[_Packed], list[_Packed]]:
    """A refused batch in two, so that the operation at fault can be found."""
    middle = len(batch) // 2
    return list(batch[:middle]), list(batch[middle:])
