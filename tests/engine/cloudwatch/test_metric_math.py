"""Metric math, by the tables of CloudWatch's User Guide where it has any."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watched import START_S, Watched, metric_query

from pannier.engine.cloudwatch.errors import ValidationError
from pannier.engine.cloudwatch.expressions import ExpressionError, parse

NONE = None


@pytest.fixture(name="watched")
def _watched() -> Watched:
    watched = Watched()
    watched.series("m1", 30, 20, 0, NONE, 10)
    watched.series("m2", 20, NONE, 20, NONE, 5)
    return watched


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # what is missing on one side counts as 0
        ("m1 + m2", [50, 20, 20, NONE, 15]),
        ("m1 - m2 * 2", [-10, 20, -40, NONE, 0]),
        # a data point that would be divided by zero is dropped
        ("m1 / m2", [1.5, NONE, 0, NONE, 2]),
        ("m1 / m2 * 100", [150, NONE, 0, NONE, 200]),
        ("100 / m1", [100 / 30, 5, NONE, NONE, 10]),
        ("m1 / 0", [NONE] * 5),
        ("-m1 ^ 2", [-900, -400, 0, NONE, -100]),
        ("--m1", [30, 20, 0, NONE, 10]),
        ("2 ^ 3 ^ 0 * m1", [60, 40, 0, NONE, 20]),
        ("(m1 + 1) * 1e1", [310, 210, 10, NONE, 110]),
        ("(0 - m1) ^ 0.5", [NONE, NONE, 0, NONE, NONE]),
        # comparisons and logical operators: the guide's table
        ("m1 < m2", [0, 0, 1, NONE, 0]),
        ("m1 >= 30", [1, 0, 0, NONE, 0]),
        ("m1 > 15 AND m2 > 15", [1, 0, 0, NONE, 0]),
        ("m1 > 15 && m2 > 15 || m1 == 0", [1, 0, 1, NONE, 0]),
        ("m1 != 20", [1, 0, 1, NONE, 1]),
        # one number of a series, used in another
        ("m1 - MIN(m1)", [30, 20, 0, NONE, 10]),
        ("MAX(m1) / m1", [1, 1.5, NONE, NONE, 3]),
        ("m1 - AVG(m1)", [15, 5, -15, NONE, -5]),
        ("m1 * 0 + SUM(m1)", [60, 60, 60, NONE, 60]),
        ("m1 * 0 + DATAPOINT_COUNT(m1)", [4, 4, 4, NONE, 4]),
        ("m1 * 0 + PERIOD(m1)", [60, 60, 60, NONE, 60]),
        ("m1 * 0 + METRIC_COUNT(METRICS())", [2, 2, 2, NONE, 2]),
        # several series into one
        ("SUM(METRICS())", [50, 20, 20, NONE, 15]),
        ("AVG([m1, m2])", [25, 10, 10, NONE, 7.5]),
        ("MIN([m1, m2])", [20, 20, 0, NONE, 5]),
        ("MAX([m1, m2])", [30, 20, 20, NONE, 10]),
        ("DATAPOINT_COUNT([m1, m2])", [2, 1, 2, NONE, 2]),
        ("STDDEV([m1, m2])", [5, 0, 10, NONE, 2.5]),
        ('SUM(METRICS("1"))', [30, 20, 0, NONE, 10]),
        ("SUM([METRICS('m1'), METRICS('m2')])", [50, 20, 20, NONE, 15]),
        # over time
        ("DIFF(m1)", [NONE, -10, -20, NONE, 10]),
        ("DIFF_TIME(m1)", [NONE, 60, 60, NONE, 120]),
        ("RATE(m1)", [NONE, -10 / 60, -20 / 60, NONE, 10 / 120]),
        ("RUNNING_SUM(m1)", [30, 50, 50, NONE, 60]),
        # what is missing
        ("FILL(m1, 7)", [30, 20, 0, 7, 10]),
        ("FILL(m2, REPEAT)", [20, 20, 20, 20, 5]),
        ("FILL(m2, LINEAR)", [20, 20, 20, 12.5, 5]),
        ("FILL(m2, m1)", [20, 20, 20, NONE, 5]),
        ("FILL(m1, MIN(m1))", [30, 20, 0, 0, 10]),
        # IF: the guide's tables
        ("IF(m1, m2, m2 + 1)", [20, 0, 21, NONE, 5]),
        ("IF(m1 > 5, 1, 0)", [1, 1, 0, NONE, 1]),
        ("IF(m1 < 25, m1)", [NONE, 20, 0, NONE, 10]),
        ("IF(m1, 5, m2)", [5, 5, 20, NONE, 5]),
        ("IF(1 > 2, m1, m2)", [20, NONE, 20, NONE, 5]),
        ("IF(0, m1)", [NONE] * 5),
        ("TIME_SERIES(MAX(m1))", [30] * 5),
        ("MINUTE(m1)", [14, 15, 16, 17, 18]),
        ("HOUR(m1) * 100 + DAY(m1)", [2202] * 5),
        ("YEAR(m1) * 10000 + MONTH(m1) * 100 + DATE(m1)", [20231114] * 5),
        ("EPOCH(m1)", [START_S + 60 * minute for minute in range(5)]),
        ("ABS(0 - m1)", [30, 20, 0, NONE, 10]),
        ("CEIL(m1 / 7) + FLOOR(m1 / 7)", [9, 5, 0, NONE, 3]),
        ("LOG10(m1)", [math.log10(30), math.log10(20), NONE, NONE, 1]),
        ("LOG(m1 / m1)", [0, 0, NONE, NONE, 0]),
        ("FIRST(SORT(METRICS(), SUM, DESC))", [30, 20, 0, NONE, 10]),
        ("LAST(SORT(METRICS(), SUM, DESC))", [20, NONE, 20, NONE, 5]),
    ],
)
def test_one_series(watched: Watched, expression: str, expected: list[float | None]):
    (found,) = watched.math(expression, "m1", "m2")
    assert found == [pytest.approx(each) if each is not None else None for each in expected]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("METRICS()", ["m1", "m2"]),
        ("METRICS() * 100", ["m1", "m2"]),
        ("100 - [m1, m2]", ["m1", "m2"]),
        ("[m1, m2] / m1", ["m1", "m2"]),
        ("SORT(METRICS(), SUM, ASC)", ["m2", "m1"]),
        ("SORT(METRICS(), SUM, DESC, 1)", ["m1"]),
        ("SLICE(METRICS(), 1)", ["m2"]),
        ("SLICE(METRICS(), 0, 1)", ["m1"]),
        ("FILL(METRICS(), 0)", ["m1", "m2"]),
        ("REMOVE_EMPTY([m1, IF(0, m1)])", ["m1"]),
    ],
)
def test_arrays_have_a_label_for_each_series(
    watched: Watched, expression: str, expected: list[str]
):
    """The expression's label, then the metric's (User Guide); an empty one leaves the metric's."""
    queries = [metric_query(name, name, returned=False) for name in ("m1", "m2")]
    results = watched.data(*queries, {"Id": "e", "Expression": expression, "Label": ""})
    assert [each["Label"] for each in results] == expected
    assert {each["Id"] for each in results} == {"e"}
    results = watched.data(*queries, {"Id": "e", "Expression": expression, "Label": "It"})
    assert [each["Label"] for each in results] == [f"It {each}" for each in expected]


