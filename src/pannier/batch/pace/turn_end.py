"""The end of a job's turn at a budget that several jobs spend."""

import asyncio
from collections.abc import Callable

from pannier.batch.pace.budget import Allowance
from pannier.batch.pace.pacing import Pacing


async def end_turn(
    allowance: Allowance | None, pacing: Pacing, time_s: Callable[[], float]
) -> bool:
    """Wait until nothing is owed, where others go on with the same budget.

    Args:
        allowance: the job's.
        pacing: has the budgets.
        time_s: the time.

    Returns:
        Whether something was waited for.
    """
    if allowance is None or allowance.turn is None:
        return False
    now_s = time_s()
    empty_s = pacing.empty_s(now_s)
    if empty_s is None or empty_s <= now_s:
        return False
    await asyncio.sleep(empty_s - now_s)
    return True
