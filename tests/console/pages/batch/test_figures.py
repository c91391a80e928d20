"""Figures in words."""

import pytest

from pannier.batch.report import Report
from pannier.console.pages.batch.figures import (
    assumption,
    attributes_text,
    count_rows,
    duration,
    effort_rows,
    law,
    progress_rows,
    size,
    usd,
    value_text,
)
from pannier.console.pages.batch.json_texts import SHOWN_CHARACTERS_MAX, compact, pretty


def _report() -> Report:
    report = Report("write", read=4, written=2, deleted=1, failed=1, elapsed_s=2.0)
    report.add_call(3, 100, 0.010)
    report.units.write.update({"T": 3.0, "T/G": 1.0})
    return report


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "an overwrite counts the larger (--overwrites N%, or --against-table looks)",
            "an overwrite counts the larger",
        ),
        (
            "an item has 5 bytes (as given): --item-size, --against-table",
            "an item has 5 bytes (as given)",
        ),
        ("nothing else (at all) -- uses it", "nothing else (at all) -- uses it"),
    ],
)
def test_assumptions_name_no_options_of_the_command_line(text: str, shown: str) -> None:
    assert assumption(text) == shown


def test_the_law_in_figures() -> None:
    assert law(_report()) == (
        "4 read = 2 written + 1 deleted + 0 superseded + 0 skipped + 1 failed + 0 unresolved"
    )
    assert law(Report("read", read=2, found=1, missing=1)) == (
        "2 read = 1 found + 1 missing + 0 skipped + 0 failed + 0 unresolved"
    )


def test_what_became_and_what_it_took() -> None:
    assert [row[:2] for row in count_rows(_report())][:2] == [("Written", "2"), ("Deleted", "1")]
    efforts = effort_rows(_report())
    assert ("Calls", "1 (3 a call, of 25)") in efforts
    assert ("Write units", "3 on T") in efforts
    assert ("", "1 on T/G") in efforts
    assert ("Price on demand", "$0.0000025 (list price, us-east-1, 2026-07)") in efforts
    assert efforts[-1] == (
        "By single calls",
        "3 calls for the same units, about 30 ms one after another",
    )


def test_the_pace_of_a_job_under_way_is_that_of_its_time_so_far() -> None:
    report = _report()
    report.elapsed_s = 0.0
    assert ("Items a second", "6") in progress_rows(report, 0.5)
    assert ("Items a second", "0") in progress_rows(report, 0.0)
    assert ("Done", "3 of 4") in progress_rows(report, 0.5)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "$0"),
        (0.0000012, "$0.0000012"),
        (0.00001875, "$0.000019"),
        (0.001, "$0.001"),
        (12.345, "$12.35"),
    ],
)
def test_dollars(amount: float, text: str) -> None:
    assert usd(amount) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0123, "12.3 ms"), (2.5, "2.5 s"), (90, "1.5 min"), (7200, "2.0 h")]
)
def test_times(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_sizes() -> None:
    assert [size(each) for each in (1, 2048, 3 << 20)] == ["1 B", "2.0 KB", "3.0 MB"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"S": "a"}, "a"),
        ({"N": "1"}, "1"),
        ({"NULL": True}, "null"),
        ({"BOOL": False}, "false"),
        ({"L": [{"S": "é"}]}, '[{"S": "é"}]'),
        ({"S": "a", "N": "1"}, '{"S": "a", "N": "1"}'),
        (7, "7"),
    ],
)
def test_values_in_a_line(value: object, text: str) -> None:
    assert value_text(value) == text


def test_items_in_a_line() -> None:
    assert attributes_text({"PK": {"S": "a"}, "n": {"N": "1"}}) == "PK: a, n: 1"
    assert attributes_text("{") == "{"
    assert attributes_text({"PK": {"S": "x" * 1000}}).endswith("x…")


def test_values_stand_on_the_line_of_their_names() -> None:
    assert compact({"PK": {"S": "a"}, "m": {"M": {"n": {"N": "1"}}}}).split("\n") == [
        "{",
        '  "PK": {"S": "a"},',
        '  "m": {',
        '    "M": {',
        '      "n": {"N": "1"}',
        "    }",
        "  }",
        "}",
    ]


def test_two_types_in_one_value_are_not_hidden() -> None:
    assert '"S": "a",' in compact({"PK": {"N": "1", "S": "a", "B": ""}})
    assert compact({"PK": {"B": "", "S": "a"}}).count("\n") == 5


def test_anything_can_be_shown() -> None:
    assert pretty(b'{"a": {"S": "\xc3\xa9"}}') == '{\n  "a": {"S": "é"}\n}'
    assert pretty(b"no JSON") == "no JSON"
    assert pretty(b'{"a": "\\ud800"}')
    assert pretty(b"x" * (SHOWN_CHARACTERS_MAX + 5)).endswith("… 5 characters more")
