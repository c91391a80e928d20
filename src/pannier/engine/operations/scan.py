"""Scan: every item of a table or index, in the order of the hashes of their partition keys.

With `TotalSegments`, a segment is one of that many equal ranges of hashes: segments are disjoint,
together complete, and stay where they are whatever is written meanwhile.
"""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints, messages
from pannier.engine.legacy import check_mixing, compile_filter
from pannier.engine.pages import compile_expressions, plan_page
from pannier.engine.rows import hash_bound
from pannier.errors import ValidationException
from pannier.expressions import Placeholders

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> bytes:
    """Read one page of a scan."""
    constraints.check("Scan", request)
    check_mixing("Scan", request)
    segment, total = _segment(request)
    placeholders = Placeholders(
        request.get("ExpressionAttributeNames"), request.get("ExpressionAttributeValues")
    )
    placeholders.check(
        {name: request.get(name) for name in ("FilterExpression", "ProjectionExpression")}
    )
    condition = compile_filter(request, "ScanFilter")
    expressions = compile_expressions(request, placeholders)
    if condition is not None:
        expressions.condition = condition
    placeholders.check_unused()
    read = plan_page(database, request, expressions)
    start = hash_bound(read.space, segment, total)
    stop = hash_bound(read.space, segment + 1, total)
    after = read.start_key(messages.STARTING_KEY_SCAN)
    if after is not None:
        if not start <= after < stop:
            raise ValidationException(messages.starting_key_segment(segment, total))
        start = after + b"\0"
    return read.answer(database.store.values(start, stop))


def _segment(request: dict[str, Any]) -> tuple[int, int]:
    segment, total = request.get("Segment"), request.get("TotalSegments")
    if segment is None and total is None:
        return 0, 1
    if total is None:
        raise ValidationException(messages.SEGMENT_ALONE)
    if segment is None:
        raise ValidationException(messages.TOTAL_SEGMENTS_ALONE)
    if segment >= total:
        raise ValidationException(messages.segment_too_high(segment, total))
    return segment, total
