"""What was left over of a call, and why.

An answer does not say why something was left over. For writes it is lack of capacity. For reads it
may as well be size: an answer ends at 16 MB, and at 1 MB from one partition (service model,
BatchGetItem). Then nothing has to wait, and the rest is asked for again at once.

What can be told apart: a call that is cut short at 1 MB has read at least 1 MB less one item, so
624 KB, and what it has read is at most its units times 4 KB (8 KB where reads are eventually
consistent). So if the units do not account for 624 KB, it was not the size. If they do, it may have
been; and if it was not, the next call will bring nothing at all, which leaves no doubt.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from pannier.batch.pace.budget import TABLE, consumed_by_resource
from pannier.batch.prepared import Prepared
from pannier.batch.writes.packing import units_by_table
from pannier.limits import BATCH_GET_PARTITION_BYTES_MAX, ITEM_BYTES_MAX, READ_UNIT_BYTES

_CUT_SHORT_BYTES_MIN: Final = BATCH_GET_PARTITION_BYTES_MAX - ITEM_BYTES_MAX


class Left(NamedTuple):
    """What was left over of one table's operations in a call.

    Attributes:
        left: operations that were left over.
        passed: operations that were not.
        units: what those left over are estimated to cost.
    """

    left: int
    passed: int
    units: float


def left_by_table(sent: Collection[Prepared], again: Sequence[Prepared]) -> dict[str, Left]:
    """What was left over of a call, of each table of which something was.

    Args:
        sent: all operations of the call.
        again: those that were left over.
    """
    left: dict[str, Left] = {}
    for table, units in units_by_table(again).items():
        count = sum(each.table == table for each in again)
        passed = sum(each.table == table for each in sent) - count
        left[table] = Left(count, passed, units)
    return left


def may_be_for_size(consumed: object, table: str, body_bytes: int, *, consistent: bool) -> bool:
    """Whether keys of a table may have been left over because of the size of the others' items.

    Args:
        consumed: the `ConsumedCapacity` of the answer.
        table: the table's name.
        body_bytes: size of the whole answer; says enough where units are not answered.
        consistent: whether reads were consistent.
    """
    entries: list[Any] = consumed if isinstance(consumed, list) else []
    for entry in entries:
        if isinstance(entry, dict) and entry.get("TableName") == table:
            units = consumed_by_resource(entry)[TABLE]
            unit_bytes = READ_UNIT_BYTES if consistent else 2 * READ_UNIT_BYTES
            return units * unit_bytes >= _CUT_SHORT_BYTES_MIN
    return body_bytes >= _CUT_SHORT_BYTES_MIN
