"""A read in the order of its input: the law, and the bound on what waits.

Whatever the trouble and the parallelism, what comes out is the input in its order, without the keys
that failed; and after a stop it is a beginning of the input.
"""

import random

import pytest

from pannier.batch.input_order import InputOrder, numbered
from pannier.batch.operation import Origin
from pannier.batch.reads import read_job as the_module
from pannier.batch.reads.read_job import ReadJob
from pannier.batch.reads.read_results import Found
from tests.batch.driving import Driver, read_job
from tests.batch.fake_service import OTHER, POISON_KEY, SCHEMA, TABLE, THROTTLE, FakeService, item


def service_with(
    count: int, *, trouble: float = 0.0, seed: int = 0, filling: int = 0
) -> FakeService:
    """A service that has every third key of two tables."""
    service = FakeService(chance=random.Random(seed), trouble=trouble)
    for table in (TABLE, OTHER):
        for number in range(0, count, 3):
            content = item(f"k{number}", str(number))
            content["filling"] = {"S": "x" * filling}
            service.tables[table][b"".join(SCHEMA.item_key(content))] = content
    return service


def place(number: int) -> Origin:
    return numbered(Origin("keys", number), number)


def feed(job: ReadJob, keys: list[tuple[str, str]]) -> None:
    for number, (table, key) in enumerate(keys, start=1):
        job.feed(table, {"PK": {"S": key}}, place(number))


def brought(driver: Driver) -> list[Found]:
    """Everything that comes out, taken as it comes."""
    taken: list[Found] = []
    driver.job.end_input()
    for _ in range(20_000):
        taken += driver.job.take_results()
        if driver.job.done:
            return taken
        assert driver.step(), "the job is not done, and nothing can happen any more"
    raise AssertionError("the job makes no end")


@pytest.mark.parametrize("seed", range(20))
def test_results_come_in_the_order_of_the_keys(seed: int) -> None:
    """Two tables, duplicates, refused keys, calls that fail or come back in any order."""
    chance = random.Random(seed)
    keys = [
        (chance.choice((TABLE, OTHER)), f"{chance.choice(('k', 'k', 'k', POISON_KEY))}{n // 2}")
        for n in chance.choices(range(600), k=1500)
    ]
    job = read_job(ordered=True, seed=seed)
    feed(job, keys)
    service = service_with(300, trouble=0.3, seed=seed)
    found = brought(Driver(job, service, parallel=8, chance=chance))
    good = [(number, key) for number, key in enumerate(keys, 1) if not key[1].startswith("p")]
    assert [(each.origin.number, (each.table, each.key["PK"]["S"])) for each in found] == good
    assert all((each.item is None) == bool(int(each.key["PK"]["S"][1:]) % 3) for each in found)
    assert job.report.balanced
    assert job.report.read == 1500
    assert job.report.found + job.report.missing == len(good)


@pytest.mark.parametrize("seed", range(10))
def test_after_a_stop_what_came_out_is_a_beginning(seed: int) -> None:
    """What arrives behind a key that is left unresolved is unresolved, too."""
    chance = random.Random(seed)
    job = read_job(ordered=True)
    feed(job, [(TABLE, f"k{number}") for number in range(2000)])
    driver = Driver(job, service_with(2000), parallel=8, chance=chance)
    taken: list[Found] = []
    for _ in range(chance.randint(0, 12)):
        driver.step()
        taken += job.take_results()
    job.stop("interrupted")
    while driver.in_flight:
        driver.answer(chance.randint(0, len(driver.in_flight) - 1))
    taken += job.take_results()
    assert [each.origin.number for each in taken] == list(range(1, len(taken) + 1))
    assert job.report.balanced
    assert job.report.found + job.report.missing == len(taken)
    assert job.report.unresolved == 2000 - len(taken)


def test_the_source_is_read_ahead_only_so_far() -> None:
    """The first key is throttled; of the others no more are taken than the window holds."""
    job = read_job(ordered=True)
    job.feed(OTHER, {"PK": {"S": "k0"}}, place(1))
    fed = 1
    driver = Driver(job, service_with(10), parallel=1)
    while job.has_room:
        fed += 1
        job.feed(TABLE, {"PK": {"S": f"k{fed}"}}, place(fed))
    assert fed == the_module._WINDOW
    driver.service.fates.append(THROTTLE)
    brought(driver)
    assert job.report.balanced


@pytest.mark.parametrize("seed", range(5))
def test_results_that_wait_take_bounded_memory(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest key is throttled again and again; the rest is read only until memory is full."""
    limit = 200_000
    monkeypatch.setattr(the_module, "_ANSWERS_BYTES", limit)
    chance = random.Random(seed)
    job = read_job(ordered=True, seed=seed)
    keys = [(chance.choice((TABLE, OTHER)), f"k{number}") for number in range(1500)]
    feed(job, keys)
    service = service_with(1500, trouble=0.5, seed=seed, filling=400)
    driver = Driver(job, service, parallel=6, chance=chance)
    order = job._results.order
    assert order is not None
    most = 0
    found: list[Found] = []
    job.end_input()
    while not job.done:
        assert driver.step()
        most = max(most, order.held_bytes)
        found += job.take_results()
    assert [each.origin.number for each in found] == list(range(1, 1501))
    answer = 34 * 500  # a third of a hundred keys have an item
    assert 0 < most <= limit + 6 * answer
    assert order.held_bytes == 0


def test_what_fails_for_good_does_not_hold_up_what_follows() -> None:
    order: InputOrder[str] = InputOrder()
    for number in (1, 2, 3, 4):
        order.expect(place(number))
    order.arrived(place(2), "two", 5)
    order.arrived(place(4), "four", 7)
    assert list(order.due()) == []
    order.failed(place(1), resolved=True)
    assert list(order.due()) == ["two"]
    assert (order.oldest, len(order), order.held_bytes, order.broken) == (3, 2, 7, False)
    order.failed(place(3), resolved=False)
    assert list(order.due()) == ["four"]
    assert order.broken
