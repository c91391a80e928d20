"""The law: whatever happens on the way, in the end every operation is accounted for.

For any input and any trouble (leftovers, throttling, errors and broken connections before and after
the effect, refused items), the tables are as if the input had been applied in its order, without
the operations that the service refuses; these, and no others, are the failures; and the report is
balanced. Each run follows from its seed.
"""

import asyncio
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.batch.calls import Schemas
from pannier.batch.operation import Kind, Operation, Origin
from pannier.batch.options import Options
from pannier.batch.reads.read import Key, Reading, TableOptions
from pannier.batch.report import Failure
from pannier.batch.writes.write import Writing
from tests.batch.driving import FOREVER_S, Driver, read_job, write_job
from tests.batch.fake_service import OTHER, POISON, SCHEMA, TABLE, FakeService, item
from tests.batch.virtual_time import run

_VIRTUAL_S_MAX = 1e7


def random_operations(count: int, keys: int, seed: int) -> list[Operation]:
    """Puts and deletes on few keys of two tables, some of them refused by the service."""
    chance = random.Random(seed)
    operations = []
    for position in range(1, count + 1):
        origin = Origin("input", position)
        table, key = chance.choice([TABLE, OTHER]), str(chance.randrange(keys))
        kind = chance.choices(["put", "delete", "poison"], [6, 3, 1])[0]
        if kind == "delete":
            operations.append(Operation.delete(table, {"PK": {"S": key}}, origin))
        else:
            content = item(key, str(position), poison=kind == "poison")
            operations.append(Operation.put(table, content, origin))
    return operations


SEEDS = st.integers(0, 2**32)
INPUTS = st.builds(random_operations, st.integers(0, 150), st.integers(1, 80), SEEDS)


def is_poison(operation: Operation) -> bool:
    return operation.attributes.get("poison") == POISON


def applied_in_order(operations: list[Operation]) -> dict[str, dict[str, Any]]:
    """The tables after the input, without what the service refuses."""
    tables: dict[str, dict[str, Any]] = {TABLE: {}, OTHER: {}}
    for operation in operations:
        key = operation.attributes["PK"]["S"]
        if operation.kind is Kind.DELETE:
            tables[operation.table].pop(key, None)
        elif not is_poison(operation):
            tables[operation.table][key] = operation.attributes["v"]["S"]
    return tables


def check_failures(operations: list[Operation], failures: list[Failure]) -> None:
    """The failures are refused operations, each once; none that was the last on its key is missing.

    A refused operation that was superseded before it was sent has never been refused.
    """
    refused = {each.origin.position for each in operations if is_poison(each)}
    positions = [failure.origin.position for failure in failures]
    assert len(set(positions)) == len(positions)
    assert set(positions) <= refused
    last = {(each.table, each.attributes["PK"]["S"]): each for each in operations}
    assert {each.origin.position for each in last.values() if is_poison(each)} <= set(positions)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(
    INPUTS,
    SEEDS,
    st.sampled_from([0.0, 0.2, 0.6]),
    st.integers(1, 8),
)
def test_a_write_obeys_the_law(
    operations: list[Operation], seed: int, trouble: float, parallel: int
) -> None:
    chance = random.Random(seed)
    failures: list[Failure] = []
    job = write_job(seed=seed, on_failure=failures.append)
    service = FakeService(chance=chance, trouble=trouble)
    driver = Driver(job, service, parallel=parallel, chance=chance)
    for operation in operations:
        while chance.random() < 0.3 and driver.step():
            pass
        job.feed(operation)
    report = driver.finish()
    assert report.balanced
    assert report.read == len(operations)
    assert report.unresolved == 0
    assert report.failed == len(failures)
    assert {name: service.items(name) for name in service.tables} == applied_in_order(operations)
    check_failures(operations, failures)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(INPUTS, SEEDS, st.integers(1, 8), st.integers(0, 40))
