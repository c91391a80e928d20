import time
from urllib.parse import parse_qsl

import pytest

from pannier.console.pages.metrics.choice import Choice, local_text
from pannier.errors import UserError

DAY_S = 24 * 3600
NOW_S = 1_790_000_000.0


def test_a_choice_comes_back_from_its_address() -> None:
    choice = Choice("shop", "GSI1", "custom", "2026-09-01T10:00", "2026-09-01T12:00", 300, True)
    assert Choice.of_query(dict(parse_qsl(choice.query()))) == choice
    assert Choice("shop").query() == "table=shop&range=1h"


@pytest.mark.parametrize(
    "query", [{}, {"range": "2h", "period": "61"}, {"period": "x"}, {"period": "-60"}, {"all": "x"}]
)
def test_what_can_not_be_is_as_if_it_were_not_there(query: dict[str, str]) -> None:
    assert Choice.of_query(query) == Choice()


def test_a_range_ends_now() -> None:
    assert Choice(length="3h").times_s(NOW_S) == (NOW_S - 3 * 3600, NOW_S)


def test_two_times_are_of_this_machines_clock() -> None:
    start = local_text(NOW_S)
    choice = Choice(length="custom", start=start, end=local_text(NOW_S + 7200))
    begin_s, end_s = choice.times_s(time.time())
    assert begin_s == NOW_S // 60 * 60
    assert end_s - begin_s == 7200


@pytest.mark.parametrize(("start", "problem"), [("", "is empty"), ("yesterday", "is no time")])
def test_a_time_that_is_none_is_named(start: str, problem: str) -> None:
    with pytest.raises(UserError, match=f"'From' {problem}"):
        Choice(length="custom", start=start, end="2026-09-01T12:00").times_s(NOW_S)


@pytest.mark.parametrize(
    ("length_s", "age_s", "period_s"),
    [
        (900, 0, 60),
        (6 * 3600, 0, 60),
        (DAY_S, 0, 300),
        (7 * DAY_S, 0, 3600),
        (30 * DAY_S, 0, 6 * 3600),
        (900, 100 * DAY_S, 3600),
    ],
)
def test_periods_fit_the_range_and_what_is_kept(
    length_s: float, age_s: float, period_s: int
) -> None:
    end_s = NOW_S - age_s
    assert Choice().period_of(end_s - length_s, end_s, NOW_S) == period_s
    assert Choice(period_s=900).period_of(end_s - length_s, end_s, NOW_S) == 900
