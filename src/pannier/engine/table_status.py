"""What state a table and its indexes are in, by the clock; and what may not be done meanwhile.

A table's record says until when a status lasts (`pending`, `pending_indexes`, `leaving_indexes`);
the status itself follows from the clock, so that no thread has to bring it about. Without a table
delay nothing is pending, and all is ACTIVE at once.

| rule | evidence |
|---|---|
| a table in CREATING answers ResourceNotFoundException to item operations (see `Catalog.table`) | captured |
| one in UPDATING serves items, and refuses UpdateTable and DeleteTable with ResourceInUseException | service model; texts captured |
| a new index is CREATING; Backfilling while items are taken over; the table is ACTIVE then | service model |
| an index that is not ACTIVE is not read | captured |
"""  # noqa: E501  # a table's row can't be wrapped

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from pannier.engine import table_messages
from pannier.engine.catalog import Index, Table
from pannier.errors import ResourceInUseException, ValidationException

_DOING: Final = {"CREATING": "created", "UPDATING": "updated", "DELETING": "deleted"}


def status(table: Table, now_s: float) -> str:
    """The `TableStatus` of this moment."""
    pending = table.record.get("pending")
    if pending is not None and now_s < pending["until"]:
        text: str = pending["status"]
        return text
    return "ACTIVE"


def index_status(index: Index, now_s: float) -> str:
    """The `IndexStatus` of this moment."""
    pending = index.opens_at is not None and now_s < index.opens_at
    return "CREATING" if pending or index.built_to is not None else "ACTIVE"


def require_idle(table: Table, now_s: float) -> None:
    """Make sure that nothing else is being done to a table.

    Raises:
        ResourceInUseException: it is being created or updated.
    """
    current = status(table, now_s)
    if current != "ACTIVE":
        raise ResourceInUseException(table_messages.table_in_use(_DOING[current], table.name))


def require_readable(index: Index, clock: Callable[[], float]) -> None:
    """Make sure that an index can be read.

    Raises:
        ValidationException: it is not ACTIVE yet.
    """
    if index.built_to is None:
        if index.opens_at is None:
            return
        if clock() >= index.opens_at:
            index.opens_at = None
            return
    raise ValidationException(table_messages.backfilling(index.name))


def leaving_indexes(table: Table, now_s: float) -> list[dict[str, Any]]:
    """The indexes that are gone but still described as DELETING."""
    leaving = table.record.get("leaving_indexes", ())
    return [each["description"] for each in leaving if now_s < each["until"]]


def describe(table: Table, now_s: float, *, as_status: str | None = None) -> dict[str, Any]:
    """The `TableDescription` of this moment.

    Args:
        table: the table.
        now_s: seconds since 1970.
        as_status: the status to show instead of the one that follows from the clock.
    """
    current = as_status or status(table, now_s)
    description = {**table.describe(), "TableStatus": current}
    _today(description, now_s)
    if "WarmThroughput" in description:
        description["WarmThroughput"] = {**description["WarmThroughput"], "Status": current}
    if "RestoreSummary" in description:
        restoring = {"RestoreInProgress": current == "CREATING"}
        description["RestoreSummary"] = {**description["RestoreSummary"], **restoring}
    indexes = [
        _describe_index(table, each, now_s, with_table=current)
        for each in description.pop("GlobalSecondaryIndexes", ())
    ]
    indexes += [{**each, "IndexStatus": "DELETING"} for each in leaving_indexes(table, now_s)]
    if indexes:
        description["GlobalSecondaryIndexes"] = indexes
    return description


def _describe_index(
    table: Table, description: dict[str, Any], now_s: float, *, with_table: str
) -> dict[str, Any]:
    """An index, which comes and goes with its table."""
    index = table.index(description["IndexName"])
    assert index is not None
    shares = with_table in ("CREATING", "DELETING")
    current = with_table if shares else index_status(index, now_s)
    shown = {**description, "IndexStatus": current}
    if current == "CREATING" and not shares:
        shown["Backfilling"] = index.built_to is not None
    if "WarmThroughput" in shown:
        warm_status = "ACTIVE" if current == "ACTIVE" else "UPDATING"
        shown["WarmThroughput"] = {**shown["WarmThroughput"], "Status": warm_status}
    _today(shown, now_s)
    return shown


def _today(description: dict[str, Any], now_s: float) -> None:
    """Decreases are counted by the UTC day."""
    throughput = description["ProvisionedThroughput"]
    if throughput["NumberOfDecreasesToday"]:
        last = datetime.fromtimestamp(throughput["LastDecreaseDateTime"], UTC).date()
        if last != datetime.fromtimestamp(now_s, UTC).date():
            description["ProvisionedThroughput"] = {**throughput, "NumberOfDecreasesToday": 0}