def test_a_write_that_is_stopped_is_balanced_and_unresolved_operations_are_named(
    operations: list[Operation], seed: int, parallel: int, steps: int
) -> None:
    """Whoever applies the failures of a stopped write afterwards, in order, loses nothing."""
    chance = random.Random(seed)
    failures: list[Failure] = []
    job = write_job(seed=seed, on_failure=failures.append)
    service = FakeService(chance=chance, trouble=0.5)
    driver = Driver(job, service, parallel=parallel, chance=chance)
    for operation in operations:
        job.feed(operation)
    for _ in range(steps):
        driver.step()
    job.stop("interrupted")
    report = driver.finish()
    assert report.balanced
    assert report.failed + report.unresolved == len(failures)
    again = sorted(failures, key=lambda each: each.origin.position)
    tables = {name: service.items(name) for name in service.tables}
    for failure in again:
        place, key = tables[failure.table], failure.attributes["PK"]["S"]
        if failure.kind == "delete":
            place.pop(key, None)
        elif failure.attributes.get("poison") != POISON:
            place[key] = failure.attributes["v"]["S"]
    expected = applied_in_order(operations)
    hidden = {(each.table, each.attributes["PK"]["S"]) for each in operations if is_poison(each)}
    for name, items in expected.items():
        for key in {*items, *tables[name]} - {key for table, key in hidden if table == name}:
            assert tables[name].get(key) == items.get(key)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    st.integers(0, 400),
    st.sets(st.integers(0, 150), max_size=5),
    SEEDS,
    st.sampled_from([0.0, 0.2, 0.6]),
    st.integers(1, 8),
)
def test_a_read_obeys_the_law(
    count: int, bad: set[int], seed: int, trouble: float, parallel: int
) -> None:
    """Each key is answered once for each time it was asked for, with its own item."""
    chance = random.Random(seed)
    numbers = [chance.randrange(150) for _ in range(count)]
    failures: list[Failure] = []
    job = read_job(seed=seed, on_failure=failures.append)
    service = FakeService(chance=chance, trouble=trouble)
    for number in range(0, 150, 2):
        content = item(str(number), str(number))
        service.tables[TABLE][b"".join(SCHEMA.item_key(content))] = content
    names = [f"poison{number}" if number in bad else str(number) for number in numbers]
    driver = Driver(job, service, parallel=parallel, chance=chance)
    for position, name in enumerate(names):
        while chance.random() < 0.1 and driver.step():
            pass
        job.feed(TABLE, {"PK": {"S": name}}, Origin("input", position))
    report = driver.finish()
    assert report.balanced
    assert report.unresolved == 0
    results = {each.origin.position: each for each in job.results}
    assert len(results) == len(job.results)
    failed = {each.origin.position for each in failures}
    assert failed == {place for place, name in enumerate(names) if name.startswith("poison")}
    assert set(results) == set(range(len(names))) - failed
    for place, found in results.items():
        number = numbers[place]
        assert found.item == (item(str(number), str(number)) if number % 2 == 0 else None)


async def written(
    operations: list[Operation],
    service: FakeService,
    parallel: int,
    failures: list[Failure],
    chance: random.Random,
) -> Any:
    options = Options(parallel=parallel, give_up_after_s=FOREVER_S)
    writing = Writing(service, Schemas(service), options, failures.append, chance)
    for start in range(0, len(operations), 30):
        await writing.feed(operations[start : start + 30])
        await asyncio.sleep(0.05)
    return await asyncio.wait_for(writing.finish(), _VIRTUAL_S_MAX)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(INPUTS, SEEDS, st.sampled_from([0.0, 0.2, 0.6]), st.integers(1, 8))
def test_a_write_obeys_the_law_with_calls_really_in_flight(
    operations: list[Operation], seed: int, trouble: float, parallel: int
) -> None:
    """The same through `Writing` and its session, on an event loop whose time is virtual."""
    failures: list[Failure] = []
    chance = random.Random(seed)
    service = FakeService(chance=chance, trouble=trouble)
    report = run(written(operations, service, parallel, failures, chance))
    assert report.balanced
    assert report.read == len(operations)
    assert report.unresolved == 0
    assert {name: service.items(name) for name in service.tables} == applied_in_order(operations)
    check_failures(operations, failures)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.integers(0, 1000),
    SEEDS,
    st.sampled_from([0.0, 0.3]),
    st.integers(1, 8),
)
def test_a_read_obeys_the_law_with_calls_really_in_flight(
    count: int, seed: int, trouble: float, parallel: int
) -> None:
    chance = random.Random(seed)
    numbers = [chance.randrange(400) for _ in range(count)]
    service = FakeService(chance=chance, trouble=trouble)
    for number in range(200):
        content = item(str(number), str(number))
        service.tables[TABLE][b"".join(SCHEMA.item_key(content))] = content

    async def read() -> tuple[list[str], Any]:
        options = Options(parallel=parallel, give_up_after_s=FOREVER_S)
        tables = TableOptions()
        reading = Reading(service, Schemas(service), options, {}, tables, chance=chance)
        keys = [Key(TABLE, {"PK": {"S": str(number)}}) for number in numbers]
        results = []
        for start in range(0, len(keys), 100):
            results += await reading.exchange(keys[start : start + 100], last=False)
        while not reading.done:
            results += await asyncio.wait_for(reading.exchange((), last=True), _VIRTUAL_S_MAX)
        return [each.item["v"]["S"] for each in results if each.item is not None], reading.report

    found, report = run(read())
    assert sorted(found) == sorted(str(number) for number in numbers if number < 200)
    assert report.balanced
    assert (report.failed, report.unresolved) == (0, 0)
