"""Conditional deletes and updates, call by call: budgets, refusals, and what stops them."""

import random
from typing import Any

import orjson
import pytest

from pannier.batch.pace.budget import Allowance, budget_of
from pannier.batch.pace.pacing import Pacing
from pannier.batch.report import Failure, Report
from pannier.batch.tables.action_job import ActionJob
from pannier.batch.tables.conditional_action import ConditionalAction, Expressions
from pannier.batch.target import Reply
from pannier.engine.throttle import ON
from tests.batch.pages.test_page_job import filled
from tests.batch.simulating import Simulation
from tests.batch.test_action_law import SCHEMA

SALE = Expressions("attribute_exists(n)", "SET sale = :yes", values={":yes": {"BOOL": True}})


def job(
    expressions: Expressions = SALE, pacing: Pacing | None = None, **options: Any
) -> tuple[ActionJob, list[Failure]]:
    failures: list[Failure] = []
    report = Report("act", on_failure=failures.append)
    action = ConditionalAction("shop", SCHEMA, expressions)
    made = ActionJob(action, report, pacing or Pacing(random.Random(1), 1e9, 32), **options)
    return made, failures


def feed(made: ActionJob, count: int) -> Any:
    return [lambda n=n: made.feed({"PK": {"S": f"{n:06}"}}) for n in range(count)]


def test_a_budget_of_write_units_is_kept() -> None:
    simulation = filled(3000)
    simulation.consumed.clear()
    pacing = Pacing(random.Random(1), 1e9, 32)
    described = simulation.call("DescribeTable", {"TableName": "shop"})["Table"]
    budget = budget_of(Allowance.of(100), "write", described, simulation.now_s)
    pacing.set_budget("shop", budget)
    made, _ = job(pacing=pacing)
    report = simulation.run(made, feed(made, 3000))
    assert (report.written, report.balanced) == (3000, True)
    assert max(simulation.windows("shop")) <= 105
    assert simulation.speed("shop") >= 95


def test_a_throttled_table_is_waited_for() -> None:
    simulation = Simulation(ON)
    simulation.create("shop", 50)
    for n in range(300):
        item = {"PK": {"S": f"{n:06}"}, "n": {"N": "1"}}
        simulation.call("PutItem", {"TableName": "shop", "Item": item})
    made, _ = job(Expressions("attribute_exists(n)"))
    refusing = iter([True] * 40)

    def answer(operation: str, body: bytes) -> Reply:
        if next(refusing, False):
            text = b'{"__type": "x#ProvisionedThroughputExceededException", "message": "slow"}'
            return Reply(400, text)
        return simulation._answer(operation, body)

    report = simulation.run(made, feed(made, 300), answer=answer)
    assert (report.deleted, report.throttles, report.balanced) == (300, 40, True)
    assert report.waited_s > 0


def test_items_that_are_not_there_any_more_are_skipped() -> None:
    simulation = filled(10)
    made, failures = job()
    report = simulation.run(made, feed(made, 15))
    assert (report.written, report.skipped, failures) == (10, 5, [])
    assert simulation.call("Scan", {"TableName": "shop"})["Count"] == 10


@pytest.mark.parametrize("fail_fast", [False, True])
def test_a_refused_item_is_a_failure_and_the_others_go_on(fail_fast: bool) -> None:
    simulation = filled(50)
    simulation.call(
        "PutItem", {"TableName": "shop", "Item": {"PK": {"S": "000003"}, "n": {"S": ""}}}
    )
    add = Expressions("attribute_exists(n)", "SET n = n + :one", values={":one": {"N": "1"}})
    made, failures = job(add, Pacing(random.Random(1), 1e9, 1), fail_fast=fail_fast)
    items = simulation.call("Scan", {"TableName": "shop"})["Items"]
    report = simulation.run(made, [lambda item=item: made.feed(item) for item in items])
    assert report.balanced
    assert report.failed == 1
    assert failures[0].attributes == {"PK": {"S": "000003"}}
    assert "incorrect data type" in failures[0].reason
    if not fail_fast:
        assert (report.written, report.unresolved) == (49, 0)
    else:
        assert report.stopped.startswith("stopped at the first failure")
        assert report.written + report.unresolved == 49


def test_an_error_that_no_repetition_mends_stops_the_job() -> None:
    simulation = filled(50)
    made, _ = job()
    gone = {"__type": "x#AccessDeniedException", "message": "no"}
    report = simulation.run(made, feed(made, 50), answer=lambda *_: Reply(400, orjson.dumps(gone)))
    assert (report.unresolved, report.balanced) == (50, True)
    assert report.stopped == "AccessDeniedException: no"
    assert report.calls <= 2


def test_an_item_in_a_transaction_of_others_is_tried_again() -> None:
    simulation = filled(5)
    made, _ = job()
    busy = iter([{"__type": "x#TransactionConflictException", "message": "busy"}] * 3)

    def answer(operation: str, body: bytes) -> Reply:
        error = next(busy, None)
        if error is not None:
            return Reply(400, orjson.dumps(error))
        return simulation._answer(operation, body)

    report = simulation.run(made, feed(made, 5), answer=answer)
    assert (report.written, report.calls_failed, report.calls_unknown) == (5, 3, 0)
