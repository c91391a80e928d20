"""A plan as people read it."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from pannier.cost.free_tier import free_tier_share
from pannier.cost.size_histogram import BOUNDS, SizeHistogram
from pannier.planning.against import Difference
from pannier.planning.plan import Plan

_BAR_CELLS = 30
_KIB = 1024
_MINUTE_S = 60
_HOUR_S = 3600
_CENT_USD = 0.01


def show_plan(plan: Plan, beside: Sequence[Difference] | None = None) -> None:
    """Write a plan, and the truth beside it if there is one, to standard output."""
    console = Console(highlight=False)
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column()
    for name, value in _rows(plan):
        table.add_row(name, value)
    console.print(table)
    if beside is not None:
        console.print(_beside(beside))
    console.print("[bold]assumes[/bold]")
    for each in plan.all_assumptions:
        console.print(f"  {each.about}: {each.text} [dim]({each.name})[/dim]", soft_wrap=True)


def _rows(plan: Plan) -> Iterator[tuple[str, str]]:
    yield (
        "items",
        ", ".join(f"{n:,} {name}" for name, n in plan.items.items() if n or name == "read"),
    )
    for reason, count in plan.reasons.items():
        yield "would fail", f"{count:,} x {reason}"
    if plan.sizes is not None and plan.sizes.items:
        yield "stored bytes", _sizes(plan.sizes)
        yield from _histogram(plan.sizes)
    single = f" instead of {plan.single_calls:,} single ones" if plan.single_calls else ""
    yield "calls", f"{plan.calls:,}{single}"
    for kind, units in (("write", plan.write), ("read", plan.read)):
        for place, spent in units.items():
            yield f"{kind} units", f"{spent:,.6g} on {place}"
    if plan.margin_units:
        yield "", f"+/- {plan.margin_units:,.0f} units (95 % confidence)"
    if plan.looked_up_units:
        yield "looked up", f"{plan.looked_up_units:,.6g} read units were spent to look"
    for each in plan.durations:
        hourly = plan.provisioned_usd(each)
        paid = f", {usd(hourly)} for the hours begun" if hourly is not None else ""
        slowest = f", by {each.slowest}" if len(each.rates) > 1 else ""
        yield "time", f"{duration(each.seconds)} at {each.at}{slowest}{paid}"
    cost = plan.to_json()["cost"]
    price = (
        f"{usd(cost['on_demand'])} on demand, {usd(cost['provisioned'])} as provisioned capacity "
        f"used to the full (list price, {plan.prices.region}, {plan.prices.read_on})"
    )
    yield "price", price
    yield "free tier", _free_tier(plan)
    stored = plan.stored
    what = "held" if plan.operation == "scan" else "added"
    if plan.operation != "read":
        storage = (
            f"{stored.billed_bytes:,.0f} bytes {what} with overhead, "
            f"{usd(stored.month_usd(plan.prices))} a month"
        )
        yield "storage", storage


def _sizes(sizes: SizeHistogram) -> str:
    return (
        f"{sizes.total_bytes:,} in all, {sizes.smallest_bytes:,} to {sizes.largest_bytes:,}, "
        f"mean {sizes.mean_bytes:,.0f}"
    )


def _histogram(sizes: SizeHistogram) -> Iterator[tuple[str, str]]:
    most = max(sizes.counts)
    for bound, count in zip(BOUNDS, sizes.counts, strict=True):
        if count:
            bar = "█" * max(1, round(_BAR_CELLS * count / most))
            shown = f"{bound} B" if bound < _KIB else f"{bound // _KIB} KB"
            yield f"  up to {shown}", f"{bar} {count:,}"


def _free_tier(plan: Plan) -> str:
    share = free_tier_share(
        write_units=plan.write_units,
        read_units=plan.read_units,
        storage_bytes=plan.stored.billed_bytes,
    )
    parts = []
    if plan.write:
        parts.append(f"{share.write * 100:.2g} % of a month's write units")
    if plan.read:
        parts.append(f"{share.read * 100:.2g} % of a month's read units")
    if plan.operation != "read":
        parts.append(f"{share.storage * 100:.2g} % of the storage")
    return ", ".join(parts) + " (provisioned tables only)"


def _beside(differences: Sequence[Difference]) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("")
    for name in ("estimate", "truth", "difference"):
        table.add_column(name, justify="right")
    for each in differences:
        percent = "" if each.percent is None else f"{each.percent:+.2f} %"
        table.add_row(each.what, f"{each.estimate:,.6g}", f"{each.truth:,.6g}", percent)
    return table


def usd(amount: float) -> str:
    """An amount of US dollars; two digits of one that is less than a cent."""
    if amount >= _CENT_USD:
        return f"${amount:,.2f}"
    return f"${amount:.2g}" if amount else "$0"


def duration(seconds: float) -> str:
    """A time, in the unit that suits it."""
    if seconds < _MINUTE_S:
        return f"{seconds:.3g} s"
    if seconds < _HOUR_S:
        return f"{seconds / _MINUTE_S:.1f} min"
    return f"{seconds / _HOUR_S:,.1f} h"
