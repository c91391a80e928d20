"""Tables with less capacity than the job could use, and no budget: simulated time, real throttling.

The job must find the table's pace: use nearly all of its capacity, with few calls for nothing; and
what it does elsewhere must not suffer.
"""

import random
from collections.abc import Callable, Iterator

import pytest

from pannier.batch.operation import Operation
from pannier.batch.pace.pacing import Pacing
from pannier.batch.report import Report
from pannier.batch.writes.write_job import WriteJob
from pannier.engine.throttle import Throttling
from pannier.model.key_schema import KeyAttribute, KeySchema
from tests.batch.simulating import Simulation

SCHEMA = KeySchema([KeyAttribute("PK", "S")], [])
NO_BURST = Throttling(tables=True, partitions=True, burst_s=1.0)


def writing(seed: int = 1) -> WriteJob:
    pacing = Pacing(random.Random(seed), 300.0, 32)
    return WriteJob({"shop": SCHEMA, "stock": SCHEMA}, Report("write"), pacing)


def fed(job: WriteJob, tables: list[str]) -> Iterator[Callable[[], None]]:
    for number, table in enumerate(tables):
        operation = Operation.put(table, {"PK": {"S": f"{number:06}"}})
        yield lambda operation=operation: job.feed(operation)  # type: ignore[misc]


@pytest.mark.parametrize("latency_s", [0.005, 0.1])
@pytest.mark.parametrize(("units", "calls_max"), [(10, 3.5), (100, 2.5), (1000, 2.0)])
def test_nearly_all_of_a_tables_capacity_is_used(
    units: int, calls_max: float, latency_s: float
) -> None:
    simulation = Simulation(NO_BURST)
    simulation.create("shop", units)
    job = writing()
    report = simulation.run(job, fed(job, ["shop"] * units * 30), latency_s=lambda: latency_s)
    assert report.written == units * 30
    assert simulation.now_s < 30 / 0.85
    assert report.calls <= calls_max * units * 30 / 25
    assert report.throttles + report.leftovers > 0, "else nothing was tested"


def test_a_throttled_table_does_not_hold_up_the_others() -> None:
    """300 writes to a table that takes 10 a second, 9,700 to one that takes 10,000."""
    simulation = Simulation(NO_BURST)
    simulation.create("shop", 10)
    simulation.create("stock", 10_000)
    job = writing()
    tables = ["shop" if number % 33 == 0 else "stock" for number in range(9900)]
    report = simulation.run(job, fed(job, tables))
    assert report.written == 9900
    last_s = max(at_s for at_s, place, _ in simulation.consumed if place == "stock")
    assert simulation.now_s > 25.0
    assert last_s < 3.0, "as if it were alone"


def test_a_slow_table_takes_a_share_of_the_window_and_not_more() -> None:
    """Half of the input is for a slow table. Beyond the window nobody can look ahead."""
    simulation = Simulation(NO_BURST)
    simulation.create("shop", 10)
    simulation.create("stock", 10_000)
    job = writing()
    tables = ["shop" if number < 5000 and number % 2 else "stock" for number in range(20_000)]
    simulation.run(job, fed(job, tables))
    done_s = sorted(
        at_s
        for at_s, place, units in simulation.consumed
        if place == "stock"
        for _ in range(int(units))
    )
    assert done_s[int(0.9 * len(done_s))] < 20.0
    assert simulation.now_s > 200.0
