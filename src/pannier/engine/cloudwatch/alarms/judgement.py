"""The state of an alarm, out of the data points of its last periods.

| rule | evidence |
|---|---|
| more periods are looked at than are evaluated, so that a late data point still counts | User Guide |
| as many data points as periods are to be evaluated: the newest decide, M of them make an alarm | User Guide |
| fewer: `breaching` and `notBreaching` stand in for what is missing | User Guide |
| `missing`, `ignore`: one that does not breach makes it OK; none at all makes no change (`ignore`) or INSUFFICIENT_DATA | User Guide, its tables |
| `missing`: if all breach and the oldest is at least M periods old, it is an alarm | User Guide, "premature transitions" |

Source: CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data"; the tests hold
this to every row of its tables. How many more periods are looked at depends on the alarm, and is not
said; in the tables it is two.
"""  # noqa: E501  # a table's row can't be wrapped

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pannier.engine.cloudwatch.alarms.alarm import State

EXTRA_PERIODS: Final = 2


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an evaluation found.

    Attributes:
        state: the state to be in; None to stay in the one there is.
        evaluated: positions of the data points that decided, oldest first.
        missing: how many missing data points something stood in for.
    """

    state: State | None
    evaluated: tuple[int, ...]
    missing: int


def judge(
    breaching: Sequence[bool | None], periods: int, datapoints: int, treat_missing: str
) -> Judgement:
    """Judge the data points of the last periods.

    Args:
        breaching: for each period, oldest first, whether its data point breaches the threshold;
            None where there is none.
        periods: N, how many are to be evaluated.
        datapoints: M, how many of them must breach.
        treat_missing: `missing`, `ignore`, `breaching` or `notBreaching`.
    """
    there = [position for position, each in enumerate(breaching) if each is not None]
    evaluated = tuple(there[-periods:])
    count = sum(breaching[position] is True for position in evaluated)
    missing = periods - len(evaluated)
    if missing > 0 and treat_missing == "breaching":
        count += missing
    state: State | None = "ALARM" if count >= datapoints else "OK"
    if missing > 0 and treat_missing in ("missing", "ignore") and count < datapoints:
        if not evaluated:
            state = None if treat_missing == "ignore" else "INSUFFICIENT_DATA"
        elif all(breaching[position] for position in evaluated):
            old_enough = len(breaching) - evaluated[0] >= datapoints
            if treat_missing == "ignore":
                state = None
            else:
                state = "ALARM" if old_enough else "INSUFFICIENT_DATA"
    return Judgement(state, evaluated, missing)
