"""The JSON form of a report is a promise: members are not renamed, and say what they say."""

import orjson

from pannier.batch.report import Report
from pannier.publishing.document import document
from tests.publishing.a_report import a_report

# Members of the first form. New ones may be added; these stay.
MEMBERS = {
    "report", "operation", "target", "read", "written", "deleted", "found", "missing",
    "superseded", "skipped", "failed", "unresolved", "balanced", "stopped", "runs", "calls",
    "calls_failed", "calls_unknown", "operations_sent", "retries", "leftovers", "throttles",
    "waited_s", "elapsed_s", "sent_bytes", "received_bytes", "operations_per_s",
    "operations_per_call_max", "efficiency", "latency_s", "latency_histogram", "units", "reasons",
    "single_calls", "cost",
}  # fmt: skip


def test_every_member_is_there_and_the_form_has_a_version() -> None:
    shown = orjson.loads(orjson.dumps(document(a_report(), "aws (eu-central-1)")))
    assert set(shown) == MEMBERS
    assert shown["report"] == 1
    assert shown["target"] == "aws (eu-central-1)"


def test_members_that_are_computed() -> None:
    shown = document(a_report())
    assert shown["balanced"] is True
    assert shown["operations_per_s"] == 36.5
    assert shown["efficiency"] == 0.76
    assert shown["units"]["write"] == {"shop": 73.0, "shop/GSI1": 20.0}
    assert shown["cost"]["on_demand"] == 93 * 0.625 / 1e6


def test_single_calls_are_an_estimate_that_says_what_it_assumes() -> None:
    """As many calls as operations had their effect, each as quick as the quickest that was seen."""
    single = document(a_report())["single_calls"]
    assert single["calls"] == 73
    assert single["one_after_another_s"] == 73 * 0.004
    assert "quickest call" in single["assumes"]


def test_a_job_that_did_nothing_has_a_report_too() -> None:
    shown = document(Report("read"))
    assert shown["single_calls"]["one_after_another_s"] == 0
    assert shown["cost"]["on_demand"] == 0
    assert shown["efficiency"] == 0
