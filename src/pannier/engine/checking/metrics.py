"""The metrics that a database keeps: each record can be read."""

from collections.abc import Callable
from typing import Final

import orjson

from pannier.engine.checking.findings import Findings
from pannier.engine.metrics.point import Point
from pannier.engine.metrics.space import (
    ALARM_PREFIX,
    HISTORY_PREFIX,
    METRICS_SPACE,
    POINT_PREFIX,
    SERIES_PREFIX,
    THROUGHPUT_PREFIX,
)
from pannier.engine.row_groups import space_end
from pannier.engine.rows import space_prefix
from pannier.storage.store import Store

_KINDS: Final[dict[bytes, tuple[str, Callable[[bytes], object]]]] = {
    SERIES_PREFIX: ("series", orjson.loads),
    POINT_PREFIX: ("point", Point.decode),
    THROUGHPUT_PREFIX: ("provisioned throughput", orjson.loads),
    ALARM_PREFIX: ("alarm", orjson.loads),
    HISTORY_PREFIX: ("entry of an alarm's history", orjson.loads),
}


def readable(key: bytes, value: bytes) -> str | None:
    """What is wrong with a record of the metrics; None if nothing is."""
    for prefix, (kind, decode) in _KINDS.items():
        if key.startswith(prefix):
            try:
                decode(value)
            except Exception as error:
                return f"a {kind} can't be read: {error!r}"
            return None
    return f"{key.hex()} is of no known kind"


def check(store: Store, findings: Findings) -> None:
    """Look at all of them."""
    prefix = space_prefix(METRICS_SPACE)
    rows = 0
    for key, value in store.range(prefix, space_end(prefix)):
        rows += 1
        wrong = readable(key, value)
        if wrong is not None:
            findings.add("metrics", "metrics", wrong)
    findings.looked_at(rows)
