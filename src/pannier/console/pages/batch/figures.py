"""Figures as the page shows them: rows of text, from plans, reports and comparisons."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final

from pannier.batch.report import Report
from pannier.batch.single_calls import single_calls
from pannier.comparing.comparison import BATCH, PROJECTED, SIDE_BY_SIDE, SINGLE, Measured
from pannier.cost.prices import Prices
from pannier.limits import KIB, MIB
from pannier.planning.plan import Plan
from pannier.publishing.document import cost_of

_MS: Final = 1000
_CENT_USD: Final = 0.01
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
# `(--overwrites N%, or ...)` anywhere, `: --item-size, ...` at the end.
_OPTIONS: Final = re.compile(r" ?\([^()]*--[a-z][^()]*\)|: --[a-z][-a-z, ]*$")
_LINE_CHARACTERS_MAX: Final = 160

WORDS: Final[Mapping[str, str]] = {
    SINGLE: "single calls",
    BATCH: "batches",
    SIDE_BY_SIDE: "batches in parallel",
    PROJECTED: "projected",
}
COUNTS: Final[Mapping[str, tuple[str, str]]] = {
    "written": ("Written", "put, and answered for"),
    "deleted": ("Deleted", "deleted, or not there before"),
    "found": ("Found", "read"),
    "missing": ("Missing", "asked for, and not there"),
    "superseded": ("Superseded", "a later write of the same key stands"),
    "skipped": ("Skipped", "left out"),
    "failed": ("Failed", "refused for good"),
    "unresolved": ("Unresolved", "not sent, or given up: send them again"),
}
_OF_WRITES: Final = ("written", "deleted", "superseded", "skipped", "failed", "unresolved")
_OF_READS: Final = ("found", "missing", "skipped", "failed", "unresolved")


def plan_rows(plan: Plan) -> list[tuple[str, str]]:
    """A plan, as names and values."""
    instead = f" instead of {plan.single_calls:,} single ones" if plan.single_calls > 1 else ""
    rows = [("Calls", f"{plan.calls:,}{instead}")]
    rows += _unit_rows(plan.write, plan.read)
    if plan.margin_units:
        rows.append(("", f"± {plan.margin_units:,.0f} units, with 95 % confidence"))
    rows.append(("Price on demand", f"{usd(plan.on_demand_usd)} ({_where(plan.prices)})"))
    rows += [
        ("Time by units alone", f"{duration(each.seconds)} at {each.at}") for each in plan.durations
    ]
    if plan.sizes is not None and plan.sizes.items:
        mean = size(round(plan.sizes.mean_bytes))
        rows.append(("Stored", f"{size(plan.sizes.total_bytes)}, {mean} an item"))
    if plan.looked_up_units:
        rows.append(("Looked up", f"for {plan.looked_up_units:,.6g} read units"))
    return rows


def assumption(text: str) -> str:
    """What a plan assumes, without the options of the command line that would say it better."""
    return _OPTIONS.sub("", text)


def law(report: Report) -> str:
    """The law that a report of a finished job obeys, in its figures."""
    names = _OF_WRITES if report.operation == "write" else _OF_READS
    parts = " + ".join(f"{getattr(report, name):,} {name}" for name in names)
    return f"{report.read:,} read = {parts}"


def count_rows(report: Report) -> list[tuple[str, str, str]]:
    """What became of the elements: name, count, what it means."""
    names = _OF_WRITES if report.operation == "write" else _OF_READS
    return [(COUNTS[name][0], f"{getattr(report, name):,}", COUNTS[name][1]) for name in names]


def effort_rows(report: Report) -> list[tuple[str, str]]:
    """What a job took, as names and values."""
    per_call = report.operations_sent / report.calls if report.calls else 0.0
    rows = [
        ("Calls", f"{report.calls:,} ({per_call:.3g} a call, of {report.operations_per_call_max})"),
        ("Left over, and sent again", f"{report.leftovers:,}"),
        ("Retries", f"{report.retries:,}"),
        ("Throttled calls", f"{report.throttles:,}"),
    ]
    rows += _unit_rows(report.units.write, report.units.read)
    cost = cost_of(report)
    rows.append(("Price on demand", f"{usd(cost.on_demand_usd)} ({_where(cost.prices)})"))
    p50, p99 = (report.latency_s(each) * _MS for each in (50, 99))
    rows.append(("Latency of a call", f"p50 {p50:.1f} ms, p99 {p99:.1f} ms"))
    rows.append(
        ("Bytes", f"{size(report.sent_bytes)} sent, {size(report.received_bytes)} received")
    )
    rate = f", {report.operations_per_s:,.0f} items a second" if report.elapsed_s else ""
    rows.append(("Time", f"{duration(report.elapsed_s)}{rate}"))
    single = single_calls(report)
    if single.calls and single.each_s:
        one_by_one = duration(single.one_after_another_s)
        words = f"{single.calls:,} calls for the same units, about {one_by_one} one after another"
        rows.append(("By single calls", words))
    return rows


def progress_rows(report: Report, elapsed_s: float) -> list[tuple[str, str]]:
    """A job under way, as names and values.

    Args:
        report: as it grows; its own time is that of a job that has ended.
        elapsed_s: how long it is under way.
    """
    rate = report.done / elapsed_s if elapsed_s else 0.0
    units = report.units.write_total + report.units.read_total
    return [
        ("Done", f"{report.done:,} of {report.read:,}"),
        ("Items a second", f"{rate:,.0f}"),
        ("Calls", f"{report.calls:,}"),
        ("In flight", f"{report.in_flight:,}"),
        ("Left over", f"{report.leftovers:,}"),
        ("Retries", f"{report.retries:,}"),
        ("Throttled", f"{report.throttles:,}"),
        ("Units", f"{units:,.6g}"),
    ]


def measured_row(name: str, each: Measured, items: int) -> list[str]:
    """A way of a comparison: name, calls, time, of a call, of an item, units, sent, received."""
    return [
        WORDS[name],
        f"{each.calls:,.0f}",
        f"{each.seconds * _MS:,.1f} ms",
        f"{each.latency_s(50) * _MS:.2f} ms",
        f"{each.seconds * _MS / items:.3f} ms" if items else "",
        f"{each.units:,.6g}",
        size(round(each.sent_bytes)),
        size(round(each.received_bytes)),
    ]


MEASURED_COLUMNS: Final = (
    "Way", "Calls", "Time", "A call, p50", "An item", "Units", "Sent", "Received",
)  # fmt: skip


def value_text(value: Any) -> str:
    """An attribute value in one short line."""
    if isinstance(value, dict) and len(value) == 1:
        ((kind, content),) = value.items()
        if kind in ("S", "N"):
            return str(content)
        if kind == "NULL":
            return "null"
        return json.dumps(content, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, default=str)


def size(size_bytes: int) -> str:
    """A size in the unit that suits it."""
    if size_bytes < KIB:
        return f"{size_bytes:,} B"
    if size_bytes < MIB:
        return f"{size_bytes / KIB:,.1f} KB"
    return f"{size_bytes / MIB:,.1f} MB"


def usd(amount: float) -> str:
    """An amount of US dollars; two digits of one that is less than a cent."""
    if amount >= _CENT_USD:
        return f"${amount:,.2f}"
    if not amount:
        return "$0"
    decimals = 1 - math.floor(math.log10(amount))
    return f"${amount:.{decimals}f}".rstrip("0")


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    if seconds < 1:
        return f"{seconds * _MS:.3g} ms"
    if seconds < _MINUTE_S:
        return f"{seconds:.3g} s"
    if seconds < _HOUR_S:
        return f"{seconds / _MINUTE_S:.1f} min"
    return f"{seconds / _HOUR_S:,.1f} h"


def _unit_rows(write: Mapping[str, float], read: Mapping[str, float]) -> list[tuple[str, str]]:
    """Units by table and index; the name is said once."""
    rows = []
    for kind, units in (("Write units", write), ("Read units", read)):
        for number, (place, spent) in enumerate(sorted(units.items())):
            rows.append(("" if number else kind, f"{spent:,.6g} on {place}"))
    return rows


def _where(prices: Prices) -> str:
    return f"list price, {prices.region}, {prices.read_on}"


def attributes_text(attributes: Any) -> str:
    """An item or key in one short line; anything else as it stands."""
    if isinstance(attributes, dict):
        text = ", ".join(f"{name}: {value_text(value)}" for name, value in attributes.items())
    else:
        text = str(attributes)
    return text if len(text) <= _LINE_CHARACTERS_MAX else f"{text[:_LINE_CHARACTERS_MAX]}…"
