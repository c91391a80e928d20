"""How long to wait after trouble, and when to give up.

Many calls in flight meet the same trouble: the bound of the waits must grow once for all of them.
"""

import random

import pytest

from pannier.batch.pace.backoff import Backoff, Deadline, SharedBackoff, Trouble


def test_waits_grow_from_50_milliseconds_to_20_seconds() -> None:
    """AWS's advice: 50, 100, 200 ms ... A generator that always draws the most shows the bounds."""

    class Most(random.Random):
        def random(self) -> float:
            return 1.0

    backoff = Backoff(Most())
    bounds = [backoff.trouble() for _ in range(30)]
    assert bounds[:4] == pytest.approx([0.05, 0.1, 0.2, 0.4])
    assert bounds == sorted(bounds)
    assert bounds[-1] == 20.0


def test_jitter_is_full_between_nothing_and_the_bound() -> None:
    """Clients that were throttled together must not come back together."""
    delays = []
    for seed in range(300):
        backoff = Backoff(random.Random(seed))
        delays.append([backoff.trouble() for _ in range(5)][-1])
    assert 0 <= min(delays) < 0.08
    assert 0.72 < max(delays) <= 0.8
    assert 0.3 < sum(delays) / len(delays) < 0.5


def test_a_seed_makes_the_waits_reproducible() -> None:
    first, second = Backoff(random.Random(7)), Backoff(random.Random(7))
    assert [first.trouble() for _ in range(9)] == [second.trouble() for _ in range(9)]


def test_the_wait_that_the_service_asks_for_is_honoured() -> None:
    assert Backoff(random.Random(1)).trouble(2.5) == 2.5
    assert Backoff(random.Random(1)).trouble(0.0) <= 0.05


@pytest.mark.parametrize("asked_s", [float("inf"), float("nan"), -1.0, 1e12])
def test_a_senseless_wait_is_bounded(asked_s: float) -> None:
    """A header comes from outside; it must not stop a job for ever."""
    assert 0 <= Backoff(random.Random(1)).trouble(asked_s) <= 300


# Shared by calls in flight


def trouble(now_s: float, retry_after_s: float | None = None, jitter: float = 1.0) -> Trouble:
    return Trouble(now_s, retry_after_s, jitter)


def test_eight_calls_in_flight_are_one_trouble() -> None:
    """Eight throttles at once say what one says; eight doublings would mean 6 s, not 50 ms."""
    backoff = SharedBackoff()
    assert backoff.trouble(0, trouble(0.0))
    for _ in range(7):
        assert not backoff.trouble(0, trouble(0.001))
    assert backoff.not_before_s == 0.05
    assert backoff.round == 1


def test_the_next_round_doubles_the_bound() -> None:
    backoff = SharedBackoff()
    waits_s = []
    now_s = 0.0
    for _ in range(12):
        backoff.trouble(backoff.round, trouble(now_s))
        waits_s.append(backoff.not_before_s - now_s)
        now_s = backoff.not_before_s
    assert waits_s[:4] == pytest.approx([0.05, 0.1, 0.2, 0.4])
    assert waits_s[-1] == pytest.approx(20.0)


def test_a_call_of_an_earlier_round_has_no_say_even_if_it_was_clean() -> None:
    """It was sent before the trouble began, so it says nothing of what is now."""
    backoff = SharedBackoff()
    for _ in range(3):
        backoff.trouble(backoff.round, trouble(0.0))
    backoff.success(0)
    backoff.ease(1)
    assert backoff.level == 3
    backoff.success(3)
    assert backoff.level == 0


def test_what_the_service_asks_for_counts_in_any_round() -> None:
    backoff = SharedBackoff()
    backoff.trouble(0, trouble(0.0))
    backoff.trouble(0, trouble(0.01, 7.0))
    assert backoff.not_before_s == pytest.approx(7.01)


def test_a_wait_whose_length_is_known_is_kept_with_a_little_jitter() -> None:
    """And it does not make the next wait for an unknown reason longer."""
    backoff = SharedBackoff()
    for jitter, length_s in ((0.0, 2.0), (1.0, 2.5)):
        backoff.not_before_s = 0.0
        backoff.trouble(backoff.round, Trouble(10.0, None, jitter), 2.0)
        assert backoff.not_before_s == pytest.approx(10.0 + length_s)
    assert backoff.level == 0


def test_a_known_wait_is_bounded_and_gives_way_to_what_the_service_asks_for() -> None:
    backoff = SharedBackoff()
    backoff.trouble(0, Trouble(0.0, None, 0.0), 1e6)
    assert backoff.not_before_s == 20.0
    backoff.trouble(1, Trouble(0.0, 60.0, 0.0), 1.0)
    assert backoff.not_before_s == 60.0


def test_a_clean_answer_halves_the_doublings() -> None:
    backoff = SharedBackoff()
    for _ in range(9):
        backoff.trouble(backoff.round, trouble(0.0))
    levels = []
    for _ in range(5):
        backoff.ease(backoff.round)
        levels.append(backoff.level)
    assert levels == [4, 2, 1, 0, 0]


# Giving up


def test_nothing_but_trouble_for_too_long_is_the_end() -> None:
    deadline = Deadline(30.0)
    assert not deadline.trouble(100.0)
    assert not deadline.trouble(129.0)
    assert deadline.at_s == 130.0
    assert deadline.trouble(130.0)
    assert str(deadline) == "no progress for 30 s"


def test_progress_begins_anew() -> None:
    deadline = Deadline(30.0)
    deadline.trouble(0.0)
    deadline.progress()
    assert deadline.at_s == float("inf")
    assert not deadline.trouble(1000.0)
    assert deadline.at_s == 1030.0
