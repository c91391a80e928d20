"""Ranges of time, and the periods that fit them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.errors import UserError
from pannier.monitoring.span import POINTS_MAX, range_s, span_of

NOW_S = 1_700_000_430.0
DAY_S = 86400


@pytest.mark.parametrize(
    ("text", "period_s"), [("15m", 60), ("3h", 60), ("23h", 60), ("7d", 900), ("30d", 3600)]
)
def test_periods_grow_with_the_range(text: str, period_s: int) -> None:
    span = span_of(NOW_S - range_s(text), NOW_S, NOW_S)
    assert span.period_s == period_s
    assert span.start_s % period_s == span.end_s % period_s == 0
    assert span.start_s <= NOW_S - range_s(text) < span.start_s + period_s


@pytest.mark.parametrize(("age_days", "period_s"), [(14, 60), (16, 300), (64, 3600), (400, 3600)])
def test_what_is_old_has_long_periods_only(age_days: int, period_s: int) -> None:
    start_s = NOW_S - age_days * DAY_S
    assert span_of(start_s, start_s + 3600, NOW_S).period_s == period_s


@given(age_s=st.floats(60, 455 * DAY_S), part=st.floats(0.001, 1), now_s=st.floats(1.6e9, 1.9e9))
def test_a_span_covers_what_was_asked_in_few_points(
    age_s: float, part: float, now_s: float
) -> None:
    start_s = now_s - age_s
    end_s = start_s + part * age_s
    span = span_of(start_s, end_s, now_s)
    assert span.start_s <= start_s
    assert span.end_s >= end_s
    assert 1 <= len(span.times_s) <= POINTS_MAX


@pytest.mark.parametrize("text", ["", "3", "h", "0m", "3w", "-1h", "1.5h", "999999d", "456d"])
def test_what_is_no_range_is_refused_with_advice(text: str) -> None:
    with pytest.raises(UserError) as caught:
        range_s(text)
    assert caught.value.advice


def test_a_range_must_lie_where_metrics_are_kept() -> None:
    with pytest.raises(UserError, match="before it begins"):
        span_of(NOW_S, NOW_S, NOW_S)
    with pytest.raises(UserError, match="455 days"):
        span_of(NOW_S - 456 * DAY_S, NOW_S, NOW_S)


def test_longer_periods_may_be_asked_for_and_too_short_ones_are_refused() -> None:
    assert span_of(NOW_S - 3600, NOW_S, NOW_S, 900).period_s == 900
    with pytest.raises(UserError, match="60 seconds are too short"):
        span_of(NOW_S - 7 * DAY_S, NOW_S, NOW_S, 60)
    with pytest.raises(UserError, match="300 seconds are too short"):
        span_of(NOW_S - 90 * DAY_S, NOW_S - 89 * DAY_S, NOW_S, 300)
