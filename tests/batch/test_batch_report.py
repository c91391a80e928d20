"""The report: counts, units, latencies, and the law that they obey."""

import orjson
import pytest

from pannier.batch.operation import NOWHERE, Origin
from pannier.batch.report import Failure, Report


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
    assert report.latency_s(50) == pytest.approx(0.050)
    assert report.latency_s(99) == pytest.approx(0.099)
    assert report.latency_s(100) == pytest.approx(0.100)
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


def test_the_report_as_json_holds_every_count() -> None:
    report = Report("write", read=3, written=2, failed=1, retries=4)
    report.add_call(3, 100, 0.25)
    shown = orjson.loads(orjson.dumps(report.to_json()))
    assert shown["balanced"] is True
    assert (shown["read"], shown["written"], shown["failed"], shown["retries"]) == (3, 2, 1, 4)
    assert shown["latency_s"] == {"p50": 0.25, "p95": 0.25, "p99": 0.25}
