"""When calls may be sent: trouble of one table is not the others', and trouble is counted once."""

import random
from typing import Any

import pytest

from pannier.batch.pace.budget import TABLE, Budget
from pannier.batch.pace.leftovers import Left
from pannier.batch.pace.pacing import Pacing, Permit

FOREVER_S = 1e9


class Most(random.Random):
    """Always waits as long as it may."""

    def random(self) -> float:
        return 1.0


class Least(random.Random):
    """Never waits longer than it must."""

    def random(self) -> float:
        return 0.0


def pacing(
    give_up_after_s: float = FOREVER_S, parallel: int = 32, chance: random.Random | None = None
) -> Pacing:
    return Pacing(chance or Most(), give_up_after_s, parallel)


def send(pace: Pacing, *tables: str, now_s: float = 0.0) -> Permit:
    return pace.send(dict.fromkeys(tables, 25.0), now_s, is_full=True)


def clean(pace: Pacing, permit: Permit, now_s: float, consumed: Any = None) -> None:
    pace.answered(permit, {}, consumed, now_s, None)


def test_it_begins_with_two_calls() -> None:
    pace = pacing()
    send(pace, "a")
    assert pace.is_open(0.0)
    permit = send(pace, "a")
    assert not pace.is_open(0.0)
    assert pace.opens_s({"a": 0.0}, 0.0) is None, "an answer has to come first"
    clean(pace, permit, 0.1)
    assert pace.is_open(0.1)


def test_a_throttled_table_waits_and_the_others_go_on() -> None:
    pace = pacing()
    pace.throttled(send(pace, "a"), ["a"], 0.0, None)
    assert pace.is_open(0.0)
    assert not pace.admits("a", 0.0, 0.0)
    assert pace.admits("b", 0.0, 0.0)
    assert pace.opens_s({"a": 0.0}, 0.0) == 0.05
    assert pace.admits("a", 0.0, 0.05)
    assert set(pace.slow_tables) == {"a"}


def test_of_a_call_with_two_tables_only_the_one_that_the_service_names_waits() -> None:
    pace = pacing()
    pace.throttled(send(pace, "a", "b"), ["b"], 0.0, None)
    assert pace.admits("a", 0.0, 0.0)
    assert not pace.admits("b", 0.0, 0.0)


@pytest.mark.parametrize("named", [[], ["elsewhere"]])
def test_if_the_service_does_not_say_which_both_wait(named: list[str]) -> None:
    pace = pacing()
    pace.throttled(send(pace, "a", "b"), named, 0.0, None)
    assert not pace.admits("a", 0.0, 0.0)
    assert not pace.admits("b", 0.0, 0.0)


def test_tables_that_are_throttled_together_go_on_together() -> None:
    """Their leftovers fit into one call; different waits would make two of it."""
    pace = Pacing(random.Random(5), FOREVER_S, 32)
    left = {"a": Left(5, 20, 5.0), "b": Left(5, 20, 5.0)}
    pace.answered(send(pace, "a", "b"), left, None, 0.0, None)
    opens_s = pace.opens_s({"a": 0.0}, 0.0)
    assert opens_s
    assert opens_s == pace.opens_s({"b": 0.0}, 0.0)


def test_a_broken_way_holds_everything_back() -> None:
    pace = pacing()
    pace.broke(send(pace, "a"), 0.0)
    assert not pace.is_open(0.0)
    assert pace.opens_s({"b": 0.0}, 0.0) == 0.05
    assert pace.is_open(0.05)


def test_calls_in_flight_together_grow_the_wait_once() -> None:
    pace = pacing()
    permits = [send(pace, "a") for _ in range(8)]
    for permit in permits:
        pace.throttled(permit, ["a"], 0.0, None)
    assert pace.opens_s({"a": 0.0}, 0.0) == 0.05
    pace.throttled(send(pace, "a", now_s=0.05), ["a"], 0.05, None)
    assert pace.opens_s({"a": 0.0}, 0.05) == pytest.approx(0.05 + 0.1)
    assert pace.take_waited_s() == pytest.approx(0.15), "and is waited once"
    assert pace.take_waited_s() == 0.0


def test_throttling_halves_the_calls_of_the_table_and_clean_rounds_add_one() -> None:
    pace = pacing()
    permits = [send(pace, "a") for _ in range(8)]
    for permit in permits:
        pace.throttled(permit, ["a"], 0.0, None)
    limits = []
    now_s = 1.0
    for _ in range(3):
        permits = []
        while pace.admits("a", 0.0, now_s):
            permits.append(send(pace, "a", now_s=now_s))
        limits.append(len(permits))
        for permit in permits:
            clean(pace, permit, now_s)
    assert limits == [4, 5, 6]


