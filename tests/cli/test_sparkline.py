"""A series in one line of text."""

from hypothesis import given
from hypothesis import strategies as st

from pannier.cli.sparkline import sparkline


def test_the_highest_is_the_tallest() -> None:
    assert sparkline([0, 1, 2, 4, 8], 10) == "▁▂▃▅█"
    assert sparkline([0, None, 8], 10) == "▁ █"
    assert sparkline([0, 8], 10, ascii_only=True) == "_@"


def test_nothing_is_flat() -> None:
    assert sparkline([0.0, 0.0], 10) == "▁▁"
    assert sparkline([None, None], 10) == "  "
    assert sparkline([], 10) == ""


def test_many_values_keep_their_peaks() -> None:
    values = [0.0] * 1000
    values[777] = 5.0
    line = sparkline(values, 20)
    assert len(line) == 20
    assert line.index("█") == 777 * 20 // 1000


@given(
    st.lists(st.none() | st.floats(0, allow_nan=False, allow_infinity=False)),
    st.integers(-2, 80),
)
def test_it_fits(values: list[float | None], width: int) -> None:
    line = sparkline(values, width)
    assert len(line) == min(len(values), max(1, width))
    assert ("█" in line) == any(values)
