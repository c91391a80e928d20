"""A batch write, step by step: what is sent when, and where each operation ends in the report.

The job does no I/O. The tests move its clock and give it its answers; whatever happens, the report
must be balanced: `read` is the sum of everything that became of an operation.
"""

import math

import orjson
import pytest

from pannier.batch.operation import Operation, Origin
from pannier.batch.report import Failure, Report
from pannier.batch.target import Reply
from pannier.batch.writes.write_job import WriteJob
from tests.batch.driving import Driver, write_job
from tests.batch.fake_service import (
    DONE,
    ERROR_AFTER,
    ERROR_BEFORE,
    HOPELESS,
    JUNK_AFTER,
    OTHER,
    SILENCE_AFTER,
    SILENCE_BEFORE,
    TABLE,
    THROTTLE,
    UNREACHABLE,
    FakeService,
    Fate,
    delete,
    leave,
    put,
)


def feed(job: WriteJob, *operations: Operation) -> None:
    for operation in operations:
        job.feed(operation)


def numbered(count: int, first: int = 0) -> list[Operation]:
    return [put(f"k{number:05}", str(number)) for number in range(first, first + count)]


def outcome(report: Report) -> dict[str, int]:
    """The fields of the report's law that are not zero."""
    assert report.balanced
    names = ("read", "written", "deleted", "superseded", "failed", "unresolved")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


# Calls


@pytest.mark.parametrize("count", [0, 1, 24, 25, 26, 30, 50, 1000, 2001])
def test_calls_are_as_few_as_they_can_be(count: int) -> None:
    job, service = write_job(), FakeService()
    feed(job, *numbered(count))
    report = Driver(job, service, parallel=4).finish()
    assert report.calls == len(service.calls) == math.ceil(count / 25)
    assert outcome(report) == ({"read": count, "written": count} if count else {})
    assert len(service.items()) == count
    assert report.retries == 0


def test_a_batch_that_is_not_full_waits_for_the_end_of_the_input() -> None:
    job = write_job()
    feed(job, *numbered(24))
    assert job.next_batch(0.0) is None
    job.feed(put("last"))
    batch = job.next_batch(0.0)
    assert batch is not None
    assert batch.size == 25


def test_tables_share_a_call() -> None:
    job, service = write_job(), FakeService()
    feed(job, *(put(f"k{number}", table=(TABLE, OTHER)[number % 2]) for number in range(25)))
    report = Driver(job, service).finish()
    assert report.calls == 1
    assert (len(service.items(TABLE)), len(service.items(OTHER))) == (13, 12)


def test_puts_and_deletes_are_counted_apart() -> None:
    job, service = write_job(), FakeService()
    feed(job, put("a"), put("b"), delete("c"))
    assert outcome(Driver(job, service).finish()) == {"read": 3, "written": 2, "deleted": 1}


def test_the_window_bounds_what_is_kept() -> None:
    job = write_job()
    fed = 0
    for operation in numbered(5000):
        if not job.has_room:
            break
        job.feed(operation)
        fed += 1
    assert 100 <= fed < 5000
    driver = Driver(job, FakeService())
    driver.step()
    assert job.has_room


def test_a_flood_of_writes_on_one_key_is_bounded_too_and_still_gets_through() -> None:
    """Superseded writes are kept until the last one has taken effect; that must have an end."""
    job, service = write_job(), FakeService()
    driver = Driver(job, service)
    for number in range(10_000):
        while not job.has_room:
            assert driver.step(), "no room, and nothing can happen"
        job.feed(put("hot", str(number)))
    report = driver.finish()
    assert service.items() == {"hot": "9999"}
    assert report.calls < 10
    assert outcome(report) == {
        "read": 10_000,
        "written": report.calls,
        "superseded": 10_000 - report.calls,
    }


# One key, one lane


