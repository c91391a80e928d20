"""A draft's plan has the figures that its run has."""

import asyncio
import json
from typing import Any

import pytest

from pannier.batch.options import Options
from pannier.batch.report import Report
from pannier.console.pages.batch.drafts import Draft
from pannier.console.pages.batch.plans import plan_after_looking, plan_of
from pannier.console.pages.batch.reading import read_draft
from pannier.console.pages.batch.runs import BatchRun
from pannier.library.aio import AsyncConnection
from tests.console.pages.batch.shop import SHAPES, TABLE, key, put, shop


@pytest.mark.parametrize(
    "requests",
    [
        [put(n, brand={"S": "b"}) for n in range(30)],
        [put(1), put(1, n={"N": "1"}), put(2, n={"N": "x"})],
        [put(1, text={"S": "x" * 3000}), {"PutRequest": {}}],
    ],
)
def test_writes_into_an_empty_table(requests: list[Any]) -> None:
    draft = read_draft(json.dumps({TABLE: requests}), "editor", None)
    plan = plan_of(draft, SHAPES)

    async def work() -> BatchRun:
        async with shop() as connection:
            run = BatchRun(connection.target, draft, Options())
            run.start()
            await run.ended()
            return run

    report = asyncio.run(work()).report
    assert report is not None
    assert plan.calls == report.calls
    assert {place: spent for place, spent in plan.write.items() if spent} == report.units.write
    assert plan.items["failed"] == report.failed
    assert plan.items["superseded"] == report.superseded
    assert plan.on_demand_usd > 0


def test_reads() -> None:
    keys = {"Keys": [key(n) for n in range(101)], "ConsistentRead": True}
    draft = read_draft(json.dumps({TABLE: keys}), "editor", None)
    plan = plan_of(draft, SHAPES)
    assert (plan.calls, plan.single_calls, plan.read_units) == (2, 101, 101)


def test_a_look_at_the_table_makes_the_plan_exact() -> None:
    big = {"text": {"S": "x" * 5000}, "brand": {"S": "b"}}
    writes = [put(1), put(2, brand={"S": "c"}), {"DeleteRequest": {"Key": key(3)}}, put(4)]
    keys = {"Keys": [key(n) for n in range(1, 6)]}

    async def work() -> None:
        async with shop() as connection:
            before = read_draft(json.dumps({TABLE: [put(n, **big) for n in (1, 2, 3)]}), "f", None)
            await _run(connection, before)
            reading = read_draft(json.dumps({TABLE: keys}), "f", None)
            plan = await plan_after_looking(connection, reading, SHAPES)
            assert plan.read_units == (await _run(connection, reading)).units.read_total == 4
            assert plan.looked_up_units == 4
            writing = read_draft(json.dumps({TABLE: writes}), "f", None)
            plan = await plan_after_looking(connection, writing, SHAPES)
            assert plan.write == (await _run(connection, writing)).units.write
            assert plan.write_units > plan_of(writing, SHAPES).write_units

    asyncio.run(work())


async def _run(connection: AsyncConnection, draft: Draft) -> Report:
    run = BatchRun(connection.target, draft, Options())
    run.start()
    await run.ended()
    assert run.report is not None
    assert run.report.ok
    return run.report
