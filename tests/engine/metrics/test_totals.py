"""Sums since the database was opened: bounded, whatever tables come and go."""

from metered import Metered

from pannier.engine.metrics import totals


def test_the_oldest_sums_are_forgotten(monkeypatch):
    """A server that runs for months must not remember each table that there ever was."""
    monkeypatch.setattr(totals, "TOTALS_MAX", 3)
    metered = Metered()
    for number in range(5):
        table = metered.create(f"table-{number}", write=5)
        metered.put(table, 1)
        metered.must("DeleteTable", TableName=table)
        metered.database.metrics.collect()
    found = metered.database.metrics.totals()
    assert [table for table, _, _ in found.units] == ["table-2", "table-3", "table-4"]


def test_every_kind_of_sum_is_bounded(monkeypatch):
    monkeypatch.setattr(totals, "TOTALS_MAX", 2)
    sums: dict[str, float] = {}
    for name in "abca":
        totals._count(sums, name, 1)
    assert sums == {"c": 1, "a": 1}
    totals._count(sums, "c", 2)
    assert sums == {"c": 3, "a": 1}