def test_of_several_writes_on_a_key_the_last_stands_and_the_others_are_never_sent() -> None:
    job, service = write_job(), FakeService()
    feed(job, put("a", "1"), delete("a"), put("b", "2"), put("a", "3"))
    report = Driver(job, service).finish()
    assert outcome(report) == {"read": 4, "written": 2, "superseded": 2}
    assert service.items() == {"a": "3", "b": "2"}
    assert report.operations_sent == 2


def test_a_key_in_flight_holds_back_a_later_write_on_it() -> None:
    job, service = write_job(), FakeService()
    driver = Driver(job, service, parallel=2)
    feed(job, *numbered(25))
    assert driver.send()
    feed(job, put("k00000", "later"), *numbered(24, first=100))
    job.end_input()
    assert driver.send()
    assert driver.in_flight[1].size == 24, "the later write is not among them"
    assert not driver.send()
    report = driver.finish()
    assert service.items()["k00000"] == "later"
    assert outcome(report) == {"read": 50, "written": 50}


def test_a_write_left_over_is_superseded_by_one_that_came_meanwhile() -> None:
    job, service = write_job(), FakeService([leave(1)])
    driver = Driver(job, service)
    feed(job, put("b"), put("a", "old"))
    job.end_input()
    driver.send()
    job.feed(put("a", "new"))
    report = driver.finish()
    assert outcome(report) == {"read": 3, "written": 2, "superseded": 1}
    assert service.items()["a"] == "new"
    assert report.retries == 0, "what was sent the second time was the new one"


@pytest.mark.parametrize("fate", [SILENCE_AFTER, ERROR_AFTER, SILENCE_BEFORE, JUNK_AFTER])
def test_after_an_unknown_outcome_the_order_of_a_key_holds(fate: Fate) -> None:
    """The lost call may take effect late, and must not undo what comes after it.

    So the same write is repeated until it is answered, and a later one on its key waits for that
    answer, and for as long as the lost call may still arrive.
    """
    job, service = write_job(late_effect_s=30.0), FakeService([fate])
    driver = Driver(job, service, parallel=8)
    feed(job, put("a", "old"), put("other"))
    job.end_input()
    driver.send()
    job.feed(delete("a"))
    assert not driver.send()
    driver.answer()
    while not service.calls[1:]:
        driver.step()
    repeated_s = driver.now_s
    assert service.items() == {"a": "old", "other": ""}, "the same write again, not the later one"
    assert job.next_batch(repeated_s + 29.9) is None
    report = driver.finish()
    assert driver.now_s == repeated_s + 30.0
    assert service.items() == {"other": ""}
    assert outcome(report) == {"read": 3, "written": 2, "deleted": 1}


def test_only_the_keys_of_a_lost_call_wait() -> None:
    job, service = write_job(late_effect_s=30.0), FakeService([SILENCE_AFTER])
    driver = Driver(job, service)
    job.feed(put("a", "1"))
    job.end_input()
    driver.step()
    driver.step()
    driver.step()
    assert len(service.calls) == 2
    feed(job, put("a", "2"), put("b", "1"))
    driver.step()
    assert service.items() == {"a": "1", "b": "1"}, "b goes at once"
    assert driver.now_s < 1.0
    driver.finish()
    assert service.items() == {"a": "2", "b": "1"}


def test_a_job_without_later_writes_does_not_wait_for_lost_calls() -> None:
    job = write_job(late_effect_s=30.0)
    driver = Driver(job, FakeService([SILENCE_AFTER]))
    feed(job, *numbered(50))
    driver.finish()
    assert driver.now_s < 1.0


def test_a_later_write_waits_however_often_the_repetition_is_lost() -> None:
    job, service = write_job(late_effect_s=30.0), FakeService([SILENCE_BEFORE] * 5)
    driver = Driver(job, service)
    feed(job, put("a", "1"))
    job.end_input()
    driver.send()
    feed(job, put("a", "2"), put("a", "3"))
    report = driver.finish()
    values = [
        each["PutRequest"]["Item"]["v"]["S"]
        for request in service.requests
        for each in request["RequestItems"][TABLE]
    ]
    assert values == ["1"] * 6 + ["3"]
    assert outcome(report) == {"read": 3, "written": 2, "superseded": 1}


