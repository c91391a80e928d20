"""What metering, metrics and throttling cost: the same requests, in one process, round by round.

    python -m benchmarks.metering [--rounds 9]

Three databases in memory take turns: one whose metrics are silenced, one as it comes, and one that
throttles as well: a table of seven partitions, every bucket looked at, never empty, since its clock
moves on with every request. Medians of the rounds, in microseconds a call, and ratios to the
silenced one.
"""

import argparse
import statistics
import time
from typing import Any, Final

import orjson

from benchmarks.items import product_json, product_key
from pannier.clock import ManualClock
from pannier.engine.database import Database
from pannier.engine.metrics import Recorder
from pannier.engine.throttle import ON

_TABLE: Final = "metered"
_UNITS: Final = {"ReadCapacityUnits": 5000, "WriteCapacityUnits": 5000}
_CALLS: Final = 200


class _Silent(Recorder):
    """A recorder that takes no note."""

    def record(self, *_: Any) -> None:
        """Nothing."""


class _Ticking(ManualClock):
    """A clock that moves whenever it is looked at, by so much that no bucket runs dry."""

    def __call__(self) -> float:
        return self.advance(0.02)


def _database(*, silent: bool = False, throttled: bool = False) -> Database:
    if throttled:
        database = Database.in_memory(clock=_Ticking(), throttling=ON, sweep_interval_s=None)
    else:
        database = Database.in_memory(sweep_interval_s=None)
    if silent:
        database.recorder.record = _Silent.record.__get__(database.recorder)  # type: ignore[method-assign]
    names = ("PK", "SK")
    answer = database.execute(
        "CreateTable",
        orjson.dumps(
            {
                "TableName": _TABLE,
                "KeySchema": [
                    {"AttributeName": name, "KeyType": kind}
                    for name, kind in zip(names, ("HASH", "RANGE"), strict=True)
                ],
                "AttributeDefinitions": [
                    {"AttributeName": name, "AttributeType": "S"} for name in names
                ],
                "ProvisionedThroughput": _UNITS,
            }
        ),
    )
    assert answer.status == 200, answer
    return database


def _requests() -> dict[str, list[bytes]]:
    items = [orjson.loads(product_json(number)) for number in range(_CALLS * 25)]
    keys = [
        {"PK": {"S": product_key(number)}, "SK": {"S": "DETAILS"}} for number in range(_CALLS * 25)
    ]
    writes = [
        {"RequestItems": {_TABLE: [{"PutRequest": {"Item": each}} for each in items[at : at + 25]]}}
        for at in range(0, len(items), 25)
    ]
    reads = [
        {"RequestItems": {_TABLE: {"Keys": keys[at : at + 100]}}} for at in range(0, len(keys), 100)
    ]
    return {
        "BatchWriteItem": [orjson.dumps(each) for each in writes],
        "BatchGetItem": [orjson.dumps(each) for each in reads],
        "PutItem": [orjson.dumps({"TableName": _TABLE, "Item": each}) for each in items[:_CALLS]],
        "GetItem": [orjson.dumps({"TableName": _TABLE, "Key": each}) for each in keys[:_CALLS]],
    }


def _round_us(database: Database, operation: str, bodies: list[bytes]) -> float:
    started_s = time.perf_counter()
    for body in bodies:
        answer = database.execute(operation, body)
        assert answer.status == 200, answer
    return (time.perf_counter() - started_s) / len(bodies) * 1e6


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    databases = {
        "silenced": _database(silent=True),
        "metered": _database(),
        "throttled too": _database(throttled=True),
    }
    print("| operation | " + " | ".join(f"{name}, µs" for name in databases) + " | ratios |")
    print("|---|" + "---|" * (len(databases) + 1))
    for operation, bodies in _requests().items():
        taken_us: dict[str, list[float]] = {name: [] for name in databases}
        for _ in range(rounds):
            for name, database in databases.items():
                taken_us[name].append(_round_us(database, operation, bodies))
        medians = [statistics.median(each) for each in taken_us.values()]
        ratios = ", ".join(f"{each / medians[0]:.2f}" for each in medians[1:])
        shown = " | ".join(f"{each:.1f}" for each in medians)
        print(f"| {operation} | {shown} | {ratios} |")


if __name__ == "__main__":
    main()
