"""A capacity budget against an engine that meters and throttles, in simulated time.

What must hold: within 5 % of the budget over any ten seconds, and above 95 % of it overall; no
index above its own share.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pannier.batch.operation import Operation, Origin
from pannier.batch.pace.budget import Allowance, budget_of
from pannier.batch.pace.pacing import Pacing
from pannier.batch.reads.projection import Projection
from pannier.batch.reads.read_job import ReadJob
from pannier.batch.reads.read_request import ReadRequest
from pannier.batch.report import Report
from pannier.batch.writes.write_job import WriteJob
from pannier.engine.throttle import OFF
from pannier.model.key_schema import KeyAttribute, KeySchema
from tests.batch.simulating import Simulation

SCHEMA = KeySchema([KeyAttribute("PK", "S")], [])
Feed = Iterator[Callable[[], None]]


def writing(simulation: Simulation, given: Any, *tables: str) -> WriteJob:
    pacing = Pacing(random.Random(1), 1e9, 32)
    for table in tables:
        description = simulation.call("DescribeTable", {"TableName": table})["Table"]
        pacing.set_budget(table, budget_of(Allowance.of(given), "write", description, 0.0))
    return WriteJob({"shop": SCHEMA, "stock": SCHEMA}, Report("write"), pacing)


def item(number: int, size_bytes: int = 100, table: str = "shop", **more: str) -> Operation:
    attributes = {"PK": {"S": f"{number:07}"}, "filling": {"S": "x" * max(0, size_bytes - 20)}}
    return Operation.put(table, attributes | {name: {"S": text} for name, text in more.items()})


def feed(job: WriteJob, operations: Iterator[Operation]) -> Feed:
    for operation in operations:
        yield lambda operation=operation: job.feed(operation)  # type: ignore[misc]


def assert_kept(simulation: Simulation, place: str, units_per_s: float) -> None:
    windows = list(simulation.windows(place))
    assert len(windows) > 10
    assert max(windows) <= 1.05 * units_per_s
    assert min(windows) >= 0.95 * units_per_s
    assert simulation.speed(place) >= 0.95 * units_per_s


@pytest.mark.parametrize("given", ["200", "20%"])
@pytest.mark.parametrize("size_bytes", [100, 3000])
def test_200_units_of_a_table_of_1000(given: str, size_bytes: int) -> None:
    simulation = Simulation()
    simulation.create("shop", 1000)
    job = writing(simulation, given, "shop")
    count = 200 * 60 // -(-size_bytes // 1024)
    report = simulation.run(job, feed(job, (item(each, size_bytes) for each in range(count))))
    assert report.written == count
    assert_kept(simulation, "shop", 200.0)
    assert simulation.calls == {"done": report.calls}, "nothing was throttled"
    if size_bytes == 100:
        assert report.calls <= count / 25 + 1, "and every call but the careful first was full"


@pytest.mark.parametrize("seed", range(3))
def test_sizes_and_latencies_of_all_kinds(seed: int) -> None:
    chance = random.Random(seed)
    simulation = Simulation()
    simulation.create("shop", 1000)
    job = writing(simulation, 200, "shop")
    sizes = [int(chance.paretovariate(1.1) * 200) % 20_000 for _ in range(4000)]
    operations = (item(number, size) for number, size in enumerate(sizes))
    simulation.run(job, feed(job, operations), latency_s=lambda: chance.uniform(0.005, 0.08))
    assert_kept(simulation, "shop", 200.0)


def test_overwriting_larger_items_costs_more_than_they_say_and_is_learned() -> None:
    """The items that are there have 3 KB, the new ones 100 bytes: three units each."""
    simulation = Simulation(OFF)
    simulation.create("shop", 1000)
    first = writing(simulation, 1_000_000, "shop")
    simulation.run(first, feed(first, (item(each, 3000) for each in range(4000))))
    simulation.consumed.clear()
    job = writing(simulation, 200, "shop")
    simulation.run(job, feed(job, (item(each) for each in range(4000))))
    assert_kept(simulation, "shop", 200.0)


def test_deletes_cost_what_they_delete() -> None:
    simulation = Simulation(OFF)
    simulation.create("shop", 1000)
    first = writing(simulation, 1_000_000, "shop")
    simulation.run(first, feed(first, (item(each, 8000) for each in range(1500))))
    simulation.consumed.clear()
    job = writing(simulation, 200, "shop")
    deletes = (Operation.delete("shop", {"PK": {"S": f"{each:07}"}}) for each in range(1500))
    simulation.run(job, feed(job, deletes))
    assert_kept(simulation, "shop", 200.0)


def test_an_index_is_kept_below_its_own_share() -> None:
    """Half of the index's 100 is less than half of the table's 1000, so the index decides."""
    simulation = Simulation()
    simulation.create("shop", 1000, GSI1=100)
    job = writing(simulation, "50%", "shop")
    report = simulation.run(job, feed(job, (item(each, g=str(each)) for each in range(3000))))
    assert_kept(simulation, "shop/GSI1", 50.0)
    assert max(simulation.windows("shop")) <= 1.05 * 50.0
    assert simulation.calls == {"done": report.calls}


def test_each_table_has_the_budget_on_its_own() -> None:
    simulation = Simulation()
    simulation.create("shop", 1000)
    simulation.create("stock", 1000)
    job = writing(simulation, 100, "shop", "stock")
    operations = (item(each, table=("shop", "stock")[each % 2]) for each in range(12_000))
    simulation.run(job, feed(job, operations))
    assert_kept(simulation, "shop", 100.0)
    assert_kept(simulation, "stock", 100.0)


def test_an_item_that_costs_more_than_a_second_of_the_budget_goes_all_the_same() -> None:
    simulation = Simulation()
    simulation.create("shop", 1000)
    job = writing(simulation, 5, "shop")
    report = simulation.run(job, feed(job, (item(each, 100_000) for each in range(10))))
    assert report.written == 10
    assert simulation.speed("shop") <= 1.05 * 5.0
    assert report.calls == 10


def test_a_budget_of_one_unit_is_slow_and_makes_an_end() -> None:
    simulation = Simulation()
    simulation.create("shop", 10)
    job = writing(simulation, 1, "shop")
    report = simulation.run(job, feed(job, (item(each) for each in range(60))))
    assert report.written == 60
    assert 55 <= simulation.now_s <= 62


def test_leftovers_and_throttling_are_not_paid_twice() -> None:
    """The table has less than the budget allows: what is throttled costs nothing."""
    simulation = Simulation()
    simulation.create("shop", 100)
    warm = writing(simulation, 1_000_000, "shop")
    simulation.run(warm, feed(warm, (item(each) for each in range(30_000))))  # no burst is left
    simulation.consumed.clear()
    job = writing(simulation, 150, "shop")
    report = simulation.run(job, feed(job, (item(each) for each in range(5000))))
    assert report.written == 5000
    assert report.throttles + report.leftovers > 0
    assert simulation.speed("shop") >= 0.9 * 100.0


@pytest.mark.parametrize(("size_bytes", "consistent"), [(100, False), (100, True), (20_000, False)])
def test_reads_keep_their_budget_too(size_bytes: int, consistent: bool) -> None:
    """Nobody knows what an item weighs before it is read: the first call is a careful one."""
    simulation = Simulation(OFF)
    simulation.create("shop", 1000)
    count = 8000 if size_bytes == 100 else 2000
    first = writing(simulation, 1_000_000, "shop")
    simulation.run(first, feed(first, (item(each, size_bytes) for each in range(count))))
    simulation.consumed.clear()
    pacing = Pacing(random.Random(1), 1e9, 32)
    description = simulation.call("DescribeTable", {"TableName": "shop"})["Table"]
    pacing.set_budget("shop", budget_of(Allowance.of(200), "read", description, simulation.now_s))
    request = ReadRequest(SCHEMA, Projection(), consistent)
    job = ReadJob({"shop": request}, Report("read"), pacing)

    def keys() -> Feed:
        for number in range(count):
            key = {"PK": {"S": f"{number:07}"}}
            yield lambda key=key: job.feed("shop", key, Origin("keys", 1))  # type: ignore[misc]

    report = simulation.run(job, keys())
    assert report.found == count
    assert_kept(simulation, "shop", 200.0)