def test_a_lost_write_that_is_then_refused_keeps_the_order_too() -> None:
    """Lost first, refused when repeated: what it had superseded stands again, after the wait."""
    job, service = write_job(late_effect_s=30.0), FakeService([SILENCE_BEFORE])
    driver = Driver(job, service)
    feed(job, put("a", "good"), put("a", "bad", poison=True))
    report = driver.finish()
    assert service.items() == {"a": "good"}
    assert driver.now_s >= 30.0
    assert outcome(report) == {"read": 2, "written": 1, "failed": 1}


# Leftovers


def test_leftovers_go_in_front_and_share_a_full_batch_with_fresh_operations() -> None:
    job, service = write_job(), FakeService([leave(5)])
    feed(job, *numbered(50))
    report = Driver(job, service).finish()
    first, second, third = ([key for _, key in call] for call in service.calls)
    assert second[:5] == first[-5:], "the leftovers come first"
    assert [len(first), len(second), len(third)] == [25, 25, 5]
    assert outcome(report) == {"read": 50, "written": 50}
    assert (report.leftovers, report.retries) == (5, 5)


def test_leftovers_wait_before_they_are_sent_again() -> None:
    job = write_job()
    driver = Driver(job, FakeService([leave(1)]))
    feed(job, *numbered(26))
    job.end_input()
    driver.send()
    driver.answer()
    assert job.next_batch(0.0) is None
    wake_s = job.wake_s(0.0)
    assert wake_s is not None
    assert 0 < wake_s <= 0.05
    assert job.report.waited_s == wake_s
    assert job.next_batch(wake_s) is not None


def test_everything_left_over_is_no_progress_but_no_failure_either() -> None:
    job, service = write_job(), FakeService([leave(25), leave(25), leave(1)])
    feed(job, *numbered(25))
    report = Driver(job, service).finish()
    assert outcome(report) == {"read": 25, "written": 25}
    assert (report.leftovers, report.retries) == (51, 51)


def test_leftovers_of_several_tables_find_their_way_back() -> None:
    job, service = write_job(), FakeService([leave(3)])
    feed(job, put("a"), put("a", table=OTHER), delete("b"), put("b", table=OTHER))
    report = Driver(job, service).finish()
    assert outcome(report) == {"read": 4, "written": 3, "deleted": 1}
    assert len(service.calls[1]) == 3


# Trouble


@pytest.mark.parametrize(
    "fate",
    [THROTTLE, ERROR_BEFORE, ERROR_AFTER, JUNK_AFTER, SILENCE_BEFORE, SILENCE_AFTER, UNREACHABLE],
)
def test_trouble_is_waited_out(fate: Fate) -> None:
    job, service = write_job(), FakeService([fate, fate, DONE])
    feed(job, *numbered(30))
    driver = Driver(job, service)
    report = driver.finish()
    assert outcome(report) == {"read": 30, "written": 30}
    assert (report.calls, report.calls_failed) == (4, 2)
    assert report.throttles == (2 if fate is THROTTLE else 0)
    assert report.retries == 50
    assert driver.now_s == pytest.approx(report.waited_s)
    assert report.waited_s > 0
    assert report.ok


@pytest.mark.parametrize(("clean", "bound_s"), [(0, 20.0), (1, 1.6), (2, 0.2), (3, 0.1), (4, 0.05)])
def test_clean_answers_end_the_growth_of_the_waits(clean: int, bound_s: float) -> None:
    """Each halves the doublings: a table that is often throttled does not begin from nothing."""
    longest_s = 0.0
    for seed in range(20):
        job = write_job(seed=seed)
        service = FakeService([*([THROTTLE] * 10), *([DONE] * clean), THROTTLE])
        driver = Driver(job, service)
        feed(job, *numbered(25 * (clean + 1)))
        while len(service.calls) < 10 + clean:
            driver.step()
        before_s = max(driver.now_s, job.wake_s(driver.now_s) or 0.0)
        driver.finish()
        longest_s = max(longest_s, driver.now_s - before_s)
    assert 0.5 * bound_s < longest_s <= bound_s


