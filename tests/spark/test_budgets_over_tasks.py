"""A budget over all tasks of a job, in simulated time: slots with task after task.

What must hold, whatever the tasks are: never more than the budget overall; over any ten seconds not
more than a tenth above; and not more than a tenth below, as long as there is enough to do for the
slots that there are. The engine meters, by its own clock.
"""

from pathlib import Path
from typing import Any

import pytest

from pannier.batch.operation import Operation
from pannier.batch.pace.budget import Allowance
from pannier.engine.throttle import OFF
from tests.batch.simulating import Simulation
from tests.spark.slots import Slots, Task, getting, querying, scanning, writing

UNITS_PER_S = 100.0


def key(number: int) -> dict[str, Any]:
    return {"PK": {"S": f"{number:07}"}}


def put(number: int, size_bytes: int) -> Operation:
    return Operation.put("shop", key(number) | {"filling": {"S": "x" * max(0, size_bytes - 20)}})


def filled(count: int, size_bytes: int) -> Simulation:
    simulation = Simulation(OFF)
    simulation.create("shop", 1000)
    for first in range(0, count, 25):
        puts = [
            {"PutRequest": {"Item": put(each, size_bytes).attributes}}
            for each in range(first, min(first + 25, count))
        ]
        simulation.call("BatchWriteItem", {"RequestItems": {"shop": puts}})
    simulation.consumed.clear()
    return simulation


def assert_kept(simulation: Simulation) -> None:
    windows = list(simulation.windows("shop"))
    assert windows
    assert max(windows) <= 1.1 * UNITS_PER_S
    total = sum(units for _, _, units in simulation.consumed)
    assert total <= UNITS_PER_S * simulation.now_s
    assert min(windows) >= 0.9 * UNITS_PER_S
    assert simulation.speed("shop") >= 0.9 * UNITS_PER_S


def spend(
    simulation: Simulation,
    folder: Path,
    tasks: list[Task],
    executors: tuple[int, ...] = (2,),
    *,
    given: float | str = UNITS_PER_S,
    at_once: int | None = None,
) -> None:
    """Run the tasks with the budget."""
    count = at_once or sum(executors)
    allowance = Allowance.of(given).divided(count, keeps=at_once is None)
    Slots(simulation, folder, allowance).run(tasks, executors, at_once)


@pytest.mark.parametrize("executors", [(1,), (2,), (1, 1), (4, 4)])
@pytest.mark.parametrize("rows", [15, 40, 400])
def test_writes(tmp_path: Path, rows: int, executors: tuple[int, ...]) -> None:
    """Of tasks of 15 rows a slot can begin three or four a second, and has enough to do."""
    rows *= 4 if executors == (1,) else 1  # else one slot can't spend it
    simulation = Simulation()
    simulation.create("shop", 1000)
    tasks = [
        writing([put(first + each, 100) for each in range(rows)]) for first in range(0, 4800, rows)
    ]
    spend(simulation, tmp_path, tasks, executors)
    assert_kept(simulation)
    assert set(simulation.calls) == {"done"}, "nothing was throttled"


def test_a_share_of_what_is_provisioned(tmp_path: Path) -> None:
    simulation = Simulation()
    simulation.create("shop", 1000)
    tasks = [
        writing([put(first + each, 100) for each in range(30)]) for first in range(0, 3000, 30)
    ]
    spend(simulation, tmp_path, tasks, given="10%")
    assert_kept(simulation)


def test_an_item_that_costs_half_a_second_is_paid_for(tmp_path: Path) -> None:
    simulation = Simulation()
    simulation.create("shop", 1000)
    spend(simulation, tmp_path, [writing([put(each, 50_000)]) for each in range(100)])
    windows = list(simulation.windows("shop"))
    assert max(windows) <= 1.1 * UNITS_PER_S
    assert simulation.speed("shop") >= 0.9 * UNITS_PER_S


@pytest.mark.parametrize("executors", [(2,), (1, 1)])
@pytest.mark.parametrize("segments", [2, 8, 40])
@pytest.mark.parametrize(("count", "size_bytes"), [(20_000, 1000), (1000, 20_000)])
def test_scans(
    tmp_path: Path, count: int, size_bytes: int, segments: int, executors: tuple[int, ...]
) -> None:
    """A page of 1 MB would cost more than the budget of a second."""
    simulation = filled(count, size_bytes)
    tasks = [scanning(each, segments) for each in range(segments)]
    spend(simulation, tmp_path, tasks, executors)
    assert_kept(simulation)


def test_a_filter_that_nothing_meets(tmp_path: Path) -> None:
    simulation = filled(20_000, 1000)
    members = {"FilterExpression": "PK = :none", "ExpressionAttributeValues": {":none": {"S": "-"}}}
    spend(simulation, tmp_path, [scanning(each, 8, **members) for each in range(8)])
    assert_kept(simulation)


@pytest.mark.parametrize(("count", "there"), [(4000, 0), (3000, 1500), (500, 500)])
def test_queries(tmp_path: Path, count: int, there: int) -> None:
    """Many that find nothing, and cost half a unit each; some that do; few that cost more."""
    simulation = filled(there, 25_000 if there == count else 1000)
    names = [f"{each:07}" for each in range(count)]
    tasks = [querying(names[first::4]) for first in range(4)]
    spend(simulation, tmp_path, tasks)
    assert_kept(simulation)


@pytest.mark.parametrize("keys", [50, 1000])
@pytest.mark.parametrize("size_bytes", [100, 20_000])
def test_keys(tmp_path: Path, size_bytes: int, keys: int) -> None:
    simulation = filled(1000, size_bytes)
    total = 6000 if size_bytes == 100 else 2000
    tasks = [
        getting([key((first + each) % 1000) for each in range(keys)])
        for first in range(0, total, keys)
    ]
    spend(simulation, tmp_path, tasks)
    assert_kept(simulation)


def test_an_on_demand_table(tmp_path: Path) -> None:
    simulation = Simulation()
    definition = {"AttributeName": "PK", "AttributeType": "S"}
    simulation.call(
        "CreateTable",
        {
            "TableName": "shop",
            "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
            "AttributeDefinitions": [definition],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )
    tasks = [
        writing([put(first + each, 100) for each in range(40)]) for first in range(0, 3000, 40)
    ]
    spend(simulation, tmp_path, tasks)
    assert_kept(simulation)


@pytest.mark.parametrize("rows", [40, 400])
def test_tasks_that_run_here_or_there_spend_no_more(tmp_path: Path, rows: int) -> None:
    """Two at a time of four slots. What gathers where none runs must not come on top."""
    simulation = Simulation()
    simulation.create("shop", 1000)
    tasks = [
        writing([put(first + each, 100) for each in range(rows)]) for first in range(0, 4000, rows)
    ]
    spend(simulation, tmp_path, tasks, (2, 2), at_once=2)
    assert max(simulation.windows("shop")) <= 1.1 * UNITS_PER_S
    total = sum(units for _, _, units in simulation.consumed)
    assert total <= UNITS_PER_S * simulation.now_s
    assert simulation.speed("shop") >= 0.5 * UNITS_PER_S, "less for short ones: gaps are lost"
