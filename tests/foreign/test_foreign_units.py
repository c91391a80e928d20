"""Consumed capacity: what each server reports, and budgets that are kept by it."""

import pytest

from pannier import Connection, Options, Report
from tests.foreign.endpoints import Endpoint
from tests.foreign.shop import INDEX, PROVISIONED_UNITS, TABLE, item, key, keys

PLACE = f"{TABLE}/{INDEX}"
_HELD_S = 0.4  # what a budget saves up at most: `batch.budget`


def test_units_are_what_the_server_says(db: Connection, endpoint: Endpoint) -> None:
    """Each figure is that of the API's documents, or stands with its reason in `endpoints`."""
    meters = endpoint.meters

    def written(report: Report) -> float:
        assert report.ok
        assert report.units.write[PLACE] == (report.units.write[TABLE] if meters.index else 0)
        return report.units.write[TABLE]

    assert written(db.write(map(item, range(100)), TABLE)) == meters.puts
    large = (item(number, note="x" * 2900) for number in range(20))
    assert written(db.write(large, TABLE)) == meters.overwrites
    absent = db.delete(map(key, range(1000, 1010)), TABLE)
    assert absent.units.write[TABLE] == meters.empty_deletes
    assert absent.units.write[PLACE] == 0

    reports: list[Report] = []
    list(db.find(keys([*range(20, 100), *range(200, 270)]), report=reports.append))
    list(db.scan(TABLE, report=reports.append))
    read, scan = reports
    assert (read.found, read.missing) == (80, 70)
    assert read.units.read[TABLE] == meters.reads
    assert scan.units.read[TABLE] == meters.scan


@pytest.mark.parametrize("budget", [400, f"{40_000 / PROVISIONED_UNITS:g}%"])
def test_a_budget_of_write_units_is_kept(
    db: Connection, endpoint: Endpoint, budget: float | str
) -> None:
    """The job spends what the budget gives in its time and what it saves up, and not more; of the
    table, and of the index where the server meters that."""
    report = db.write(map(item, range(700)), TABLE, options=Options(write_units=budget))
    assert report.ok
    assert report.written == 700
    per_item = endpoint.meters.puts == 100
    assert report.units.write[TABLE] == (700 if per_item else report.calls)
    for place in (TABLE, PLACE):
        assert report.units.write[place] <= 400 * 1.05 * (report.elapsed_s + _HELD_S)


def test_a_budget_of_read_units_is_kept(db: Connection) -> None:
    """Nobody knows what a key costs before it was read; the budget learns it from the answers."""
    db.write((item(number, note="x" * 7000) for number in range(300)), TABLE)
    reports: list[Report] = []
    options = Options(read_units=600)
    found = list(db.find(keys(range(300)), options=options, report=reports.append))
    assert len([each for each in found if each.item is not None]) == 300
    (report,) = reports
    assert report.units.read[TABLE] <= 600 * 1.05 * (report.elapsed_s + _HELD_S)
