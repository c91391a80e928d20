"""A token bucket: what gathers, what is kept, what passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.engine.throttle.bucket import Bucket


def test_a_bucket_begins_full_and_fills_at_its_rate_up_to_its_size():
    bucket = Bucket(rate=5, size=1500, now_s=100.0)
    assert bucket.has(1500, 100.0)
    bucket.units -= 1500
    assert not bucket.has(1, 100.0)
    assert bucket.has(5, 101.0)
    assert not bucket.has(6, 101.0)
    bucket.fill(100_000.0)
    assert bucket.units == 1500


def test_a_clock_that_goes_back_neither_fills_nor_blocks():
    """Clocks of machines are set back; what was there must stay, and fill from then on."""
    bucket = Bucket(rate=10, size=10, now_s=100.0)
    bucket.units = 0
    bucket.fill(50.0)
    assert bucket.units == 0
    bucket.fill(51.0)
    assert bucket.units == 10


def test_what_never_fits_passes_a_full_bucket_and_leaves_a_debt():
    """An item of 400 units must get into a table of one unit a second, which keeps 300."""
    bucket = Bucket(rate=1, size=300, now_s=0.0)
    assert bucket.has(400, 0.0)
    bucket.units -= 400
    assert not bucket.has(1, 100.0)
    assert bucket.has(1, 101.0)


def test_a_new_rate_keeps_what_has_gathered_as_far_as_there_is_room():
    bucket = Bucket(rate=10, size=3000, now_s=0.0)
    bucket.units = 100
    bucket.resize(rate=20, size=6000, now_s=10.0)
    assert bucket.units == 200
    bucket.resize(rate=0.1, size=30, now_s=10.0)
    assert bucket.units == 30


@given(
    rate=st.integers(1, 50),
    steps=st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 1.0, 7.3]), st.integers(1, 30))),
)
def test_what_passes_never_exceeds_what_was_there_and_has_gathered(
    rate: int, steps: list[tuple[float, int]]
):
    """The law of a bucket, whatever the rhythm: passed <= size + rate * time, in whole units."""
    size = rate * 3
    bucket = Bucket(rate, size, 0.0)
    now_s = 0.0
    passed = 0
    for wait_s, units in steps:
        now_s += wait_s
        if units <= size and bucket.has(units, now_s):
            bucket.units -= units
            passed += units
    assert passed <= size + rate * now_s + 1e-3
    assert bucket.units == pytest.approx(min(bucket.units, size))
