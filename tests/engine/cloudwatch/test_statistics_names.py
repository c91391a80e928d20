"""Statistics, by their names: what each computes, and which names there are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.engine.cloudwatch.statistics import percentile_of, statistic
from pannier.engine.metrics.point import Point

TEN = Point.of_values([float(each) for each in range(1, 11)])  # 1 to 10


def _of(name: str, point: Point = TEN) -> float | None:
    compute = statistic(name)
    assert compute is not None, name
    return compute(point)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SampleCount", 10),
        ("Sum", 55),
        ("Average", 5.5),
        ("Minimum", 1),
        ("Maximum", 10),
        ("p50", 5),
        ("p90", 9),
        ("p99.9", 10),
        ("p0", 1),
        ("p0.0", 1),
        ("p100", 10),
        ("tm90", 5),  # 1 to 9
        ("TM(10%:90%)", 5.5),  # 2 to 9
        ("tm(20%:)", 6.5),  # 3 to 10
        ("TM(:80%)", 4.5),  # 1 to 8
        ("TM(2:5)", 4),  # above 2, up to 5
        ("TM(5:)", 8),
        ("TM(15%:85%)", 5.5),  # half of 2 and of 9
        ("tc90", 9),
        ("TC(2:5)", 3),
        ("TC(:5)", 5),
        ("ts90", 45),
        ("TS(80%:)", 19),
        ("TS(20:)", 0),
        ("wm90", 5.4),  # 1 to 9, and 9 for 10
        ("WM(10%:90%)", 5.5),  # 2 for 1, and 9 for 10
        ("WM(2:5)", (2 + 2 + 3 + 4 + 5 * 6) / 10),
        ("PR(:3)", 30),
        ("PR(3:5)", 20),
        ("PR(3:)", 70),
        ("IQM", 5.5),
        ("iqm", 5.5),
    ],
)
def test_what_each_computes(name: str, value: float):
    assert _of(name) == pytest.approx(value)


@pytest.mark.parametrize(
    "name",
    [
        "", "sum", "Mean", "p", "p101", "p-1", "p1.12345678901", "pp5", "tm", "tm200", "TM()",
        "TM(:)", "TM(5%:10)", "TM(10:5%)", "TM(90%:10%)", "TM(5:5)", "TM(:101%)", "PR(:50%)",
        "pr90", "P(5:10)", "q50",
    ],
)  # fmt: skip
def test_what_is_no_statistic(name: str):
    assert statistic(name) is None


def test_nothing_between_the_bounds_is_no_mean():
    assert _of("TM(20:30)") is None
    assert _of("TC(20:30)") == 0


@pytest.mark.parametrize("name", ["p50", "tm90", "PR(:3)", "IQM"])
def test_sums_alone_have_no_percentiles_nor_have_negative_samples(name: str):
    """Percentiles need samples (service model), and none of them negative."""
    assert _of(name, Point(3, 6.0, 1.0, 3.0, None)) is None
    assert _of(name, Point.of_values([-1.0, 5.0])) is None


def test_percentiles_are_known_by_number():
    assert percentile_of("p99.9") == 99.9
    assert percentile_of("P50") == 50
    assert percentile_of("tm50") is None


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=300), st.floats(0, 100))
def test_percentiles_are_samples_to_within_1_6_percent(values: list[float], percent: float):
    """At least so many percent lie at or below it, and it is never beyond the extremes."""
    point = Point.of_values(values)
    found = _of(f"p{percent:.4f}", point)
    assert found is not None
    assert min(values) <= found <= max(values)
    rank = max(1, -int(-len(values) * round(percent, 4) // 100))
    true = sorted(values)[rank - 1]
    assert found == pytest.approx(true, rel=1 / 16)


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=100),
    st.floats(0, 99),
    st.floats(0.01, 100),
)
def test_trimmed_means_lie_between_the_extremes(values: list[float], low: float, width: float):
    high = min(100.0, low + width)
    name = f"TM({low:.3f}%:{high:.3f}%)"
    if statistic(name) is None:
        return
    mean = _of(name, Point.of_values(values))
    if mean is not None:
        slack = 1e-9 * max(values) + 1e-300  # the least numbers have few digits
        assert min(values) - slack <= mean <= max(values) + slack
