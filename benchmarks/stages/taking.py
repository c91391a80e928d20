"""The stages of each work, taken round by round in this process.

A round of a work is sent twice, with other items: as it is, which gives the whole, and with a
`TimedStore` and a timed recorder in place, which gives their shares. Decoding, checks and keys are
repeated by themselves with the same bodies. So an engine that checks an item and makes its row in
one pass has less left for the rest, and where the machine is busy the rest can come out below zero.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import orjson

from benchmarks.servers.control import table_definition
from benchmarks.stages.timed_store import TimedStore
from benchmarks.stages.works import INDEXED, PLAIN, SHELVES, WORKS, Work, stock
from pannier.engine.database import Database, Durability
from pannier.model.attribute_value import check_item
from pannier.model.key_schema import KeySchema

TOTAL: Final = "whole"
DECODING: Final = "JSON decoding"
CHECKS: Final = "checks and keys"
ROWS: Final = "rows read"
GROUP: Final = "the store's group"
METRICS: Final = "metrics"
STAGES: Final = (DECODING, CHECKS, ROWS, GROUP, METRICS)

Samples = dict[str, dict[str, list[float]]]
"""Microseconds a request, by work and stage; one a round."""


def take(folder: Path, rounds: int, durability: Durability, begin: int) -> Samples:
    """Measure all works in turns.

    Args:
        folder: for the database, on the disk that matters.
        rounds: how many; one more before them is not counted.
        durability: of the database. Nobody waits for its syncs, which run beside.
        begin: the number of the first round; rounds of other numbers write other items.
    """
    found: Samples = {work.name: {} for work in WORKS}
    with Database.open(folder, durability=durability) as database:
        schemas = {name: _create(database, name) for name in (PLAIN, INDEXED, SHELVES)}
        for _, bodies in stock():
            for body in bodies:
                _send(database, "BatchWriteItem", [body])
        for number in range(begin, begin + rounds + 1):
            for work in WORKS:
                taken = _round(database, work, schemas[work.table], number)
                if number > begin:
                    for stage, figure_us in taken.items():
                        found[work.name].setdefault(stage, []).append(figure_us)
    return found


def _round(database: Database, work: Work, schema: KeySchema, number: int) -> dict[str, float]:
    bodies, others = work.bodies(2 * number), work.bodies(2 * number + 1)
    calls = len(bodies)
    taken_s = {TOTAL: _send(database, work.operation, bodies)}
    with _timed(database) as (store, recorded):
        _send(database, work.operation, others)
    taken_s[ROWS], taken_s[GROUP], taken_s[METRICS] = store.read_s, store.written_s, sum(recorded)
    began_s = time.perf_counter()
    requests = [orjson.loads(body) for body in bodies]
    taken_s[DECODING] = time.perf_counter() - began_s
    puts = [item for request in requests for item in work.puts(request)]
    keys = [key for request in requests for key in work.keys(request)]
    began_s = time.perf_counter()
    for item in puts:
        check_item(item)
        schema.item_key(item)
    for key in keys:
        schema.exact_key(key)
    taken_s[CHECKS] = time.perf_counter() - began_s
    return {stage: seconds / calls * 1e6 for stage, seconds in taken_s.items()}


def _send(database: Database, operation: str, bodies: list[bytes]) -> float:
    """Seconds for all of them; every answer must be good."""
    answers = []
    began_s = time.perf_counter()
    for body in bodies:
        answers.append(database.submit(operation, body))  # noqa: PERF401 - timed as it is used
    taken_s = time.perf_counter() - began_s
    for answer in answers:
        if answer.status != 200:
            raise SystemExit(f"{operation} was refused: {answer.body[:200]!r}")
    return taken_s


@contextmanager
def _timed(database: Database) -> Iterator[tuple[TimedStore, list[float]]]:
    """Take the times of store and recorder while the block runs."""
    store, timed = database.store, TimedStore(database.store)
    recorder: Any = database.recorder
    record, recorded = recorder.record, []

    def record_timed(*arguments: Any) -> None:
        began_s = time.perf_counter()
        record(*arguments)
        recorded.append(time.perf_counter() - began_s)

    swapped: Any = database
    swapped.store = timed
    with suppress(AttributeError):  # compiled, it can't be timed: metrics are in the rest then
        recorder.record = record_timed
    try:
        yield timed, recorded
    finally:
        swapped.store = store
        with suppress(AttributeError):
            del recorder.record


def _create(database: Database, name: str) -> KeySchema:
    definition = table_definition(name, indexed=name == INDEXED)
    _send(database, "CreateTable", [orjson.dumps(definition)])
    return KeySchema.from_api(definition["KeySchema"], definition["AttributeDefinitions"])
