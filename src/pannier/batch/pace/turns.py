"""A job's turn at a budget that jobs one after another spend: its beginning and its end."""

import asyncio
from collections.abc import Callable

from pannier.batch.pace.budget import Allowance, Turn
from pannier.batch.pace.pacing import Pacing


def turn_of(allowance: Allowance | None) -> Turn | None:
    """The turn that a job takes; None if it has the budget for itself, or none."""
    return None if allowance is None else allowance.turn


def gathers_since_s(turn: Turn | None, started_s: float, now_s: float) -> float:
    """Since when capacity gathers for a job: now, but for a turn since the one before it ended.

    Args:
        turn: the job's, if it takes one.
        started_s: when the job began.
        now_s: the time.
    """
    if turn is None:
        return now_s
    return started_s if turn.begins_s is None else turn.begins_s


async def end_turn(turn: Turn | None, pacing: Pacing, time_s: Callable[[], float]) -> None:
    """Wait until nothing is owed, where others go on with the same budget.

    Args:
        turn: the job's, if it takes one; it is told since when capacity gathers for the next.
        pacing: has the budgets.
        time_s: the time.
    """
    if turn is None:
        return
    now_s = time_s()
    empty_s = pacing.empty_s(now_s)
    if empty_s is None:  # nothing was sent
        turn.ended_s = now_s if turn.begins_s is None else turn.begins_s
        return
    turn.ended_s = empty_s
    await asyncio.sleep(max(0.0, empty_s - now_s))
