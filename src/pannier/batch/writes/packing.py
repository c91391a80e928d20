"""Full legal batches: at most 25 writes or 100 keys, at most 16 MB, no key twice.

No key comes twice because `ordering` lets at most one operation of a key be ready at a time. One
batch may hold several tables. What was left over comes first, and fresh operations fill it up, so
that trouble does not mean half-empty calls.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

import orjson

from pannier.batch.pace.budget import Purse
from pannier.batch.prepared import Prepared
from pannier.limits import KIB, REQUEST_BYTES_MAX

_Packed = TypeVar("_Packed", bound=Prepared)
_Element = TypeVar("_Element")

# Room for the request's own members, and for names and brackets of each operation's table.
_ENVELOPE_BYTES: Final = 4 * KIB
_OPERATION_BYTES: Final = 300
_PASSED_OVER_MAX: Final = 100


def fill(candidates: Iterable[_Packed], count_max: int) -> list[_Packed]:
    """As many operations as fit into one batch, those in front first.

    Args:
        candidates: in the order in which they should go. One that is too large for what is left of
            the batch is passed over, for smaller ones behind it; it is in front the next time.
        count_max: operations a batch may hold.
    """
    batch: list[_Packed] = []
    room = REQUEST_BYTES_MAX - _ENVELOPE_BYTES
    passed_over = 0
    for candidate in candidates:
        size_bytes = candidate.payload_bytes + _OPERATION_BYTES
        if batch and size_bytes > room:
            passed_over += 1
            if passed_over == _PASSED_OVER_MAX:
                break
            continue
        room -= size_bytes
        batch.append(candidate)
        if len(batch) == count_max:
            break
    return batch


def fits(batch: Iterable[Prepared]) -> bool:
    """Whether operations fit into one batch by their sizes."""
    room = REQUEST_BYTES_MAX - _ENVELOPE_BYTES
    for each in batch:
        room -= each.payload_bytes + _OPERATION_BYTES
    return room >= 0


def affordable(candidates: Iterable[_Packed], purses: Mapping[str, Purse]) -> Iterator[_Packed]:
    """The candidates that a budget has enough for, in their order.

    Of each table it is a run from its front: what is dear does not wait for ever because cheaper
    ones overtake it. What costs more than a budget can save goes as the first, once it is full.

    Args:
        candidates: in the order in which they should go.
        purses: what may be spent on each table that has a budget.
    """
    left = {table: purse.units for table, purse in purses.items()}
    untouched = {table for table, purse in purses.items() if purse.is_full}
    for candidate in candidates:
        table = candidate.table
        if table not in left:
            yield candidate
            continue
        if left[table] < candidate.units and table not in untouched:
            left[table] = -1.0
            continue
        untouched.discard(table)
        left[table] -= candidate.units
        yield candidate


def in_turn(queues: Sequence[Collection[_Element]]) -> Iterator[_Element]:
    """The elements of several queues, one of each in turn."""
    queues = [queue for queue in queues if queue]
    if len(queues) == 1:
        yield from queues[0]
        return
    running = [iter(queue) for queue in queues]
    while running:
        still: list[Iterator[_Element]] = []
        for each in running:
            for element in each:
                yield element
                still.append(each)
                break
        running = still


def encode_by_table(payloads: Iterable[tuple[str, bytes]]) -> bytes:
    """The JSON object that lists payloads by table: `{"T": [..., ...], ...}`."""
    by_table: defaultdict[str, list[bytes]] = defaultdict(list)
    for table, payload in payloads:
        by_table[table].append(payload)
    members = (
        orjson.dumps(table) + b":[" + b",".join(each) + b"]" for table, each in by_table.items()
    )
    return b"{" + b",".join(members) + b"}"


def units_by_table(operations: Sequence[Prepared]) -> dict[str, float]:
    """What operations are estimated to cost, by table."""
    units: dict[str, float] = {}
    for each in operations:
        units[each.table] = units.get(each.table, 0.0) + each.units
    return units


def halves(batch: Sequence[_Packed]) -> tuple[list[_Packed], list[_Packed]]:
    """A refused batch in two, so that the operation at fault can be found."""
    middle = len(batch) // 2
    return list(batch[:middle]), list(batch[middle:])
