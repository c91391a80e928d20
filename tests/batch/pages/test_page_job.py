"""Scans and queries page by page: chains side by side, budgets, trouble, limits.

Against the embedded engine, in simulated time.
"""

import random
from typing import Any

import orjson
import pytest

from pannier.batch.pace.budget import Allowance, budget_of
from pannier.batch.pace.pacing import Pacing
from pannier.batch.pages.page_job import PageJob
from pannier.batch.pages.scan import segments
from pannier.batch.report import Report
from pannier.batch.target import OutcomeUnknownError, Reply
from pannier.engine.throttle import OFF
from tests.batch.simulating import Simulation

ITEM_BYTES = 1000


def filled(count: int, *, size_bytes: int = ITEM_BYTES, **indexes: int) -> Simulation:
    simulation = Simulation(OFF)
    simulation.create("shop", 40_000, **indexes)
    for start in range(0, count, 25):
        puts = [
            {
                "PutRequest": {
                    "Item": {
                        "PK": {"S": f"{number:06}"},
                        "n": {"N": str(number)},
                        "g": {"S": str(number % 3)},
                        "filling": {"S": "x" * (size_bytes - 30)},
                    }
                }
            }
            for number in range(start, min(start + 25, count))
        ]
        simulation.call("BatchWriteItem", {"RequestItems": {"shop": puts}})
    return simulation


class Kept(PageJob):
    """Keeps what was taken, as `Simulation.run` takes it."""

    taken: list[dict[str, Any]]

    def take_results(self) -> None:
        for page in self.take_pages():
            self.taken += page.items


def scan(
    count: int = 1,
    *,
    operation: str = "Scan",
    limit: int | None = None,
    pacing: Pacing | None = None,
    **request: Any,
) -> Kept:
    job = Kept(
        operation,
        {"TableName": "shop", **request},
        segments(count),
        Report("scan"),
        pacing or Pacing(random.Random(1), 1e9, 32),
        limit,
    )
    job.taken = []
    return job


def numbers(job: Kept) -> list[int]:
    return sorted(int(each["n"]["N"]) for each in job.taken)


@pytest.mark.parametrize("count", [1, 3, 16])
def test_every_item_comes_once_however_many_segments_there_are(count: int) -> None:
    simulation = filled(5000)
    job = scan(count)
    report = simulation.run(job, ())
    assert numbers(job) == list(range(5000))
    assert (report.read, report.found, report.skipped) == (5000, 5000, 0)
    assert report.balanced
    assert report.units.read_total == pytest.approx(5000 * ITEM_BYTES / 4096 / 2, rel=0.05)


def test_what_a_filter_leaves_out_was_read_and_is_skipped() -> None:
    simulation = filled(1000)
    job = scan(FilterExpression="n < :n", ExpressionAttributeValues={":n": {"N": "10"}})
    report = simulation.run(job, ())
    assert numbers(job) == list(range(10))
    assert (report.read, report.found, report.skipped) == (1000, 10, 990)
    assert report.balanced


def test_counts_come_without_items() -> None:
    simulation = filled(700)
    job = scan(2, Select="COUNT")
    report = simulation.run(job, ())
    assert (report.found, job.taken) == (700, [])


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize("limit", [1, 25, 2000])
def test_a_limit_is_kept_and_hardly_more_is_read(limit: int, count: int) -> None:
    simulation = filled(5000)
    job = scan(count, limit=limit)
    report = simulation.run(job, ())
    assert len(job.taken) == limit
    assert report.found == limit
    if count == 1:
        assert report.read == limit


def test_a_limit_with_a_filter_counts_what_passes() -> None:
    simulation = filled(3000)
    job = scan(limit=5, FilterExpression="g = :g", ExpressionAttributeValues={":g": {"S": "1"}})
    simulation.run(job, ())
    assert len(job.taken) == 5
    assert all(each["g"] == {"S": "1"} for each in job.taken)


def test_a_query_reads_an_index_in_its_order() -> None:
    simulation = filled(3000, by_g=40_000)
    job = scan(
        operation="Query",
        IndexName="by_g",
        KeyConditionExpression="g = :g",
        ExpressionAttributeValues={":g": {"S": "2"}},
    )
    report = simulation.run(job, ())
    assert numbers(job) == list(range(2, 3000, 3))
    assert set(report.units.read) == {"shop", "shop/by_g"}


@pytest.mark.parametrize("count", [1, 6])
@pytest.mark.parametrize("index", [None, "by_g"])
def test_a_budget_is_kept(count: int, index: str | None) -> None:
    simulation = filled(40_000, by_g=40_000)
    simulation.consumed.clear()
    begin_s = simulation.now_s
    pacing = Pacing(random.Random(1), 1e9, 32)
    described = simulation.call("DescribeTable", {"TableName": "shop"})["Table"]
    pacing.set_budget("shop", budget_of(Allowance.of(100), "read", described, begin_s, index))
    members = {"IndexName": index} if index else {}
    job = scan(count, pacing=pacing, **members)

    report = simulation.run(job, ())
    assert report.found == 40_000
    place = f"shop/{index}" if index else "shop"
    windows = list(simulation.windows(place))
    assert len(windows) > 10
    assert max(windows) <= 105
    assert simulation.speed(place) >= 95


def test_trouble_of_all_kinds_is_waited_out_and_pages_are_asked_for_again() -> None:
    simulation = filled(4000)
    chance = random.Random(3)
    job = scan(5)
    errors = [
        Reply(500, b""),
        Reply(400, b'{"__type": "x#ProvisionedThroughputExceededException", "message": "slow"}'),
        Reply(503, b"<html>"),
        Reply(200, b"no json"),
        Reply(400, b'{"__type": "x#ExpiredTokenException", "message": "old"}'),
    ]

    def answer(operation: str, body: bytes) -> Reply:
        return (
            chance.choice(errors) if chance.random() < 0.5 else simulation._answer(operation, body)
        )

    report = simulation.run(job, (), answer=answer)
    assert numbers(job) == list(range(4000))
    assert report.throttles > 0
    assert report.calls_failed > report.throttles
    assert report.waited_s > 0


def test_no_answer_is_the_same() -> None:
    simulation = filled(10)
    job = scan()
    batch = job.next_batch(0.0)
    assert batch is not None
    job.unanswered(batch, OutcomeUnknownError("gone"), 0.0)
    assert not job.done
    assert job.wake_s(0.0) is not None
    simulation.now_s = 0.0
    simulation.run(job, ())
    assert numbers(job) == list(range(10))


def test_a_request_that_is_refused_ends_the_job_with_the_service_s_words() -> None:
    simulation = filled(100)
    job = scan(3, FilterExpression="nonsense")
    report = simulation.run(job, ())
    assert "ValidationException" in report.stopped
    assert not report.ok
    assert report.calls <= 3


def test_unread_pages_hold_the_job_back() -> None:
    """About 32 MB of them, whatever the parallelism."""
    simulation = filled(3000, size_bytes=40_000)
    job = scan(24)
    under_way: list[Any] = []
    for _ in range(1000):
        while (batch := job.next_batch(0.0)) is not None:
            under_way.append(batch)
        if not under_way:
            break
        batch = under_way.pop(0)
        job.answered(batch, simulation._answer(job.operation, batch.body), 0.0)
    held = sum(len(orjson.dumps(page.items)) for page in job.pages)
    assert 20e6 < held < 40e6
    assert not job.done
