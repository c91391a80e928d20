"""A batch read, step by step: what is asked for when, and what becomes of each key.

Every key that is asked for gets one result, found or missing, or ends in the failures; and the
report is balanced.
"""

import math
from typing import Any

import orjson
import pytest

from pannier.batch.operation import Origin
from pannier.batch.reads.projection import Projection, projection_of_names
from pannier.batch.reads.read_job import ReadJob
from pannier.batch.report import Failure, Report
from pannier.batch.target import Reply
from tests.batch.driving import Driver, read_job
from tests.batch.fake_service import (
    DONE,
    ERROR_BEFORE,
    HOPELESS,
    JUNK_AFTER,
    OTHER,
    SCHEMA,
    SILENCE_AFTER,
    TABLE,
    THROTTLE,
    UNREACHABLE,
    FakeService,
    Fate,
    item,
    leave,
)


def service_with(
    count: int, fates: list[Fate] | None = None, *, size_bytes: int = 0
) -> FakeService:
    """A service that has `k0`, `k1` ... in its table."""
    service = FakeService(fates or [])
    for number in range(count):
        content = item(f"k{number}", str(number))
        if size_bytes:
            content["filling"] = {"S": "x" * size_bytes}
        service.tables[TABLE][b"".join(SCHEMA.item_key(content))] = content
    return service


def feed(job: ReadJob, *keys: str, table: str = TABLE) -> None:
    for position, key in enumerate(keys, start=1):
        job.feed(table, {"PK": {"S": key}}, Origin("keys", position))


def numbered(count: int, first: int = 0) -> list[str]:
    return [f"k{number}" for number in range(first, first + count)]


def outcome(report: Report) -> dict[str, int]:
    """The fields of the report's law that are not zero."""
    assert report.balanced
    names = ("read", "found", "missing", "failed", "unresolved")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


def answers(job: ReadJob) -> dict[str, str | None]:
    """What was found by key; None for what is missing."""
    return {
        each.key["PK"]["S"]: each.item["v"]["S"] if each.item is not None else None
        for each in job.results
    }


# Calls


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 1000])
def test_calls_are_as_few_as_they_can_be(count: int) -> None:
    job, service = read_job(), service_with(count)
    feed(job, *numbered(count))
    report = Driver(job, service, parallel=4).finish()
    assert report.calls == math.ceil(count / 100)
    assert outcome(report) == ({"read": count, "found": count} if count else {})
    assert answers(job) == {f"k{number}": str(number) for number in range(count)}


def test_a_batch_that_is_not_full_waits_for_the_end_of_the_input() -> None:
    job = read_job()
    feed(job, *numbered(99))
    assert job.next_batch(0.0) is None
    feed(job, "last")
    assert job.next_batch(0.0) is not None


def test_a_missing_key_is_a_result_and_no_failure() -> None:
    job = read_job()
    feed(job, "k0", "nowhere")
    report = Driver(job, service_with(1)).finish()
    assert outcome(report) == {"read": 2, "found": 1, "missing": 1}
    assert answers(job) == {"k0": "0", "nowhere": None}
    assert report.ok


def test_a_key_is_fetched_once_and_answered_as_often_as_asked() -> None:
    """BatchGetItem refuses a key that comes twice."""
    job, service = read_job(), service_with(1)
    feed(job, "k0", "k0", "nowhere", "k0", "nowhere")
    report = Driver(job, service).finish()
    assert outcome(report) == {"read": 5, "found": 3, "missing": 2}
    assert report.operations_sent == 2
    positions = sorted(each.origin.position for each in job.results)
    assert positions == [1, 2, 3, 4, 5], "each asker gets the result for its own place"


def test_a_key_that_is_asked_for_while_it_is_in_flight_is_not_sent_again() -> None:
    job, service = read_job(), service_with(1)
    driver = Driver(job, service, parallel=2)
    feed(job, "k0")
    job.end_input()
    driver.send()
    feed(job, "k0")
    assert not driver.send()
    assert outcome(driver.finish()) == {"read": 2, "found": 2}
    assert len(service.calls) == 1


def test_a_flood_of_one_key_is_bounded_and_still_gets_through() -> None:
    job, service = read_job(), service_with(1)
    driver = Driver(job, service)
    taken = 0
    for _ in range(10_000):
        while not job.has_room:
            taken += len(job.results)
            job.results.clear()
            if not job.has_room:
                assert driver.step(), "no room, and nothing can happen"
        feed(job, "k0")
    report = driver.finish()
    assert taken + len(job.results) == 10_000
    assert outcome(report) == {"read": 10_000, "found": 10_000}
    assert report.calls < 10


