"""How many calls are in flight: few at first, as many as help, fewer when they only queue.

The places that are called are models of a few lines: what matters is how a call's time depends on
how many others are under way.
"""

import heapq
import random
from collections.abc import Callable

import pytest

from pannier.batch.pace.concurrency import Concurrency


class Place:
    """Calls a place as hard as the limit allows, in simulated time.

    Args:
        latency_s: the time of a call, given how many are in flight, itself included.
    """

    def __init__(self, latency_s: Callable[[int], float], most: int = 32) -> None:
        self.concurrency = Concurrency(most)
        self.now_s = 0.0
        self.answers = 0
        self.most_in_flight = 0
        self._latency_s = latency_s
        self._under_way: list[tuple[float, int, float]] = []

    def call(self, answers: int, *, at_most: int = 1000) -> int:
        """Go on until so many answers have come; returns the limit."""
        for _ in range(answers):
            while self.concurrency.free and self.concurrency.in_flight < at_most:
                number = self.concurrency.sent()
                self.most_in_flight = max(self.most_in_flight, self.concurrency.in_flight)
                end_s = self.now_s + self._latency_s(self.concurrency.in_flight)
                heapq.heappush(self._under_way, (end_s, number, self.now_s))
            self.now_s, number, sent_s = heapq.heappop(self._under_way)
            self.answers += 1
            self.concurrency.returned()
            self.concurrency.took(number, self.now_s - sent_s, self.now_s)
        return self.concurrency.limit


def far(_: int) -> float:
    """Much room and a long way: each call takes 20 ms, however many there are."""
    return 0.020


def narrow(in_flight: int) -> float:
    """5 ms on the way, and one call after another, 2 ms each."""
    return 0.005 + 0.002 * in_flight


def test_it_begins_low() -> None:
    assert Concurrency(32).limit == 2
    assert Concurrency(1).limit == 1


def test_it_is_at_the_top_within_a_hundred_calls_where_nothing_stands_in_the_way() -> None:
    assert Place(far).call(100) == 32


@pytest.mark.parametrize("most", [1, 2, 3, 8, 100])
def test_it_never_goes_above_what_is_allowed(most: int) -> None:
    place = Place(far, most)
    place.call(2000)
    assert place.most_in_flight == most


def test_it_stops_where_calls_only_queue() -> None:
    """More calls would wait longer, and nothing would go faster."""
    place = Place(narrow)
    assert 4 <= place.call(100) <= 12
    for _ in range(20):
        assert 4 <= place.call(50) <= 12


def test_the_place_is_kept_busy_all_the_same() -> None:
    """A queue of a few calls is what keeps a narrow place at work: 2 ms a call, no gaps."""
    place = Place(narrow)
    place.call(100)
    begin_s = place.now_s
    place.call(1000)
    assert 1000 * 0.002 / (place.now_s - begin_s) > 0.5
    assert place.concurrency.limit / narrow(place.concurrency.limit) > 0.75 / 0.002


def test_one_slow_call_says_nothing() -> None:
    """A pause of the garbage collector, a lost packet: the median does not see them."""
    chance = random.Random(1)
    place = Place(lambda _: 0.5 if chance.random() < 0.05 else 0.020)
    place.call(300)
    limits = [place.call(32) for _ in range(50)]
    assert min(limits) >= 24


def test_noise_does_not_bring_it_down() -> None:
    chance = random.Random(2)
    place = Place(lambda _: chance.lognormvariate(-4, 0.3))
    place.call(500)
    limits = [place.call(32) for _ in range(50)]
    assert min(limits) >= 12


def test_it_comes_down_when_the_place_gets_crowded_and_goes_up_again() -> None:
    crowded = False

    def latency_s(in_flight: int) -> float:
        return 0.020 + (0.010 * in_flight if crowded else 0.0)

    place = Place(latency_s)
    assert place.call(200) == 32
    crowded = True
    assert place.call(1500) <= 12
    crowded = False
    assert place.call(3000) == 32


def test_a_place_that_is_simply_slower_now_is_learned() -> None:
    """Larger items take longer without any queue. What an undisturbed call takes is measured anew,
    for which a moment with two calls is enough."""
    slower = 1.0
    place = Place(lambda _: 0.020 * slower)
    place.call(200)
    slower = 5.0
    while place.now_s < 80.0:
        place.call(10)
    assert place.concurrency.limit == 32


def test_measuring_anew_costs_little() -> None:
    """Half a minute at full speed, a few calls at a low one."""
    place = Place(far)
    place.call(200)
    begin_s, begin = place.now_s, place.answers
    while place.now_s < begin_s + 300.0:
        place.call(100)
    speed = (place.answers - begin) / (place.now_s - begin_s)
    assert speed > 0.99 * 32 / 0.020


def test_it_does_not_grow_on_what_was_not_tried() -> None:
    """A slow source: three calls at a time, whatever is allowed."""
    place = Place(far)
    assert place.call(1000, at_most=3) <= 4


def test_broken_calls_halve_it_once_a_round() -> None:
    concurrency = Concurrency(32)
    concurrency.limit = 16
    numbers = [concurrency.sent() for _ in range(16)]
    for number in numbers:
        concurrency.returned()
        concurrency.broke(number)
    assert concurrency.limit == 8, "they were one round"
    concurrency.broke(concurrency.sent())
    assert concurrency.limit == 4
    for _ in range(10):
        concurrency.broke(concurrency.sent())
    assert concurrency.limit == 1, "and never less"


def test_it_recovers_from_one() -> None:
    place = Place(far)
    place.concurrency.limit = 1
    place.concurrency.broke(place.concurrency.sent())
    place.concurrency.returned()
    assert place.concurrency.limit == 1
    assert place.call(1000) == 32


def test_a_place_without_any_delay_divides_by_nothing() -> None:
    assert Place(lambda _: 0.0).call(200) == 32
