"""How many calls a job makes: the fewest possible where all is well, few more where it is not.

Against the embedded engine, in simulated time, with several calls in flight.
"""

import math
import random
from collections.abc import Callable, Iterator

import pytest

from pannier.batch.operation import Operation, Origin
from pannier.batch.pace.pacing import Pacing
from pannier.batch.reads.projection import Projection
from pannier.batch.reads.read_job import ReadJob
from pannier.batch.reads.read_request import ReadRequest
from pannier.batch.report import Report
from pannier.batch.writes.write_job import WriteJob
from pannier.engine.throttle import OFF
from pannier.limits import KIB, MIB
from pannier.model.key_schema import KeyAttribute, KeySchema
from tests.batch.simulating import Simulation, leaving

SCHEMA = KeySchema([KeyAttribute("PK", "S")], [])
REQUEST = ReadRequest(SCHEMA, Projection())
PLENTY = 40_000


def engine(*tables: str, units: int = PLENTY) -> Simulation:
    simulation = Simulation(OFF)
    for table in tables:
        simulation.create(table, units)
    return simulation


def pacing(seed: int = 1) -> Pacing:
    return Pacing(random.Random(seed), 1e9, 32)


def writing(seed: int = 1) -> WriteJob:
    return WriteJob({"shop": SCHEMA, "stock": SCHEMA}, Report("write"), pacing(seed))


def reading(seed: int = 1) -> ReadJob:
    return ReadJob({"shop": REQUEST, "stock": REQUEST}, Report("read"), pacing(seed))


def puts(count: int, size_bytes: int = 50, tables: tuple[str, ...] = ("shop",)) -> list[Operation]:
    filling = {"S": "x" * size_bytes}
    return [
        Operation.put(
            tables[number % len(tables)], {"PK": {"S": f"{number:06}"}, "filling": filling}
        )
        for number in range(count)
    ]


def fed(job: WriteJob, operations: list[Operation]) -> Iterator[Callable[[], None]]:
    for operation in operations:
        yield lambda operation=operation: job.feed(operation)  # type: ignore[misc]


def asked(
    job: ReadJob, count: int, tables: tuple[str, ...] = ("shop",)
) -> Iterator[Callable[[], None]]:
    for number in range(count):
        key = {"PK": {"S": f"{number:06}"}}
        table = tables[number % len(tables)]
        yield lambda key=key, table=table: job.feed(table, key, Origin("keys", 1))  # type: ignore[misc]


BOTH = ("shop", "stock")


@pytest.mark.parametrize("tables", [("shop",), BOTH])
@pytest.mark.parametrize("count", [1, 24, 25, 26, 999, 5000])
def test_a_write_makes_as_few_calls_as_its_count_needs(count: int, tables: tuple[str, ...]) -> None:
    simulation, job = engine(*tables), writing()
    report = simulation.run(job, fed(job, puts(count, tables=tables)))
    assert report.written == count
    assert report.calls == math.ceil(count / 25)


@pytest.mark.parametrize("tables", [("shop",), BOTH])
@pytest.mark.parametrize("count", [1, 99, 100, 101, 3333])
def test_a_read_makes_as_few_calls_as_its_count_needs(count: int, tables: tuple[str, ...]) -> None:
    simulation, job = engine(*tables), reading()
    report = simulation.run(job, asked(job, count, tables))
    assert report.missing == count
    assert report.calls == math.ceil(count / 100)


def test_items_whose_json_is_large_make_as_few_calls_as_16_mb_allow() -> None:
    """Quotes are one byte in an item and two in JSON: of such items at most 20 fit into 16 MB."""
    simulation, job = engine("shop"), writing()
    operations = [
        Operation.put("shop", {"PK": {"S": f"{number:06}"}, "q": {"S": '"' * (399 * KIB)}})
        for number in range(100)
    ]
    report = simulation.run(job, fed(job, operations))
    assert report.written == 100
    assert 16 * MIB // (2 * 399 * KIB) == 20
    assert report.calls == 5


def test_small_items_fill_up_what_large_ones_leave() -> None:
    """20 large ones fill a call by size, so each call is full by count with 5 small ones."""
    simulation, job = engine("shop"), writing()
    operations = []
    for number in range(100):
        large = number % 5 != 4
        filling = '"' * (399 * KIB) if large else "x"
        operations.append(Operation.put("shop", {"PK": {"S": f"{number:06}"}, "q": {"S": filling}}))
    report = simulation.run(job, fed(job, operations))
    assert report.calls == 4


def test_large_answers_make_hardly_more_calls_than_16_mb_allow() -> None:
    """41 items of 399 KB are an answer's most; their leftovers are asked for at once, in front.

    Four calls could do. Of the last ones, one is sent while another is on its way, which can't know
    what that one will leave over. The table has so many partitions that the bound of 1 MB for each
    of them is not reached.
    """
    simulation = engine("shop", units=10_000_000)
    first = writing()
    simulation.run(first, fed(first, puts(164, 399 * KIB - 30)))
    job = reading()
    begin_s = simulation.now_s
    report = simulation.run(job, asked(job, 164))
    assert report.found == 164
    assert report.calls == 5
    assert report.waited_s == 0.0
    assert simulation.now_s - begin_s <= 3 * 0.011


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("tables", [("shop",), BOTH])
def test_with_a_fifth_left_over_a_write_makes_at_most_three_tenths_more(
    seed: int, tables: tuple[str, ...]
) -> None:
    """Leftovers are packed with fresh operations; 1.25 times the minimum could not be less."""
    simulation, job = engine(*tables), writing(seed)
    report = simulation.run(
        job, fed(job, puts(5000, tables=tables)), answer=leaving(simulation, 0.2, seed)
    )
    assert report.written == 5000
    assert report.leftovers > 1000
    assert report.calls <= 1.3 * 5000 / 25


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("tables", [("shop",), BOTH])
def test_with_a_fifth_left_over_a_read_makes_at_most_three_tenths_more(
    seed: int, tables: tuple[str, ...]
) -> None:
    simulation, job = engine(*tables), reading(seed)
    report = simulation.run(job, asked(job, 20_000, tables), answer=leaving(simulation, 0.2, seed))
    assert report.missing == 20_000
    assert report.leftovers > 4000
    assert report.calls <= 1.3 * 20_000 / 100
