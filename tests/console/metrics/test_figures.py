import pytest

from pannier.console.pages.metrics.charts import selected
from pannier.console.pages.metrics.drawing import options
from pannier.console.pages.metrics.figures import (
    percent,
    point_rows,
    series_rows,
    shown,
    summary,
    tiles,
)
from pannier.monitoring.catalog import CATALOG
from pannier.monitoring.charts import Chart, Resource, Series
from pannier.monitoring.reading import Reading
from pannier.monitoring.span import Span

SPAN = Span(600, 780, 60)
KINDS = {kind.name: kind for kind in CATALOG}
TABLE, INDEX = Resource("shop"), Resource("shop", "GSI1")


def chart(name: str, *values: float | None, of: Resource = TABLE, label: str = "") -> Chart:
    line = KINDS[name].lines[0] if KINDS[name].lines else None
    total = sum(value or 0 for value in values)
    label = label or (line.label if line else "succeeded") or "PutItem"
    return Chart(KINDS[name], of, (Series(label, values, total, line),))


def reading(*charts: Chart) -> Reading:
    return Reading("here", SPAN, 780.0, ("shop",), (), charts)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (0, "0"), (0.1234, "0.123"), (3.14159, "3.14"), (1234.5, "1,234"), (7, "7")],
)
def test_values_are_as_exact_as_is_of_use(value: float | None, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(100.0, "100 %"), (99.9999, "99.99 %"), (0.0001, "0.01 %"), (0.0, "0 %"), (None, "-")],
)
def test_a_rate_is_never_rounded_up_to_all(value: float | None, text: str) -> None:
    assert percent(value) == text


def test_a_chart_in_words() -> None:
    words = summary(chart("write_units", 1.0, None, 3.0))
    assert words == ("Write units of shop: consumed latest 3 units/s, highest 3 units/s, 4 in all")
    assert summary(Chart(KINDS["requests"], TABLE, ())).endswith("nothing in this range")


def test_a_chart_in_figures() -> None:
    one = chart("write_units", 1.0, 0.0, 3.0)
    assert series_rows(one) == [("consumed", "3", "3", "4")]
    rows = point_rows(one, SPAN.times_s)
    assert [row[1] for row in rows] == ["3", "1"]
    assert rows[0][0] > rows[1][0]


def test_tiles_tell_what_the_range_came_to() -> None:
    found = tiles(
        reading(
            chart("write_units", 10.0, 20.0),
            chart("requests", 97.0),
            chart("throttled_requests", 2.0),
            chart("system_errors", 1.0),
            chart("write_throttles", 5.0),
            chart("latency_p99", 1.5, 9.0, None),
            chart("user_errors", 4.0, of=Resource()),
        ),
        TABLE,
    )
    told = {tile.label: (tile.text, tile.bad) for tile in found}
    assert told == {
        "Requests": ("97", False),
        "Success rate": ("97 %", True),
        "Read units": ("0", False),
        "Write units": ("30", False),
        "Throttled items": ("5", True),
        "Throttled requests": ("2", True),
        "System errors": ("1", True),
        "User errors, all tables": ("4", True),
        "Latency p99, highest": ("9 ms", False),
    }


def test_an_index_has_no_requests_of_its_own() -> None:
    found = tiles(reading(chart("write_units", 1.0, of=INDEX)), INDEX)
    assert [tile.label for tile in found] == ["Read units", "Write units", "Throttled items"]


def test_quiet_charts_are_shown_on_demand() -> None:
    one = reading(
        chart("write_units", 0.0),
        chart("requests", 1.0),
        chart("system_errors", 0.0),
        chart("latency_p50", 1.0),
        chart("write_units", 1.0, of=INDEX),
        chart("user_errors", 1.0, of=Resource()),
    )
    names = [each.kind.name for each in selected(one, TABLE, everything=False)]
    assert names == ["write_units", "requests", "user_errors"]
    assert len(selected(one, TABLE, everything=True)) == 5
    assert [each.resource for each in selected(one, INDEX, everything=True)] == [INDEX]


def test_gaps_stay_gaps_and_a_lonely_point_is_marked() -> None:
    drawn = options(chart("latency_p99", None, 2.0, None), SPAN)
    (line,) = drawn["series"]
    assert line["data"] == [[600_000, None], [660_000, 2.0], [720_000, None]]
    assert line["showSymbol"]
    assert (drawn["xAxis"]["min"], drawn["xAxis"]["max"]) == (600_000, 780_000)


def test_lines_differ_by_more_than_colour() -> None:
    two = Chart(KINDS["requests"], TABLE, (Series("a", (1.0,)), Series("b", (2.0,))))
    first, second = options(two, Span(600, 660, 60))["series"]
    assert first["lineStyle"]["type"] != second["lineStyle"]["type"]
    assert first["color"] != second["color"]


def test_the_success_rate_ends_at_100() -> None:
    assert options(chart("success_rate", 99.0, 100.0, 98.0), SPAN)["yAxis"]["max"] == 100
