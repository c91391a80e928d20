"""What is told to Prometheus and OpenTelemetry alike: totals since the database was opened.

Units are OpenTelemetry's; Prometheus has them in the name. Labels that do not apply are empty.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from pannier.engine.database import Database
from pannier.engine.metrics.totals import Latency

Labels: TypeAlias = tuple[str, ...]
"""The values of labels, in the order of a reading's names."""

SUCCESS: Final = "none"  # in place of an error


@dataclass(frozen=True, slots=True)
class Reading:
    """One quantity, for each combination of its labels.

    Attributes:
        name: in words joined by underscores, without the unit.
        description: what it is.
        kind: whether it only grows (`counter`), goes up and down (`gauge`), or is a distribution.
        unit: of one, as in `{item}`, or `s`.
        labels: the names of its labels.
        values: by the labels' values; empty for a distribution.
        latencies: by the labels' values; of a distribution only.
    """

    name: str
    description: str
    kind: Literal["counter", "gauge", "histogram"]
    unit: str
    labels: Labels
    values: Mapping[Labels, float] = field(default_factory=dict)
    latencies: Mapping[Labels, Latency] = field(default_factory=dict)


def read(database: Database) -> Iterator[Reading]:
    """Everything there is to tell about a database."""
    totals = database.metrics.totals()
    requests: dict[Labels, float] = {
        (operation, SUCCESS): latency.count for operation, latency in totals.latencies.items()
    }
    yield Reading(
        "requests",
        "Requests, by what they were answered",
        "counter",
        "{request}",
        ("operation", "error"),
        requests | _by_labels(totals.errors),
    )
    yield Reading(
        "request_duration",
        "How long successful requests took inside the engine",
        "histogram",
        "s",
        ("operation",),
        latencies={(operation,): each for operation, each in totals.latencies.items()},
    )
    yield Reading(
        "consumed_units",
        "Capacity units consumed, as DynamoDB meters them",
        "counter",
        "{unit}",
        ("table", "index", "kind"),
        _lowered(totals.units),
    )
    yield Reading(
        "throttled_items",
        "Items that a table or index had no capacity for",
        "counter",
        "{item}",
        ("table", "index", "kind"),
        _lowered(totals.throttled_items()),
    )
    yield Reading(
        "throttled_requests",
        "Requests that failed because they were throttled",
        "counter",
        "{request}",
        ("operation", "table"),
        _by_labels(totals.throttled_requests()),
    )
    yield Reading(
        "unprocessed_items",
        "Items of batches that were left unprocessed for want of capacity, or by an injected fault",
        "counter",
        "{item}",
        ("operation", "table"),
        _by_labels(totals.unprocessed),
    )
    yield Reading(
        "failed_conditions",
        "Conditions of writes that were false",
        "counter",
        "{condition}",
        ("table",),
        {(table,): count for table, count in totals.failed_conditions().items()},
    )
    yield Reading(
        "returned_items",
        "Items that queries, scans and statements returned",
        "counter",
        "{item}",
        ("operation", "table"),
        _by_labels(totals.returned),
    )
    sizes = database.metrics.table_sizes()
    labels = ("table", "index")
    counts: dict[Labels, float] = {(table, index): items for table, index, items, _ in sizes}
    yield Reading("table_items", "Items, or entries of an index", "gauge", "{item}", labels, counts)
    spaces: dict[Labels, float] = {(table, index): size for table, index, _, size in sizes}
    yield Reading("table_size", "Their size, as DynamoDB counts it", "gauge", "By", labels, spaces)


def _by_labels(values: Mapping[tuple[str, str], float]) -> dict[Labels, float]:
    return {(first, second): each for (first, second), each in values.items()}


def _lowered(values: Mapping[tuple[str, str, str], float]) -> dict[Labels, float]:
    return {(table, index, kind.lower()): each for (table, index, kind), each in values.items()}