def test_the_wait_that_the_service_asks_for_is_kept() -> None:
    throttle = Fate(THROTTLE.end, THROTTLE.left, retry_after_s=7.0)
    job = write_job()
    driver = Driver(job, FakeService([throttle]))
    job.feed(put("a"))
    driver.finish()
    assert driver.now_s == 7.0


def test_hopeless_errors_stop_the_job() -> None:
    """What was in the call has failed; the rest was never tried, or is on its way."""
    job, service = write_job(), FakeService([DONE, HOPELESS])
    feed(job, *numbered(75))
    report = Driver(job, service).finish()
    assert outcome(report) == {"read": 75, "written": 25, "failed": 25, "unresolved": 25}
    assert report.stopped == "ResourceNotFoundException: gone"
    assert not report.ok
    assert len(service.calls) == 2
    assert not job.has_room
    job.feed(put("late"))
    assert outcome(report)["unresolved"] == 26


def test_a_write_held_back_behind_a_hopeless_call_is_accounted_for() -> None:
    job, service = write_job(), FakeService([HOPELESS])
    driver = Driver(job, service)
    job.feed(put("a", "1"))
    job.end_input()
    driver.send()
    job.feed(put("a", "2"))
    assert outcome(driver.finish()) == {"read": 2, "failed": 1, "unresolved": 1}


# Giving up


def test_a_job_without_progress_gives_up_at_its_deadline() -> None:
    job = write_job(give_up_after_s=30.0)
    driver = Driver(job, FakeService([THROTTLE] * 1000))
    feed(job, *numbered(40))
    report = driver.finish()
    assert outcome(report) == {"read": 40, "unresolved": 40}
    assert driver.now_s == pytest.approx(30.0)
    assert report.stopped.startswith("no progress for 30 s: ProvisionedThroughputExceeded")


def test_a_service_that_asks_for_too_long_a_wait_does_not_move_the_deadline() -> None:
    throttle = Fate(THROTTLE.end, THROTTLE.left, retry_after_s=200.0)
    job = write_job(give_up_after_s=30.0)
    driver = Driver(job, FakeService([throttle] * 10))
    job.feed(put("a"))
    driver.finish()
    assert driver.now_s == pytest.approx(30.0)


def test_progress_moves_the_deadline() -> None:
    """One operation gets through each time; that is slow, and no reason to give up."""
    job = write_job(give_up_after_s=1.0)
    driver = Driver(job, FakeService([Fate(left=24 - number) for number in range(25)]))
    feed(job, *numbered(25))
    report = driver.finish()
    assert outcome(report) == {"read": 25, "written": 25}
    assert driver.now_s > 1.0


def test_a_slow_source_is_not_mistaken_for_a_target_without_progress() -> None:
    """An hour without input, then one throttled call: that is the first trouble, not the last."""
    job, service = write_job(give_up_after_s=300.0), FakeService([DONE, THROTTLE, DONE])
    driver = Driver(job, service)
    feed(job, *numbered(25))
    driver.step()
    driver.now_s += 3600.0
    feed(job, *numbered(25, first=25))
    report = driver.finish()
    assert outcome(report) == {"read": 50, "written": 50}
    assert not report.stopped


def test_a_job_that_gave_up_while_calls_are_in_flight_waits_for_them() -> None:
    job, service = write_job(give_up_after_s=0.0), FakeService([THROTTLE, DONE])
    driver = Driver(job, service, parallel=2)
    feed(job, *numbered(50))
    driver.send()
    driver.send()
    driver.answer()
    assert job.report.stopped
    assert not job.done
    assert outcome(driver.finish()) == {"read": 50, "written": 25, "unresolved": 25}


