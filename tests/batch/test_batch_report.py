"""The report: counts, units, latencies, and the law that they obey."""

import pickle
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.batch.operation import NOWHERE, Origin
from pannier.batch.report import OTHER_REASONS, Failure, Report


def failure(reason: str = "no") -> Failure:
    return Failure("shop", "put", {}, reason, NOWHERE)


def test_an_empty_report_is_balanced_and_ok() -> None:
    report = Report("write")
    assert report.balanced
    assert report.ok


@pytest.mark.parametrize(
    "field",
    ["written", "deleted", "found", "missing", "superseded", "skipped", "failed", "unresolved"],
)
def test_each_operation_must_end_in_one_place(field: str) -> None:
    report = Report("write", read=3)
    assert not report.balanced
    setattr(report, field, 3)
    assert report.balanced
    report.written += 1
    assert not report.balanced


def test_a_job_is_ok_if_everything_got_through() -> None:
    assert Report("write", read=2, written=1, superseded=1).ok
    assert not Report("write", read=1, failed=1).ok
    assert not Report("write", read=1, unresolved=1).ok
    assert not Report("write", stopped="interrupted").ok


def test_failures_are_counted_kept_and_handed_on() -> None:
    seen: list[Failure] = []
    report = Report("write", on_failure=seen.append)
    report.fail(failure())
    report.fail(failure("never"), resolved=False)
    assert (report.failed, report.unresolved) == (1, 1)
    assert [each.reason for each in report.failures] == ["no", "never"]
    assert seen == report.failures
    assert report.reasons == {"no": 1, "never": 1}


def test_only_so_many_failures_are_kept_but_all_are_counted_and_handed_on() -> None:
    seen: list[Failure] = []
    report = Report("write", on_failure=seen.append)
    for _ in range(5000):
        report.fail(failure())
    assert report.failed == len(seen) == 5000
    assert len(report.failures) == 1000


def test_a_failure_as_a_line_names_its_place() -> None:
    at = Failure("shop", "get", {"PK": {"S": "a"}}, "no", Origin("keys.jsonl", 3, "line"))
    assert at.to_json() == {
        "source": "keys.jsonl",
        "line": 3,
        "table": "shop",
        "kind": "get",
        "reason": "no",
        "attributes": {"PK": {"S": "a"}},
    }


def test_percentiles_are_latencies_that_occurred() -> None:
    report = Report("write")
    assert report.latency_s(99) == 0.0
    for milliseconds in range(100, 0, -1):
        report.add_call(25, 10, milliseconds / 1000)
    assert report.latency_s(50) == pytest.approx(0.050, rel=1e-3)
    assert report.latency_s(99) == pytest.approx(0.099, rel=1e-3)
    assert report.latency_s(100) == pytest.approx(0.100, rel=1e-3)
    assert (report.calls, report.operations_sent, report.sent_bytes) == (100, 2500, 1000)


def test_units_are_split_between_a_table_and_its_indexes() -> None:
    report = Report("write")
    consumed = {
        "TableName": "shop",
        "CapacityUnits": 7.0,
        "Table": {"CapacityUnits": 2.0},
        "GlobalSecondaryIndexes": {"GSI1": {"CapacityUnits": 4.0}},
        "LocalSecondaryIndexes": {"LSI1": {"CapacityUnits": 1.0}},
    }
    report.add_capacity([consumed, consumed], "write")
    assert report.units.write == {"shop": 4.0, "shop/GSI1": 8.0, "shop/LSI1": 2.0}
    assert report.units.local_indexes == {"shop/LSI1"}
    assert report.units.read == {}


@pytest.mark.parametrize(
    ("consumed", "units"),
    [
        ([{"TableName": "shop", "CapacityUnits": 1.5}], {"shop": 1.5}),
        ([{"TableName": "shop", "CapacityUnits": None}], {"shop": 0.0}),
        (None, {}),
        ({}, {}),
        (["nonsense"], {}),
    ],
)
def test_endpoints_that_say_less_than_aws_are_taken_as_they_are(
    consumed: object, units: dict[str, float]
) -> None:
    report = Report("read")
    report.add_capacity(consumed, "read")
    assert report.units.read == units


def test_reasons_are_bounded_however_many_different_ones_there_are() -> None:
    """A file of broken lines gives a reason for each; a report that kept them all would not fit."""
    report = Report("write")
    for number in range(10_000):
        report.fail(failure(f"column {number}"))
    report.fail(failure("column 5"))
    assert len(report.reasons) == 101
    assert report.reasons[OTHER_REASONS] == 10_000 - 100
    assert report.reasons["column 5"] == 2
    assert sum(report.reasons.values()) == report.failed


def test_large_failures_are_handed_on_and_not_all_kept() -> None:
    seen = []
    report = Report("write", on_failure=lambda each: seen.append(each.reason))
    large = Failure("shop", "put", {"text": {"S": "x" * 400_000}}, "no", NOWHERE)
    for _ in range(1000):
        report.fail(large)
    assert len(seen) == report.failed == 1000
    assert 40 <= len(report.failures) <= 45  # 16 MB of them


def test_efficiency_is_the_part_of_the_calls_that_was_used() -> None:
    assert Report("write").efficiency == 0.0
    report = Report("write")
    report.add_call(25, 1, 0.1)
    report.add_call(5, 1, 0.1)
    assert report.efficiency == pytest.approx(30 / 50)
    reading = Report("read")
    reading.add_call(100, 1, 0.1)
    assert reading.efficiency == 1.0