def test_expressions_may_build_on_each_other(watched: Watched):
    queries = [
        metric_query("m1", "m1", returned=False),
        {"Id": "twice", "Expression": "m1 * 2", "ReturnData": False},
        {"Id": "more", "Expression": "twice + 1"},
    ]
    (result,) = watched.data(*reversed(queries))
    assert result["Values"] == [61, 41, 1, 21]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("m1 +", "Error in expression 'e': Syntax error at position (1,5): unexpected the end"),
        ("m1 $ 2", "Error in expression 'e': Syntax error at position (1,4): unexpected '$'"),
        ("(m1", "Syntax error at position (1,4)"),
        ("m1 m1", "Syntax error at position (1,4): unexpected m1"),
        ("SEARCH('{AWS/DynamoDB}', 'Sum')", "'e': SEARCH is not supported by this engine"),
        ("ANOMALY_DETECTION_BAND(m1)", "ANOMALY_DETECTION_BAND is not supported by this engine"),
        ("SELECT AVG(x) FROM y", "Syntax error"),
        ("sum(METRICS())", "functions are written in capitals: SUM"),
        ("SUMM(m1)", "there is no function SUMM; there are ABS, AVG"),
        ("m9 * 2", "there is no metric or expression with the id 'm9'"),
        ("SUM(m1)", "its result is a number; it must be a time series, see TIME_SERIES()"),
        ("5", "its result is a number"),
        ("RATE(m1, 2)", "RATE takes 1 arguments, not 2"),
        ("RATE(5)", "a single time series is needed"),
        ("[m1, 5]", "an array has time series only, no numbers"),
        ("METRICS() * METRICS()", "can't be applied to two arrays of time series"),
        ("'text' * m1", "a text can't stand here: 'text'"),
        ("FILL(m1, ZERO)", "there is no metric or expression with the id 'ZERO'"),
        ("FILL(m1, 'x')", "FILL takes a number, a time series, REPEAT or LINEAR"),
        ("SORT(METRICS(), AVG, UP)", "there is no metric or expression with the id 'UP'"),
        ("PERIOD(m1 * 2)", "PERIOD takes a metric, no result of an expression"),
        ("IF(METRICS(), 1, 2)", "IF takes single time series and numbers, no arrays"),
        ("e + 1", "it depends on itself, or on too many others"),
        ("(" * 60 + "m1" + ")" * 60, "nested too deeply"),
        ("m1" + "+1" * 300, "too many operators in a row"),
    ],
)
def test_what_is_wrong_is_said(watched: Watched, expression: str, text: str):
    """With the expression's id, and where its text goes wrong."""
    queries = [metric_query("m1", "m1"), {"Id": "e", "Expression": expression}]
    with pytest.raises(ValidationError) as caught:
        watched.data(*queries)
    assert text in caught.value.message
    assert caught.value.message.startswith("Error in expression 'e': ")


