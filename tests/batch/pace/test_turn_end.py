"""The end of a turn at a budget."""

import asyncio
import random

import pytest

from pannier.batch.pace.budget import Allowance, Budget, Turn
from pannier.batch.pace.ledger import OwnLedger
from pannier.batch.pace.pacing import Pacing
from pannier.batch.pace.turn_end import end_turn
from tests.batch import virtual_time

IN_TURN = Allowance(100.0, turn=Turn())


@pytest.mark.parametrize(
    ("allowance", "charged", "waits_s"),
    [
        (IN_TURN, 50.0, 0.5),  # what is owed is waited for
        (IN_TURN, 0.0, 0.0),
        (IN_TURN, -1.0, 0.0),  # what is left is for others
        (Allowance(100.0), 50.0, 0.0),  # there are no others
        (None, 50.0, 0.0),
    ],
)
def test_a_turn_ends_when_nothing_is_owed(
    allowance: Allowance | None, charged: float, waits_s: float
) -> None:
    pacing = Pacing(random.Random(0), 300.0, 1)
    budget = Budget({"": 100.0}, 0.0, OwnLedger(0.0))
    charge = budget.charge(1.0, 0.0)
    budget.correct(charge, 1.0, 1.0, {"": charged}, 0.0)
    pacing.set_budget("shop", budget)

    async def ended_s() -> float:
        time_s = asyncio.get_running_loop().time
        assert await end_turn(allowance, pacing, time_s) is (waits_s > 0)
        return time_s()

    assert virtual_time.run(ended_s()) == pytest.approx(waits_s, abs=1e-3)


def test_a_turn_in_which_nothing_was_sent_owes_nothing() -> None:
    pacing = Pacing(random.Random(0), 300.0, 1)
    assert asyncio.run(end_turn(IN_TURN, pacing, lambda: 9.0)) is False