def test_unresolved_operations_are_not_handed_on_if_the_job_can_go_on() -> None:
    """They are sent again by the next run; in the failures file they would be there twice."""
    seen: list[Failure] = []
    report = Report("write", on_failure=seen.append, lists_unresolved=False)
    report.fail(failure("gave up"), resolved=False)
    report.fail(failure("refused"))
    assert [each.reason for each in seen] == ["refused"]
    assert (report.failed, report.unresolved) == (1, 1)


def test_a_report_goes_on_where_an_earlier_run_has_ended() -> None:
    """Totals over all runs; what was unresolved at the end of a run is no part of them."""
    earlier = Report("write", read=4, written=1, superseded=1, failed=1, unresolved=1)
    earlier.add_call(3, 100, 0.25)
    earlier.add_capacity([{"TableName": "shop", "CapacityUnits": 1.5}], "write")
    earlier.units.local_indexes.add("shop/LSI1")
    earlier.fail(failure("refused"))
    earlier.fail(failure("interrupted"), resolved=False)
    earlier.elapsed_s, earlier.waited_s, earlier.retries = 10.0, 2.0, 5
    kept = orjson.loads(orjson.dumps(earlier.totals()))
    report = Report("write")
    report.go_on({"written": 1, "superseded": 1, "failed": 1}, kept)
    assert report.balanced
    assert (report.read, report.written, report.superseded, report.failed) == (3, 1, 1, 1)
    assert (report.calls, report.operations_sent, report.retries) == (1, 3, 5)
    assert (report.elapsed_s, report.earlier_s, report.waited_s) == (10.0, 10.0, 2.0)
    assert report.reasons == {"refused": 1}
    assert report.units.write == {"shop": 1.5}
    assert report.units.local_indexes == {"shop/LSI1"}
    assert report.latency_s(50) == pytest.approx(0.25, rel=1e-3)
    assert report.runs == 2


def test_the_report_as_json_holds_every_count() -> None:
    report = Report("write", read=3, written=2, failed=1, retries=4)
    report.add_call(3, 100, 0.25)
    shown = orjson.loads(orjson.dumps(report.to_json()))
    assert shown["report"] == 1
    assert shown["balanced"] is True
    assert (shown["read"], shown["written"], shown["failed"], shown["retries"]) == (3, 2, 1, 4)
    names = {"min", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"}
    assert shown["latency_s"] == dict.fromkeys(names, pytest.approx(0.25, rel=1e-3))


# Parts that run side by side

_ENDS = ("written", "deleted", "superseded", "skipped", "failed", "unresolved")
_ends = st.fixed_dictionaries({name: st.integers(0, 10**6) for name in _ENDS})


def part(ends: dict[str, int]) -> Report:
    return Report("write", read=sum(ends.values()), **ends)


@given(st.lists(_ends, max_size=5))
def test_reports_that_obey_the_law_obey_it_together(parts: list[dict[str, int]]) -> None:
    whole = Report("write")
    for ends in parts:
        whole.add(part(ends))
    assert whole.balanced
    assert whole.read == sum(sum(ends.values()) for ends in parts)
    for name in _ENDS:
        assert getattr(whole, name) == sum(ends[name] for ends in parts)


def test_one_report_that_breaks_the_law_breaks_it_for_all() -> None:
    whole = Report("write")
    whole.add(Report("write", read=2, written=1))
    whole.add(Report("write", read=1, written=1))
    assert not whole.balanced


def busy(reason: str = "no") -> Report:
    """A report with something in each of its members."""
    report = Report("write", read=4, written=2, runs=2, elapsed_s=3.0, waited_s=0.5, retries=7)
    report.add_call(25, 100, 0.010)
    spent = {
        "TableName": "shop",
        "CapacityUnits": 3.0,
        "Table": {"CapacityUnits": 1.0},
        "LocalSecondaryIndexes": {"L": {"CapacityUnits": 2.0}},
    }
    report.add_capacity([spent], "write")
    report.fail(failure(reason))
    report.fail(failure("given up"), resolved=False)
    report.stopped = "given up"
    return report


def test_efforts_are_added_but_not_the_time_that_parts_took_side_by_side() -> None:
    whole = busy()
    whole.add(busy("never"))
    assert (whole.calls, whole.operations_sent, whole.retries) == (2, 50, 14)
    assert (whole.sent_bytes, whole.waited_s, whole.elapsed_s) == (200, 1.0, 3.0)
    assert whole.units.write == {"shop": 2.0, "shop/L": 4.0}
    assert whole.units.local_indexes == {"shop/L"}
    assert whole.reasons == {"no": 1, "never": 1, "given up": 2}
    assert whole.latencies.count == 2
    assert whole.stopped == "given up"
    assert [each.reason for each in whole.failures] == ["no", "given up", "never", "given up"]


def test_reasons_and_failures_of_many_parts_stay_bounded() -> None:
    whole = Report("write")
    for number in range(300):
        each = Report("write")
        for attempt in range(10):
            each.read += 1
            each.fail(failure(f"row {number}, {attempt}"))
        whole.add(each)
    assert whole.balanced
    assert len(whole.reasons) <= 101
    assert whole.reasons.total() == whole.failed == 3000
    assert len(whole.failures) == 1000


def _members(report: Report) -> dict[str, Any]:
    return {
        **report.to_json(),
        "earlier_s": report.earlier_s,
        "failures": report.failures,
        "unresolved_reasons": dict(report.unresolved_reasons),
        "totals": report.totals(),
    }


def test_a_report_goes_to_another_process_as_it_is() -> None:
    report = busy()
    report.on_failure = lambda _: None  # is not told there
    there = pickle.loads(pickle.dumps(report))
    assert _members(there) == _members(report)
    assert there.on_failure is None
    assert there.reasons == report.reasons
    assert there.units.local_indexes == {"shop/L"}
