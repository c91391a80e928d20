"""The pace of a throttled table, learned from what its calls bring.

The table is a bucket: so many units a second, so many at most, seconds that a call takes.
"""

import random

import pytest

from pannier.batch.pace.refill import Refill


class Bucket:
    """A table that is asked by one client, which waits as long as `Refill` says."""

    def __init__(self, per_s: float, holds: float, latency_s: float, seed: int = 1) -> None:
        self.per_s, self.holds, self.latency_s = per_s, holds, latency_s
        self.refill = Refill()
        self.now_s = 0.0
        self.calls = 0
        self.passed = 0
        self._tokens = holds
        self._filled_s = 0.0
        self._chance = random.Random(seed)

    def call(self, whole: int = 25) -> None:
        self._fill(self.now_s + self.latency_s / 2)
        passed = min(whole, int(self._tokens))
        self._tokens -= passed
        self.calls += 1
        self.passed += passed
        self.now_s += self.latency_s
        if passed == whole:
            wait_s = self.refill.clean(whole, self.now_s) - self.latency_s
        else:
            known_s = self.refill.left_over(passed, whole, 1.0, self.now_s)
            wait_s = self._chance.random() * 0.2 if known_s is None else known_s
        self.now_s += max(0.0, wait_s) * (1 + 0.25 * self._chance.random())

    def run(self, until_s: float) -> None:
        while self.now_s < until_s:
            self.call()

    def _fill(self, at_s: float) -> None:
        self._tokens = min(self.holds, self._tokens + (at_s - self._filled_s) * self.per_s)
        self._filled_s = at_s


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("latency_s", [0.002, 0.05])
@pytest.mark.parametrize("per_s", [5, 40, 300])
def test_a_table_gives_nearly_all_it_has_in_nearly_full_calls(
    per_s: float, latency_s: float, seed: int
) -> None:
    bucket = Bucket(per_s, per_s * 300, latency_s, seed)
    bucket._tokens = 0.0
    bucket.run(120.0)
    assert bucket.passed > 0.9 * per_s * 120
    assert bucket.calls < 1.6 * bucket.passed / 25


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("holds", "share"), [(5, 0.55), (10, 0.75), (20, 0.75)])
def test_a_table_that_holds_less_than_a_call_is_not_waited_for_in_vain(
    holds: int, share: float, seed: int
) -> None:
    bucket = Bucket(10.0, holds, 0.01, seed)
    bucket.run(200.0)
    assert bucket.passed > share * 10 * 200
    assert bucket.calls < 2 * bucket.passed / holds


def test_a_table_that_becomes_faster_or_slower_is_followed() -> None:
    bucket = Bucket(20.0, 6000, 0.01)
    bucket._tokens = 0.0
    bucket.run(60.0)
    for per_s in (200.0, 10.0):
        bucket.per_s = per_s
        bucket._tokens = 0.0
        bucket.run(bucket.now_s + 20)
        before, calls, begin_s = bucket.passed, bucket.calls, bucket.now_s
        bucket.run(begin_s + 60)
        passed = bucket.passed - before
        assert passed > 0.9 * per_s * 60
        assert bucket.calls - calls < 1.6 * passed / 25


def test_where_nothing_gets_through_nothing_is_known() -> None:
    refill = Refill()
    assert refill.left_over(10.0, 25.0, 1.0, 0.0) is None, "since when it had gathered"
    assert refill.left_over(0.0, 25.0, 1.0, 1.0) is None
    assert refill.clean(25.0, 2.0) == 0.0
    assert refill.left_over(5.0, 25.0, 1.0, 2.0) is None, "two answers at the same time"
