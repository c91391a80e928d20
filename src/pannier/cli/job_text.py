"""A job that runs, or has ended, as text: a line of it, a table of several, all its figures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from pannier.cli.metrics_text import number
from pannier.cli.progress import duration
from pannier.monitoring.job_history import JobHistory
from pannier.monitoring.job_status import BROKEN, DIED, FINISHED, INTERRUPTED, JobStatus

_MS: Final = 1000
_PERCENT: Final = 100


def line(status: JobStatus) -> str:
    """How a job does, in one line."""
    report = status.report
    parts = [f"{status.label} {report.done:,} items"]
    if status.is_running:
        parts.append(f"{status.items_per_s:,.0f}/s")
        parts.append(f"{report.in_flight} in flight")
    else:
        parts.append(outcome(status))
    if status.fraction is not None and status.is_running:
        parts.append(f"{status.fraction:.0%}")
    if status.left_s is not None:
        parts.append(f"{duration(status.left_s)} left")
    parts.append(f"{success(status)} got through")
    parts += troubles(status)
    return "  ".join(parts)


def outcome(status: JobStatus) -> str:
    """How it is with a job, in a word or two."""
    if status.state == FINISHED:
        return "done" if status.ok else "with failures"
    return {
        INTERRUPTED: "interrupted",
        BROKEN: "error",
        DIED: "died",
    }.get(status.state, status.state)


def success(status: JobStatus) -> str:
    """The success rate, never rounded up to all or down to nothing."""
    rate = status.success_rate
    if rate is None:
        return "-"
    if 0 < rate < 1:
        return f"{min(99.99, max(0.01, rate * _PERCENT)):.4g} %"
    return f"{rate:.0%}".replace("%", " %")


def jobs_table(jobs: Sequence[JobStatus]) -> Table:
    """Jobs; what each is, and what went wrong, stands in a column that gives way to the figures."""
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("job", overflow="fold")
    table.add_column("state", no_wrap=True)
    for name in ("items", "a second", "success"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in jobs:
        state = outcome(each)
        if each.is_running and each.fraction is not None:
            state = f"{each.fraction:.0%} done"
        about = [f"{each.pid} {each.command}", ", ".join(each.tables), ", ".join(troubles(each))]
        table.add_row(
            Text("\n".join(filter(None, about))),
            state,
            f"{each.report.done:,}",
            number(round(each.items_per_s)) if each.is_running else "-",
            success(each),
        )
    return table


def troubles(status: JobStatus) -> list[str]:
    """What did not go well, and how often."""
    report = status.report
    counts = (
        (report.failed, "failed"),
        (report.unresolved, "unresolved"),
        (report.leftovers, "left over"),
        (report.throttles, "throttled"),
    )
    return [f"{count:,} {words}" for count, words in counts if count]


def figures(status: JobStatus, history: JobHistory) -> Table:
    """All that there is to say of a job, in two columns."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for name, value in _rows(status, history):
        table.add_row(name, Text(value))
    return table


def _rows(status: JobStatus, history: JobHistory) -> list[tuple[str, str]]:
    report = status.report
    p50, p99 = (report.latency_s(each) * _MS for each in (50, 99))
    began = datetime.fromtimestamp(status.began_at_s).strftime("%H:%M:%S")
    passed = duration(status.updated_at_s - status.began_at_s)
    left = "" if status.left_s is None else f", {duration(status.left_s)} left"
    rows = [
        ("on", f"{status.target}: {', '.join(status.tables) or '-'}"),
        ("since", f"{began}, {passed}{left}"),
        ("items", f"{report.done:,} done, {report.read:,} read, {status.items_per_s:,.0f}/s"),
        (
            "success",
            f"{success(status)}; {report.failed:,} failed, {report.unresolved:,} unresolved",
        ),
        ("left over", f"{report.leftovers:,}; {report.retries:,} items sent again"),
        ("throttled", f"{report.throttles:,} calls; {report.waited_s:.1f} s waited"),
        (
            "calls",
            f"{report.calls:,}; {report.in_flight} in flight; {report.calls_failed:,} failed",
        ),
        ("latency", f"p50 {p50:.2f} ms, p99 {p99:.2f} ms"),
    ]
    for kind, budget in (("write", status.write_units), ("read", status.read_units)):
        for place, per_s in sorted(history.units_per_s(kind).items()):
            of = f" of {budget}" if budget else ""
            rows.append((f"{kind} units", f"{number(round(per_s, 1))}/s{of} on {place}"))
    rows += [("not done", f"{count:,} x {why}") for why, count in report.reasons.most_common(3)]
    if report.stopped or status.error:
        rows.append(("stopped", (status.error or report.stopped).splitlines()[0]))
    return rows
