"""Distributions of delays: what they mean, and that they never leave their bounds."""

import random
from statistics import mean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.engine.faults import (
    Exponential,
    Fixed,
    LogNormal,
    Normal,
    Pareto,
    RuleError,
    Slow,
    Uniform,
)
from pannier.engine.faults.latency import DELAY_S_MAX

DRAWS = 20_000


def drawn(latency: object) -> list[float]:
    chance = random.Random(1)
    slow = Slow(latency)  # type: ignore[arg-type]
    return [slow.delay_s(chance.random()) for _ in range(DRAWS)]


@pytest.mark.parametrize(
    ("latency", "of", "expected"),
    [
        (Fixed(0.2), mean, 0.2),
        (Uniform(0.1, 0.3), mean, 0.2),
        (Normal(1.0, 0.1), mean, 1.0),
        (LogNormal(0.05, 1.0), median, 0.05),
        (Exponential(0.4), mean, 0.4),
        (Pareto(0.1, 3.0), mean, 0.15),
    ],
)
def test_each_distribution_has_the_middle_that_it_names(latency, of, expected):
    """Whoever writes `median_ms = 50` must get 50 ms in the middle, not some other parameter."""
    assert of(drawn(latency)) == pytest.approx(expected, rel=0.03)


def test_the_shapes_are_those_of_their_names():
    assert min(drawn(Uniform(0.1, 0.3))) >= 0.1
    assert max(drawn(Uniform(0.1, 0.3))) <= 0.3
    assert min(drawn(Pareto(0.1, 3.0))) >= 0.1
    within = [each for each in drawn(Normal(1.0, 0.1)) if 0.9 <= each <= 1.1]
    assert len(within) / DRAWS == pytest.approx(0.683, abs=0.02)
    beyond = [each for each in drawn(Exponential(1.0)) if each > 3.0]
    assert len(beyond) / DRAWS == pytest.approx(0.0498, abs=0.01)


@given(
    st.one_of(
        st.builds(Fixed, st.floats(0, DELAY_S_MAX)),
        st.builds(Normal, st.floats(0, DELAY_S_MAX), st.floats(0, DELAY_S_MAX)),
        st.builds(LogNormal, st.floats(0, DELAY_S_MAX), st.floats(0.001, 100)),
        st.builds(Exponential, st.floats(0, DELAY_S_MAX)),
        st.builds(Pareto, st.floats(0, DELAY_S_MAX), st.floats(0.001, 100)),
    ),
    st.floats(0, 1, exclude_max=True),
    st.floats(0, DELAY_S_MAX),
)
def test_no_delay_is_negative_or_above_the_maximum(latency, chance, max_s):
    """A long tail must not hold a connection for a day, nor an extreme shape overflow."""
    assert 0 <= Slow(latency, max_s).delay_s(chance) <= max_s


@pytest.mark.parametrize(
    "make",
    [
        lambda: Fixed(-1),
        lambda: Fixed(float("nan")),
        lambda: Fixed(True),
        lambda: Uniform(0.3, 0.1),
        lambda: Normal(1.0, float("inf")),
        lambda: LogNormal(0.1, 0),
        lambda: Pareto(0.1, -2),
        lambda: Exponential(DELAY_S_MAX + 1),
        lambda: Slow(Fixed(1), max_s=-1),
    ],
)
def test_impossible_parameters_are_refused(make):
    with pytest.raises(RuleError):
        make()
