"""Where a turn at a budget begins and ends."""

import asyncio
import random
import time

from pannier.batch.pace.budget import Allowance, Budget, Turn
from pannier.batch.pace.pacing import Pacing
from pannier.batch.pace.turns import end_turn, gathers_since_s, turn_of


def test_a_job_without_turns_gathers_from_now_on() -> None:
    assert turn_of(None) is None
    assert turn_of(Allowance(100.0)) is None
    assert gathers_since_s(None, started_s=5.0, now_s=7.0) == 7.0


def test_a_turn_gathers_since_the_one_before_it_ended_or_since_its_beginning() -> None:
    turn = Turn(3.0)
    assert turn_of(Allowance(100.0, turn=turn)) is turn
    assert gathers_since_s(turn, started_s=5.0, now_s=7.0) == 3.0
    assert gathers_since_s(Turn(), started_s=5.0, now_s=7.0) == 5.0


def test_a_turn_ends_when_nothing_is_owed() -> None:
    pacing = Pacing(random.Random(0), 300.0, 1)
    now_s = time.monotonic()
    budget = Budget({"": 100.0}, now_s, OwnLedger(now_s))
    budget.charge(-1.0, now_s)  # what was charged too much: something is left
    pacing.set_budget("shop", budget)
    turn = Turn()
    asyncio.run(end_turn(turn, pacing, lambda: now_s))
    assert turn.ended_s is not None
    assert turn.ended_s < now_s


def test_a_turn_in_which_nothing_was_sent_leaves_what_it_had() -> None:
    pacing = Pacing(random.Random(0), 300.0, 1)
    for begins_s, ended_s in ((3.0, 3.0), (None, 9.0)):
        turn = Turn(begins_s)
        asyncio.run(end_turn(turn, pacing, lambda: 9.0))
        assert turn.ended_s == ended_s
