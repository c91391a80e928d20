"""The report as people read it: a name and a text for each line."""

from typing import Final

from pannier.batch.report import Report
from pannier.batch.single_calls import single_calls
from pannier.publishing.document import cost_of

_SHOWN_REASONS: Final = 5
_MS: Final = 1000
_CENT_USD: Final = 0.01


def report_lines(report: Report) -> list[tuple[str, str]]:
    """What a report says, line by line."""
    rows = [("items", _items(report)), ("calls", _calls(report))]
    rows.append(("retries", _retries(report)))
    for kind, units in (("write", report.units.write), ("read", report.units.read)):
        for place, spent in sorted(units.items()):
            rows.append((f"{kind} units", f"{spent:,.12g} on {place}"))
    if report.units.write or report.units.read:
        rows.append(("cost", _cost(report)))
    rows.append(("latency", _latency(report)))
    rows.append(("bytes", f"{report.sent_bytes:,} sent, {report.received_bytes:,} received"))
    rows.append(("time", _time(report)))
    if report.operation not in ("scan", "act"):  # these are single calls, or like no others
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
    if report.operation == "scan":
        return f"{report.calls:,} ({report.read / report.calls:,.1f} items a page)"
    if report.operation == "act":
        return f"{report.calls:,} (one item each)"
    size = report.operations_per_call_max
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


def _cost(report: Report) -> str:
    cost = cost_of(report)
    return (
        f"{_usd(cost.on_demand_usd)} on demand, {_usd(cost.provisioned_usd)} as provisioned "
        f"capacity used to the full (list price, {cost.prices.region}, {cost.prices.read_on})"
    )


def _usd(amount: float) -> str:
    if amount >= _CENT_USD:
        return f"${amount:,.2f}"
    return f"${amount:.2g}" if amount else "$0"


def _latency(report: Report) -> str:
    p50, p95, p99 = (report.latency_s(each) * _MS for each in (50, 95, 99))
    return f"p50 {p50:.2f} ms, p95 {p95:.2f} ms, p99 {p99:.2f} ms"


def _time(report: Report) -> str:
    rate = f", {report.operations_per_s:,.0f} items a second" if report.elapsed_s else ""
    runs = f" in {report.runs} runs" if report.runs > 1 else ""
    return f"{report.elapsed_s:.2f} s{runs}{rate}"


def _single_calls(report: Report) -> str:
    """What one call an item would have taken; an estimate that says what it assumes."""
    single = single_calls(report)
    if not single.calls or not single.each_s:
        return "none"
    return (
        f"{single.calls:,} calls for the same units and price, one after another "
        f"{single.one_after_another_s:.2f} s (if each took the {single.each_s * _MS:.2f} ms of "
        "this job's quickest call)"
    )
