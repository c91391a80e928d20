"""A draft's plan has the figures that its run has."""

import asyncio
import json
from typing import Any

import pytest

from pannier.batch.options import Options
from pannier.console.pages.batch.plans import plan_of
from pannier.console.pages.batch.reading import read_draft
from pannier.console.pages.batch.runs import BatchRun
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
