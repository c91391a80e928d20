"""The report as people read it."""

import json
import sys
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from pannier.batch.report import Report
from pannier.limits import BATCH_GET_KEYS_MAX, BATCH_WRITE_OPERATIONS_MAX

_SHOWN_REASONS: Final = 5
_MS: Final = 1000


def show(report: Report, form: str) -> None:
    """Write a report to standard error, as `table`, `json`, or not at all (`none`)."""
    if form == "json":
        sys.stderr.write(json.dumps(report.to_json(), indent=2) + "\n")
    elif form == "table":
        Console(stderr=True, highlight=False).print(render(report))


def render(report: Report) -> Table:
    """A report as a table of two columns."""
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column()
    for name, value in _rows(report):
        table.add_row(name, value)
    return table


def _rows(report: Report) -> list[tuple[str, str]]:
    rows = [("items", _items(report)), ("calls", _calls(report))]
    rows.append(("retries", _retries(report)))
    for kind, units in (("write", report.units.write), ("read", report.units.read)):
        for place, spent in sorted(units.items()):
            rows.append((f"{kind} units", f"{spent:g} on {place}"))
    rows.append(("latency", _latency(report)))
    rows.append(("bytes", f"{report.sent_bytes:,} sent, {report.received_bytes:,} received"))
    rows.append(("time", _time(report)))
    rows.append(("single calls", _single_calls(report)))
    for reason, count in report.reasons.most_common(_SHOWN_REASONS):
        rows.append(("not done", f"{count:,} x {reason}"))
    if report.stopped:
        rows.append(("stopped", report.stopped))
    return rows


def _items(report: Report) -> str:
    counts = [
        (f"{count:,} {name}")
        for name, count in (
            ("written", report.written),
            ("deleted", report.deleted),
            ("found", report.found),
            ("missing", report.missing),
            ("superseded by a later write of the same key", report.superseded),
            ("skipped", report.skipped),
            ("failed", report.failed),
            ("unresolved", report.unresolved),
        )
        if count
    ]
    return f"{report.read:,} read: " + (", ".join(counts) or "nothing to do")


def _calls(report: Report) -> str:
    if not report.calls:
        return "none"
    size = BATCH_WRITE_OPERATIONS_MAX if report.operation == "write" else BATCH_GET_KEYS_MAX
    per_call = report.operations_sent / report.calls
    return f"{report.calls:,} ({per_call:.3g} items a call, of {size} possible)"


def _retries(report: Report) -> str:
    if not (report.leftovers or report.calls_failed or report.retries):
        return "none"
    return (
        f"{report.retries:,} items sent again: {report.leftovers:,} left unprocessed, "
        f"{report.calls_failed:,} calls failed, {report.throttles:,} of them throttled; "
        f"{report.waited_s:.2f} s waited"
    )


def _latency(report: Report) -> str:
    p50, p95, p99 = (report.latency_s(each) * _MS for each in (50, 95, 99))
    return f"p50 {p50:.2f} ms, p95 {p95:.2f} ms, p99 {p99:.2f} ms"


def _time(report: Report) -> str:
    done = report.written + report.deleted + report.found + report.missing
    rate = f", {done / report.elapsed_s:,.0f} items a second" if report.elapsed_s else ""
    return f"{report.elapsed_s:.2f} s{rate}"


def _single_calls(report: Report) -> str:
    """What one call an item would have taken; an estimate that says what it assumes."""
    done = report.written + report.deleted + report.found + report.missing
    if not done or not report.latencies_s:
        return "none"
    fastest_s = min(report.latencies_s)
    return (
        f"{done:,} calls for the same units, one after another {done * fastest_s:.2f} s "
        f"(if each took the {fastest_s * _MS:.2f} ms of this job's quickest call)"
    )
