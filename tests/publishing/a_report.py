"""A report with something of everything, as a job would leave it."""

from pannier.batch.operation import NOWHERE
from pannier.batch.report import Failure, Report
from pannier.publishing.publisher import Published

ENDED_AT_S = 1_795_000_000.5


def a_report() -> Report:
    """70 written, 3 deleted, 2 superseded, 1 failed, in four calls."""
    report = Report("write", read=76, written=70, deleted=3, superseded=2)
    for latency_s in (0.004, 0.006, 0.010, 0.200):
        report.add_call(19, 5000, latency_s)
    consumed = {
        "TableName": "shop",
        "Table": {"CapacityUnits": 73.0},
        "GlobalSecondaryIndexes": {"GSI1": {"CapacityUnits": 20.0}},
    }
    report.add_capacity([consumed], "write")
    report.fail(Failure("shop", "put", {}, "ValidationException: no", NOWHERE))
    report.leftovers, report.retries, report.throttles = 7, 8, 1
    report.waited_s, report.elapsed_s, report.received_bytes = 1.5, 2.0, 900
    return report


def ended() -> Published:
    """The job of that report, ended."""
    return Published(a_report(), ENDED_AT_S)