def test_filling_in_stops_at_the_present_and_at_a_bound(watched: Watched):
    """The future has no values yet; a second's period over two weeks is refused, not computed."""
    (values,) = watched.math("FILL(m1, 0)", "m1", minutes=8)
    assert values[5:] == [NONE] * 3
    second = {"Id": "e", "Expression": "TIME_SERIES(1)", "Period": 1}
    with pytest.raises(ValidationError, match="more than 100,800 data points"):
        watched.data(metric_query("m1", "m1"), second, minutes=14 * 24 * 60)


@given(st.text(st.sampled_from("m1 +-*/^()[],<>=!&|.5e'\"ANDIFSUM"), max_size=60))
def test_any_text_is_a_tree_or_an_error(text: str):
    with contextlib.suppress(ExpressionError):
        parse(text)


@given(
    st.recursive(
        st.sampled_from(["m1", "m2", "3", "METRICS()"]),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from("+-*/^<"), inner).map(
                lambda p: f"({p[0]} {p[1]} {p[2]})"
            ),
            st.tuples(
                st.sampled_from(
                    ["SUM", "AVG", "FILL", "IF", "RATE", "ABS", "DIFF", "SLICE", "FIRST"]
                ),
                st.lists(inner, max_size=3),
            ).map(lambda p: f"{p[0]}({', '.join(p[1])})"),
            st.lists(inner, max_size=3).map(lambda p: f"[{', '.join(p)}]"),
        ),
        max_leaves=12,
    )
)
def test_any_expression_gives_finite_numbers_or_an_error(expression: str):
    """Whatever is nested into what: an answer or a ValidationError, never a failure."""
    queries = [metric_query("m1", "m1"), metric_query("m2", "m2")]
    try:
        results = _SHARED.data(*queries, {"Id": "e", "Expression": expression})
    except ValidationError:
        return
    for each in results:
        assert all(math.isfinite(value) for value in each["Values"])
        assert each["Timestamps"] == sorted(each["Timestamps"])


_SHARED = Watched()
_SHARED.series("m1", 30, 20, 0, NONE, 10)
_SHARED.series("m2", 20, NONE, 20, NONE, 5)