# Stopping


@pytest.mark.parametrize(
    ("fate", "expected"),
    [
        (DONE, {"written": 25, "unresolved": 5}),
        (leave(3), {"written": 22, "unresolved": 8}),
        (THROTTLE, {"unresolved": 30}),
        (SILENCE_AFTER, {"unresolved": 30}),
        (HOPELESS, {"failed": 25, "unresolved": 5}),
    ],
)
def test_a_stopped_job_sends_nothing_more_and_takes_what_comes(
    fate: Fate, expected: dict[str, int]
) -> None:
    job, service = write_job(), FakeService([fate])
    driver = Driver(job, service)
    feed(job, *numbered(30))
    driver.send()
    job.stop("interrupted")
    report = driver.finish()
    assert outcome(report) == {"read": 30, **expected}
    assert report.stopped == "interrupted"
    assert len(service.calls) == 1


def test_a_refused_batch_is_not_taken_apart_after_the_stop() -> None:
    job, service = write_job(), FakeService()
    driver = Driver(job, service)
    feed(job, *numbered(9), put("bad", poison=True))
    job.end_input()
    driver.send()
    job.stop("interrupted")
    assert outcome(driver.finish()) == {"read": 10, "unresolved": 10}


def test_halves_of_a_refused_batch_that_wait_are_unresolved_after_the_stop() -> None:
    job, service = write_job(), FakeService()
    driver = Driver(job, service)
    feed(job, *numbered(9), put("bad", poison=True))
    job.end_input()
    driver.send()
    driver.answer()
    driver.send()
    job.stop("interrupted")
    assert outcome(driver.finish()) == {"read": 10, "written": 5, "unresolved": 5}


# Poison


def test_a_refused_batch_is_taken_apart_until_the_bad_operation_is_alone() -> None:
    job, service = write_job(), FakeService()
    operations = numbered(25)
    operations[13] = put("bad", poison=True)
    feed(job, *operations)
    report = Driver(job, service).finish()
    assert outcome(report) == {"read": 25, "written": 24, "failed": 1}
    (failure,) = report.failures
    assert failure.attributes["PK"] == {"S": "bad"}
    assert failure.reason == "ValidationException: poison"
    assert report.calls <= 1 + 2 * math.ceil(math.log2(25)), "bisecting, not one by one"


def test_several_bad_operations_are_all_found() -> None:
    job, service = write_job(), FakeService()
    feed(job, *(put(f"k{number}", poison=number % 7 == 0) for number in range(100)))
    report = Driver(job, service, parallel=3).finish()
    assert outcome(report) == {"read": 100, "written": 85, "failed": 15}
    bad = {failure.attributes["PK"]["S"] for failure in report.failures}
    assert bad == {f"k{number}" for number in range(0, 100, 7)}
    assert len(service.items()) == 85


def test_a_failure_names_the_place_in_the_source() -> None:
    seen: list[Failure] = []
    job = write_job(on_failure=seen.append)
    origin = Origin("items.jsonl", 17, "line")
    job.feed(Operation.put(TABLE, put("bad", poison=True).attributes, origin))
    Driver(job, FakeService()).finish()
    (failure,) = seen
    assert (failure.table, failure.kind, failure.origin) == (TABLE, "put", origin)
    assert orjson.loads(orjson.dumps(failure.to_json())) == {
        "source": "items.jsonl",
        "line": 17,
        "table": TABLE,
        "kind": "put",
        "reason": "ValidationException: poison",
        "attributes": put("bad", poison=True).attributes,
    }


def test_a_bad_write_leaves_the_key_as_the_write_before_it() -> None:
    """The good write was superseded by one that the service refuses: it must be sent after all."""
    job, service = write_job(), FakeService()
    feed(job, put("a", "good"), put("b", "1"), put("a", "bad", poison=True))
    report = Driver(job, service).finish()
    assert service.items() == {"a": "good", "b": "1"}
    assert outcome(report) == {"read": 3, "written": 2, "failed": 1}


