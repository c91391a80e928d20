"""The law against the embedded engine, with the faults that it injects by its own rules.

Leftovers, throttles, errors of the service, connections that break before and after the effect, and
slowness, each with a probability that is drawn; tables with a global index whose key has another
type in some items, so that the service, and only the service, refuses them. In the engine's index
must be what is in its table. `PANNIER_LAW_RUNS=1000 pytest tests/batch/test_engine_law.py` makes
more runs.
"""

import asyncio
import os
import random
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.batch.calls import Schemas
from pannier.batch.operation import Operation
from pannier.batch.options import Options
from pannier.batch.report import Failure, Report
from pannier.batch.writes.write import Writing
from pannier.engine.database import Database
from pannier.targets.in_process import InProcessTarget
from tests.batch.driving import FOREVER_S
from tests.batch.fake_service import OTHER, TABLE
from tests.batch.test_batch_law import (
    SEEDS,
    applied_in_order,
    check_failures,
    is_poison,
    random_operations,
)
from tests.batch.virtual_time import run

RUNS = int(os.environ.get("PANNIER_LAW_RUNS", "150"))
INPUTS = st.builds(random_operations, st.integers(0, 400), st.integers(1, 120), SEEDS)
EFFECTS: list[dict[str, Any]] = [
    {"leave": 0.4},
    {"leave": {"share": 0.9, "pass_one": True}},
    {"throttle": True},
    {"error": "InternalServerError"},
    {"error": "ServiceUnavailable"},
    {"error": "ThrottlingException"},
    {"drop": "before"},
    {"drop": "after"},
    {"slow": {"delay_ms": 200}},
    {"slow": {"distribution": "lognormal", "median_ms": 50, "sigma": 1.5, "max_ms": 3000}},
]
RULES = st.lists(st.tuples(st.sampled_from(EFFECTS), st.sampled_from([0.05, 0.3, 0.6])), max_size=4)


def create(table: str) -> dict[str, Any]:
    names = ("PK", "poison")
    return {
        "TableName": table,
        "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": each, "AttributeType": "S"} for each in names],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "refusing",
                "KeySchema": [{"AttributeName": "poison", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        "BillingMode": "PAY_PER_REQUEST",
    }


def call(database: Database, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    answer = database.execute(operation, orjson.dumps(request))
    assert answer.status == 200, answer.body
    return orjson.loads(answer.body)  # type: ignore[no-any-return]


def items(database: Database, table: str) -> dict[str, Any]:
    found = call(database, "Scan", {"TableName": table})["Items"]
    return {each["PK"]["S"]: each["v"]["S"] for each in found}


async def write(
    database: Database, operations: list[Operation], options: Options, on_failure: Any, seed: int
) -> Report:
    target = InProcessTarget(database, "memory", owned=False)
    chance = random.Random(seed)
    writing = Writing(target, Schemas(target), options, on_failure, chance)
    for start in range(0, len(operations), 30):
        await writing.feed(operations[start : start + 30])
        await asyncio.sleep(0.02)
    return await writing.finish()


@settings(derandomize=True, deadline=None, max_examples=RUNS)
@given(INPUTS, SEEDS, RULES, st.integers(1, 16), st.booleans())
def test_a_write_into_the_engine_obeys_the_law(
    operations: list[Operation],
    seed: int,
    rules: list[tuple[dict[str, Any], float]],
    parallel: int,
    every_write: bool,
) -> None:
    database = Database.in_memory(sweep_interval_s=None)
    for table in (TABLE, OTHER):
        call(database, "CreateTable", create(table))
    faults = [
        {**effect, "operations": "BatchWriteItem", "probability": probability}
        for effect, probability in rules
    ]
    database.faults.replace(faults, seed=seed)
    failures: list[Failure] = []
    options = Options(parallel=parallel, give_up_after_s=FOREVER_S, every_write=every_write)
    report = run(write(database, operations, options, failures.append, seed))
    database.faults.clear()
    assert report.balanced
    assert report.read == len(operations)
    assert report.unresolved == 0
    assert report.failed == len(failures)
    assert {name: items(database, name) for name in (TABLE, OTHER)} == applied_in_order(operations)
    check_failures(operations, failures)
    if every_write:
        assert report.superseded == 0
        assert report.failed == sum(map(is_poison, operations))
    database.close()