def test_tables_share_a_call_and_keep_their_items_apart() -> None:
    job, service = read_job(), service_with(1)
    feed(job, "k0")
    feed(job, "k0", table=OTHER)
    report = Driver(job, service).finish()
    assert report.calls == 1
    assert {each.table: each.item is not None for each in job.results} == {
        TABLE: True,
        OTHER: False,
    }


def test_results_that_nobody_takes_fill_the_window() -> None:
    job, service = read_job(), service_with(5000)
    driver = Driver(job, service)
    for key in numbered(20_000):
        while job.has_room and driver.step():
            pass
        if not job.has_room:
            break
        feed(job, key)
    assert not job.has_room
    assert len(job.results) <= 8000
    job.take_results()
    assert job.has_room


# Projections


def test_the_key_is_asked_for_and_taken_out_again() -> None:
    job, service = read_job(projection=projection_of_names("v")), service_with(2)
    feed(job, "k0", "k1", "nowhere")
    Driver(job, service).finish()
    request = service.requests[0]["RequestItems"][TABLE]
    assert request["ProjectionExpression"] == "#p0, #pannier_key_0"
    assert request["ExpressionAttributeNames"] == {"#p0": "v", "#pannier_key_0": "PK"}
    found = {each.key["PK"]["S"]: each.item for each in job.results}
    assert found == {"k0": {"v": {"S": "0"}}, "k1": {"v": {"S": "1"}}, "nowhere": None}


def test_a_key_that_was_wanted_stays() -> None:
    job = read_job(projection=Projection("PK, v"))
    feed(job, "k0")
    Driver(job, service_with(1)).finish()
    assert job.results[0].item == item("k0", "0")


# Leftovers


def test_leftovers_that_come_from_size_are_asked_for_again_at_once() -> None:
    """An answer ends at 16 MB, and at 1 MB of a partition. There is no one to spare."""
    job, service = read_job(), service_with(150, [leave(30)], size_bytes=10_000)
    feed(job, *numbered(150))
    driver = Driver(job, service)
    report = driver.finish()
    assert driver.now_s == 0.0
    assert outcome(report) == {"read": 150, "found": 150}
    assert [len(call) for call in service.calls] == [100, 80]
    assert service.calls[1][:30] == service.calls[0][70:], "in front, with fresh keys behind"
    assert (report.leftovers, report.retries) == (30, 30)


def test_leftovers_that_size_does_not_explain_wait() -> None:
    """A hundred small items are far from any limit of size, so the table has no capacity left."""
    job, service = read_job(), service_with(150, [leave(30)])
    feed(job, *numbered(150))
    driver = Driver(job, service)
    assert outcome(driver.finish()) == {"read": 150, "found": 150}
    assert 0 < driver.now_s <= 0.05
    assert [len(call) for call in service.calls] == [100, 80], "with fresh keys behind"


def test_leftovers_without_progress_wait() -> None:
    job, service = read_job(), service_with(5, [leave(5), leave(5)])
    feed(job, *numbered(5))
    driver = Driver(job, service)
    assert outcome(driver.finish()) == {"read": 5, "found": 5}
    assert driver.now_s > 0.0


# Trouble


@pytest.mark.parametrize("fate", [THROTTLE, ERROR_BEFORE, JUNK_AFTER, SILENCE_AFTER, UNREACHABLE])
def test_trouble_is_waited_out(fate: Fate) -> None:
    job, service = read_job(), service_with(120, [fate, fate, DONE])
    feed(job, *numbered(120))
    driver = Driver(job, service)
    report = driver.finish()
    assert outcome(report) == {"read": 120, "found": 120}
    assert (report.calls, report.calls_failed, report.retries) == (4, 2, 200)
    assert report.throttles == (2 if fate is THROTTLE else 0)
    assert driver.now_s == pytest.approx(report.waited_s)


def test_a_clean_answer_ends_the_growth_of_the_waits() -> None:
    job = read_job()
    driver = Driver(job, service_with(200, [*([THROTTLE] * 10), DONE, THROTTLE]))
    feed(job, *numbered(200))
    while job.report.found < 100:
        driver.step()
    before_s = driver.now_s
    driver.finish()
    assert driver.now_s - before_s <= 1.6, "and not twenty seconds"


def test_a_job_without_progress_gives_up_at_its_deadline() -> None:
    job = read_job(give_up_after_s=30.0)
    driver = Driver(job, service_with(1, [THROTTLE] * 1000))
    feed(job, "k0", "k0", "k1")
    report = driver.finish()
    assert outcome(report) == {"read": 3, "unresolved": 3}
    assert driver.now_s == pytest.approx(30.0)
    assert report.stopped.startswith("no progress for 30 s")


