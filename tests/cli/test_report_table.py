"""The report as people read it."""

from rich.console import Console

from pannier.batch.report import Report
from pannier.cli.report_table import render


def shown(report: Report) -> str:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(render(report))
    return capture.get()


def test_large_numbers_of_units_are_shown_to_the_last_digit() -> None:
    report = Report("write", read=10_000_000, written=10_000_000)
    report.units.write["shop"] = 12_345_678.0
    report.units.write["shop/GSI1"] = 1_234_567.5
    report.units.write["logs"] = 0.5
    text = shown(report)
    for row in ("12,345,678 on shop\n", "1,234,567.5 on shop/GSI1", "0.5 on logs"):
        assert row.strip() in text
    assert "e+" not in text