def test_only_the_last_good_write_beneath_bad_ones_is_sent() -> None:
    job, service = write_job(), FakeService()
    feed(job, put("a", "older"), put("a", "good"), put("a", poison=True), put("a", poison=True))
    report = Driver(job, service).finish()
    assert service.items() == {"a": "good"}
    assert outcome(report) == {"read": 4, "written": 1, "superseded": 1, "failed": 2}


def test_what_would_stand_again_after_the_stop_is_unresolved() -> None:
    job, service = write_job(), FakeService()
    driver = Driver(job, service)
    feed(job, put("a", "good"), put("a", poison=True))
    job.end_input()
    driver.send()
    job.stop("interrupted")
    assert outcome(driver.finish()) == {"read": 2, "failed": 1, "unresolved": 1}


def test_a_whole_call_that_is_too_large_for_the_service_is_taken_apart() -> None:
    """Some proxies allow less than 16 MB and answer 413."""
    job = write_job()
    feed(job, *numbered(4))
    job.end_input()
    sizes = []
    while not job.done:
        batch = job.next_batch(0.0)
        assert batch is not None
        sizes.append(batch.size)
        fits = batch.size <= 1
        job.answered(batch, Reply(200, b"{}") if fits else Reply(413, b""), 0.0)
    assert sizes == [4, 2, 2, 1, 1, 1, 1]
    assert outcome(job.report) == {"read": 4, "written": 4}


def test_what_can_be_known_here_is_never_sent() -> None:
    job, service = write_job(), FakeService()
    feed(job, put("a"), put(""), Operation.delete(TABLE, {"PK": {"N": "1"}}))
    report = Driver(job, service).finish()
    assert outcome(report) == {"read": 3, "written": 1, "failed": 2}
    assert report.operations_sent == 1


def test_what_the_source_could_not_read_is_accounted_for() -> None:
    job = write_job()
    job.refuse(Failure("", "parse", "{oops", "not JSON", Origin("f", 3, "line")))
    assert outcome(Driver(job, FakeService()).finish()) == {"read": 1, "failed": 1}


# Answers of other endpoints


@pytest.mark.parametrize("body", [b"{}", b'{"UnprocessedItems":null}', b'{"UnprocessedItems":{}}'])
def test_no_leftovers_can_be_said_in_several_ways(body: bytes) -> None:
    job = write_job()
    job.feed(put("a"))
    job.end_input()
    batch = job.next_batch(0.0)
    assert batch is not None
    job.answered(batch, Reply(200, body), 0.0)
    assert outcome(job.report) == {"read": 1, "written": 1}


def test_leftovers_that_were_never_sent_change_nothing() -> None:
    job = write_job()
    job.feed(put("a"))
    job.end_input()
    batch = job.next_batch(0.0)
    assert batch is not None
    left = {"UnprocessedItems": {TABLE: [delete("stranger").to_request()]}}
    job.answered(batch, Reply(200, orjson.dumps(left)), 0.0)
    assert outcome(job.report) == {"read": 1, "written": 1}


def test_units_and_bytes_are_added_up() -> None:
    job = write_job()
    job.feed(put("a"))
    job.end_input()
    batch = job.next_batch(0.0)
    assert batch is not None
    consumed = [
        {
            "TableName": TABLE,
            "CapacityUnits": 3.0,
            "Table": {"CapacityUnits": 1.0},
            "GlobalSecondaryIndexes": {"GSI1": {"CapacityUnits": 2.0}},
        }
    ]
    answer = orjson.dumps({"UnprocessedItems": {}, "ConsumedCapacity": consumed})
    job.answered(batch, Reply(200, answer), 0.0)
    assert dict(job.report.units.write) == {TABLE: 1.0, f"{TABLE}/GSI1": 2.0}
    assert job.report.received_bytes == len(answer)
