"""Throughput of tables and indexes: provisioned, on demand, warm.

| rule | evidence |
|---|---|
| provisioned units are positive (service model) and at most 10^12: `Given value ...` | known |
| a change to what is already there is refused | captured |
| increases and decreases are dated, decreases counted by the UTC day | service model |
| after 4 decreases on a day, the next may follow an hour after the last | Developer Guide, quotas |
| on-demand maxima: 1 and above, or -1 for none; only on demand | captured; text of the latter inferred |
| warm throughput begins at 12,000 / 4,000 on demand, else at the provisioned units | captured |
| it only grows: with what is provisioned, and by UpdateTable | Developer Guide, warm throughput |
"""  # noqa: E501  # a table's row can't be wrapped

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pannier.engine import table_messages
from pannier.errors import LimitExceededException, ValidationException

_UNITS_MAX: Final = 10**12
_FREE_DECREASES: Final = 4
_DECREASE_PAUSE_S: Final = 3600
_MEMBERS: Final = ("ReadCapacityUnits", "WriteCapacityUnits")
_ON_DEMAND_MEMBERS: Final = ("MaxReadRequestUnits", "MaxWriteRequestUnits")
_WARM_MEMBERS: Final = ("ReadUnitsPerSecond", "WriteUnitsPerSecond")
_WARM_ON_DEMAND: Final = (12_000, 4_000)


def check_bounds(given: Mapping[str, int] | None, index: str | None = None) -> None:
    """Check provisioned units that are asked for.

    Raises:
        ValidationException: they are beyond all bounds.
    """
    for member in _MEMBERS:
        value = (given or {}).get(member, 1)
        if value > _UNITS_MAX:
            tail = f" for index {index}" if index else ""
            raise ValidationException(
                table_messages.OUT_OF_BOUNDS.format(value=value, member=member, tail=tail)
            )


def provisioned(given: Mapping[str, int] | None) -> dict[str, Any]:
    """The `ProvisionedThroughputDescription` of something new; zeros on demand."""
    units = given or {}
    return {
        "NumberOfDecreasesToday": 0,
        "ReadCapacityUnits": units.get("ReadCapacityUnits", 0),
        "WriteCapacityUnits": units.get("WriteCapacityUnits", 0),
    }


def changed(
    current: Mapping[str, Any], wanted: Mapping[str, int], now_s: float, index: str | None = None
) -> dict[str, Any]:
    """The `ProvisionedThroughputDescription` after a change.

    Args:
        current: the description as it is.
        wanted: the units that are asked for.
        now_s: seconds since 1970.
        index: the index's name, or None for a table.

    Raises:
        ValidationException: nothing would change.
        LimitExceededException: there were too many decreases today.
    """
    before = (current["ReadCapacityUnits"], current["WriteCapacityUnits"])
    after = (wanted["ReadCapacityUnits"], wanted["WriteCapacityUnits"])
    if before == after:
        owner, kind = (f"index {index}", "index") if index else ("table", "table")
        raise ValidationException(table_messages.not_changed(owner, kind, before, after))
    description = {**current, **dict(zip(_MEMBERS, after, strict=True))}
    if after[0] > before[0] or after[1] > before[1]:
        description["LastIncreaseDateTime"] = round(now_s, 3)
    if after[0] < before[0] or after[1] < before[1]:
        description["NumberOfDecreasesToday"] = _decreases_today(current, now_s) + 1
        description["LastDecreaseDateTime"] = round(now_s, 3)
    return description


def _decreases_today(current: Mapping[str, Any], now_s: float) -> int:
    """How many decreases there were today, if there may be another."""
    count: int = current["NumberOfDecreasesToday"]
    if not count:
        return 0
    last_s: float = current["LastDecreaseDateTime"]
    today = datetime.fromtimestamp(now_s, UTC).date()
    if datetime.fromtimestamp(last_s, UTC).date() != today:
        return 0
    next_s = last_s + _DECREASE_PAUSE_S
    if count >= _FREE_DECREASES and now_s < next_s:
        raise LimitExceededException(
            table_messages.decreases(count, _in_words(last_s), _in_words(next_s))
        )
    return count


def _in_words(time_s: float) -> str:
    moment = datetime.fromtimestamp(time_s, UTC)
    hour = moment.hour % 12 or 12
    return f"{moment:%A, %B} {moment.day}, {moment.year} {hour}:{moment:%M:%S %p} UTC"


def on_demand(
    given: Mapping[str, int] | None, *, allowed: bool, index: str | None = None
) -> dict[str, int]:
    """Check the maxima of on-demand throughput.

    Returns:
        What to keep of them; empty where none are given.

    Raises:
        ValidationException: one is out of range, or the billing mode is another.
    """
    if given is None:
        return {}
    if not allowed:
        raise ValidationException(table_messages.ON_DEMAND_NEEDLESS)
    owner = f"index {index}" if index else "table"
    for member in _ON_DEMAND_MEMBERS:
        value = given.get(member, -1)
        if value != -1 and not 1 <= value <= _UNITS_MAX:
            raise ValidationException(
                table_messages.ON_DEMAND_RANGE.format(member=member, owner=owner)
            )
    return dict(given)


def warm(
    current: Mapping[str, int] | None,
    given: Mapping[str, int] | None,
    units: Mapping[str, Any],
    *,
    on_demand_mode: bool,
    index: str | None = None,
) -> dict[str, int]:
    """The warm throughput of a table or index, without its status.

    Args:
        current: as it is, or None for something new.
        given: what is asked for, or None.
        units: the `ProvisionedThroughputDescription`.
        on_demand_mode: whether the table is billed on demand.
        index: the index's name, or None for a table.

    Raises:
        ValidationException: less is asked for than there is.
    """
    low = _WARM_ON_DEMAND if on_demand_mode else tuple(units[member] for member in _MEMBERS)
    owner = f"index {index}" if index else "table"
    result = {}
    for member, least in zip(_WARM_MEMBERS, low, strict=True):
        floor = max(least, (current or {}).get(member, 0))
        wanted = (given or {}).get(member, floor)
        if wanted < floor or wanted > _UNITS_MAX:
            raise ValidationException(
                table_messages.WARM_RANGE.format(member=member, owner=owner, current=floor)
            )
        result[member] = wanted
    return result