def test_a_table_that_is_healthy_again_is_not_held_back_any_more() -> None:
    pace = pacing(parallel=4)
    pace.throttled(send(pace, "a"), ["a"], 0.0, None)
    for number in range(200):
        clean(pace, send(pace, "a", now_s=1.0 + number), 1.0 + number)
    assert not pace.slow_tables


def test_after_a_call_in_part_the_table_has_the_time_that_a_whole_one_needs() -> None:
    """Ten of 25 in 0.4 seconds, so the whole call needs a second; waits grow towards it."""
    pace = pacing(chance=Least())
    pace.answered(send(pace, "a"), {"a": Left(24, 1, 24.0)}, None, 0.0, None)
    waits_s = []
    now_s = 0.4
    for _ in range(4):
        permit = send(pace, "a", now_s=now_s)
        passed = min(25, round(25 * (waits_s[-1] if waits_s else 0.4)))
        left = {"a": Left(25 - passed, passed, 25.0 - passed)} if passed < 25 else {}
        pace.answered(permit, left, None, now_s, None)
        waits_s.append((pace.opens_s({"a": 0.0}, now_s) or 0.0) - now_s)
        now_s += waits_s[-1]
    assert waits_s == pytest.approx([0.56, 0.784, 1.0, 0.95], rel=0.05)


def test_the_wait_that_the_service_asks_for_is_kept_by_the_table() -> None:
    pace = pacing()
    pace.throttled(send(pace, "a"), [], 0.0, 7.0)
    assert pace.opens_s({"a": 0.0}, 0.0) == 7.0
    assert pace.is_open(0.0)


def test_a_job_gives_up_after_nothing_but_trouble() -> None:
    pace = pacing(give_up_after_s=30.0)
    now_s = 0.0
    while not pace.gave_up:
        assert now_s <= 30.0
        pace.throttled(send(pace, "a", now_s=now_s), ["a"], now_s, None)
        now_s = pace.opens_s({"a": 0.0}, now_s) or now_s
    assert now_s == 30.0


def test_one_table_without_hope_does_not_end_the_others() -> None:
    """There is progress as long as anything gets through."""
    pace = pacing(give_up_after_s=30.0)
    for second in range(100):
        pace.throttled(send(pace, "a", now_s=second), ["a"], second, None)
        clean(pace, send(pace, "b", now_s=second), second)
    assert not pace.gave_up


# Budgets


def consumed(table: str, units: float) -> list[dict[str, Any]]:
    return [{"TableName": table, "CapacityUnits": units}]


def test_until_prices_are_known_one_call_at_a_time_is_sent() -> None:
    pace = pacing()
    pace.set_budget("a", Budget({TABLE: 1000.0}, 0.0))
    permit = send(pace, "a")
    assert not pace.admits("a", 1.0, 0.0)
    assert pace.opens_s({"a": 1.0}, 0.0) is None
    clean(pace, permit, 0.1, consumed("a", 25.0))
    assert pace.admits("a", 1.0, 0.1)


def test_a_budget_holds_its_own_table_back() -> None:
    pace = pacing()
    pace.set_budget("a", Budget({TABLE: 100.0}, 0.0))
    clean(pace, send(pace, "a"), 0.0, consumed("a", 25.0))
    assert not pace.admits("a", 25.0, 0.0)
    assert pace.admits("b", 25.0, 0.0)
    assert pace.opens_s({"a": 25.0}, 0.0) == pytest.approx(0.1)
    assert pace.admits("a", 25.0, 0.1)
    assert pace.take_waited_s() == 0.0, "a budget is no trouble"


def test_a_throttled_call_is_given_back_to_the_budget_and_a_lost_one_is_not() -> None:
    """The lost one may have been done, and its units consumed."""
    pace = pacing()
    pace.set_budget("a", Budget({TABLE: 100.0}, 0.0))
    clean(pace, send(pace, "a"), 0.0, consumed("a", 25.0))
    pace.throttled(send(pace, "a", now_s=10.0), ["a"], 10.0, None)
    assert pace.purse("a", 10.0) == pytest.approx((40.0, True, 1.0))
    pace.broke(send(pace, "a", now_s=20.0), 20.0)
    assert pace.purse("a", 20.0) == pytest.approx((15.0, False, 1.0))