def test_a_slow_source_is_not_mistaken_for_a_target_without_progress() -> None:
    job = read_job(give_up_after_s=300.0)
    driver = Driver(job, service_with(200, [DONE, THROTTLE, DONE]))
    feed(job, *numbered(100))
    driver.step()
    driver.now_s += 3600.0
    feed(job, *numbered(100, first=100))
    assert outcome(driver.finish()) == {"read": 200, "found": 200}


def test_hopeless_errors_stop_the_job() -> None:
    job, service = read_job(), service_with(250, [DONE, HOPELESS])
    feed(job, *numbered(250))
    report = Driver(job, service).finish()
    assert outcome(report) == {"read": 250, "found": 100, "failed": 100, "unresolved": 50}
    assert report.stopped == "ResourceNotFoundException: gone"


def test_keys_that_come_after_the_end_are_unresolved() -> None:
    """They must not wait for a call that will never be made."""
    job = read_job()
    job.stop("interrupted")
    feed(job, "k0")
    assert job.done
    assert outcome(job.report) == {"read": 1, "unresolved": 1}


@pytest.mark.parametrize(
    ("fate", "expected"),
    [
        (DONE, {"found": 100, "unresolved": 20}),
        (leave(30), {"found": 70, "unresolved": 50}),
        (leave(100), {"unresolved": 120}),
        (THROTTLE, {"unresolved": 120}),
        (SILENCE_AFTER, {"unresolved": 120}),
        (HOPELESS, {"failed": 100, "unresolved": 20}),
    ],
)
def test_a_stopped_job_asks_for_nothing_more_and_takes_what_comes(
    fate: Fate, expected: dict[str, int]
) -> None:
    job, service = read_job(), service_with(120, [fate])
    driver = Driver(job, service)
    feed(job, *numbered(120))
    driver.send()
    job.stop("interrupted")
    report = driver.finish()
    assert outcome(report) == {"read": 120, **expected}
    assert len(service.calls) == 1


def test_a_refused_batch_is_not_taken_apart_after_the_stop() -> None:
    """Which of the keys is at fault is not known, so none of them has failed."""
    job, service = read_job(), service_with(9)
    driver = Driver(job, service)
    feed(job, *numbered(9), "poison")
    job.end_input()
    driver.send()
    job.stop("interrupted")
    assert outcome(driver.finish()) == {"read": 10, "unresolved": 10}


# Poison


def test_a_refused_batch_is_taken_apart_until_the_bad_key_is_alone() -> None:
    seen: list[Failure] = []
    job, service = read_job(on_failure=seen.append), service_with(99)
    feed(job, *numbered(99), "poison", "poison")
    report = Driver(job, service).finish()
    assert outcome(report) == {"read": 101, "found": 99, "failed": 2}
    assert [(each.kind, each.reason) for each in seen] == [
        ("get", "ValidationException: poison"),
        ("get", "ValidationException: poison"),
    ]
    assert [each.origin.position for each in seen] == [100, 101]
    assert report.calls <= 2 + 2 * math.ceil(math.log2(100)), "one more, for the control"


def test_what_can_be_known_here_is_never_sent() -> None:
    job, service = read_job(), service_with(1)
    job.feed(TABLE, {"SK": {"S": "k0"}}, Origin("keys", 1))
    feed(job, "k0", "")
    report = Driver(job, service).finish()
    assert outcome(report) == {"read": 3, "found": 1, "failed": 2}
    assert report.operations_sent == 1


def test_what_the_source_could_not_read_is_accounted_for() -> None:
    job = read_job()
    job.refuse(Failure("", "parse", "{oops", "not JSON", Origin("f", 3, "line")))
    assert outcome(Driver(job, service_with(0)).finish()) == {"read": 1, "failed": 1}


# Answers of other endpoints


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"Responses": None, "UnprocessedKeys": None},
        {"Responses": {}, "UnprocessedKeys": {}},
        {"Responses": {TABLE: []}},
    ],
)
def test_nothing_found_can_be_said_in_several_ways(answer: dict[str, Any]) -> None:
    job = read_job()
    feed(job, "k0")
    job.end_input()
    batch = job.next_batch(0.0)
    assert batch is not None
    job.answered(batch, Reply(200, orjson.dumps(answer)), 0.0)
    assert outcome(job.report) == {"read": 1, "missing": 1}
