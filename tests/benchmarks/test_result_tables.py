"""The tables that commands print, of figures that nobody measured."""

from __future__ import annotations

from benchmarks import command, in_process
from benchmarks.growth.report import markdown
from benchmarks.reporting.tables import cell, table
from tests.benchmarks import made_up


def test_text_of_servers_cannot_break_a_table() -> None:
    assert cell("\x1b[31ma | b\n c\x1b[0m") == "a / b c"
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_growth_is_told_as_ratios_to_the_first_size() -> None:
    found = made_up.growth(10_000, 10_000_000)
    for size in found["sizes"]:
        size.update(counted=size["items"], load_items_per_s=70_000.0)
    found.update(machine=made_up.MACHINE, windows=5, seconds=3.0)
    shown = markdown(found)
    assert "| 10,000,000 | 40,000 (0.50) | 30,000 (0.50) | 100,000 (0.50) |" in shown
    assert "| Writes with 10,000,000 items, to 10,000 | at least 0.7 x | 0.5 x |" in shown


def test_ways_are_told_as_ratios_to_http() -> None:
    found = made_up.in_process()
    for row in found["rows"]:
        row["cpu_us_per_item"] = 12.0
    found.update(machine=made_up.MACHINE, items=50_000, rounds=5)
    shown = in_process.markdown(found)
    assert "| write | library, a folder, synced | 45,000 | 12.0 | 1.50 x | 0.90 x |" in shown
    assert "| Engine in process, read, to the server | at least 1.5 x | 1.8 x | met |" in shown


def test_a_share_at_which_nobody_looked_is_left_open() -> None:
    each = {
        "taken_s": 10.0,
        "cpu_s": 8.0,
        "memory_mb": (60.0, 0.0, 65.0),
        "memory_mb_max": 70.0,
        "folder_mb": 100.0,
    }
    found = made_up.command()
    found.update(machine=made_up.MACHINE, items=1_000_000, file_mb=380.0, rounds=[each])
    shown = command.markdown(found)
    assert "| 100,000 | 8.0 | 60 | ? | 65 | 70 | 100 |" in shown
    assert "**not met**" in shown
