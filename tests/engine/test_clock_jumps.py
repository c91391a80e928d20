"""The clock of the machine jumps, by an hour back, a day forward, and back again.

It may be set wrong, be put right, or come out of a sleep. Nothing may break, wait for the time that
was, or delete more than what has expired by the clock as it is.
"""

import random
from pathlib import Path
from typing import Any

import pytest

from pannier.engine.database import Database
from pannier.engine.throttle import Throttling
from pannier.storage.rocks import RocksStore
from tests.engine.streams.streams_asking import DAY_S, HOUR_S, MovedClock, Streamed, key

JUMPS_S = (0.0, 0.01, 1.0, 5.0, 61.0, -1.0, -61.0, -HOUR_S, HOUR_S, DAY_S, -DAY_S, 400 * DAY_S)
STEPS = 400
TTL = {"AttributeName": "until", "Enabled": True}


@pytest.mark.parametrize("seed", range(3))
def test_a_database_whose_clock_jumps_all_the_time(tmp_path: Path, seed: int) -> None:
    """Streams stay in order and without a hole, items stay until they have expired, and requests
    are answered: also those that count, throttle, measure and remember by the clock."""
    chance = random.Random(f"jumps {seed}")
    streamed = Streamed(RocksStore(tmp_path / "data"))
    clock = streamed.clock
    arn = streamed.create()
    streamed.do("UpdateTimeToLive", TableName="orders", TimeToLiveSpecification=TTL)
    streamed.database.throttle(Throttling(tables=True, partitions=True))
    kept: dict[str, float] = {}  # until when
    last = 0
    for number in range(STEPS):
        clock.now_s = max(1e9, clock.now_s + chance.choice(JUMPS_S))
        name = f"{chance.randrange(30)}"
        match chance.randrange(6):
            case 0 | 1:
                kept[name] = clock.now_s + chance.choice((-10.0, 30.0, 2 * DAY_S))
                streamed.put(name, until={"N": str(int(kept[name]))}, n={"N": str(number)})
            case 2:
                actions = [{"Put": {"TableName": "orders", "Item": {**key(name), "t": {"S": "x"}}}}]
                token = str(number)
                for _ in range(2):
                    streamed.do(
                        "TransactWriteItems", TransactItems=actions, ClientRequestToken=token
                    )
                kept[name] = float("inf")
            case 3:
                streamed.database.sweep()
                streamed.database.cloudwatch.tick()
                gone = {each for each, until_s in kept.items() if streamed.item(each) is None}
                assert all(kept[each] < clock.now_s for each in gone), "deleted before its time"
                kept = {each: until_s for each, until_s in kept.items() if each not in gone}
            case 4:
                last = _read_on(streamed, arn, last)
            case 5 if chance.random() < 0.2:
                streamed.database.close()
                streamed.database = Database(
                    RocksStore(tmp_path / "data"), clock=clock, sweep_interval_s=None
                )
        for each in kept:
            assert streamed.item(each) is not None, "gone without a sweep"
    streamed.database.close()


def _read_on(streamed: Streamed, arn: str, last: int) -> int:
    """Read what the stream shows; numbers follow each other, and never come twice."""
    records = streamed.records(arn)
    numbers = [int(each["dynamodb"]["SequenceNumber"]) for each in records]
    created = [each["dynamodb"]["ApproximateCreationDateTime"] for each in records]
    assert created == sorted(created)
    if not numbers:
        return last
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert numbers[-1] >= last, "numbers began anew"
    return numbers[-1]


def test_tokens_of_a_clock_that_was_put_back_still_guard() -> None:
    """What was done is not done again, though its token seems to come from tomorrow."""
    streamed = Streamed()
    streamed.create()
    add: dict[str, Any] = {
        "TableName": "orders",
        "Key": key("a"),
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    for jump_s in (0.0, -HOUR_S, HOUR_S, -DAY_S):
        streamed.clock.now_s += jump_s
        streamed.do("TransactWriteItems", TransactItems=[{"Update": add}], ClientRequestToken="t")
    item = streamed.item("a")
    assert item is not None
    assert item["n"] == {"N": "1"}


def test_a_throttled_table_does_not_wait_for_the_time_that_was() -> None:
    """Spent to the end, and an hour back: a second later there is a second's capacity again."""
    clock = MovedClock()
    with Database.in_memory(clock=clock, sweep_interval_s=None) as database:
        streamed = Streamed.__new__(Streamed)
        streamed.clock, streamed.database = clock, database
        throughput = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
        streamed.create(view_type=None)
        streamed.do(
            "UpdateTable",
            TableName="orders",
            BillingMode="PROVISIONED",
            ProvisionedThroughput=throughput,
        )
        database.throttle(Throttling(tables=True, partitions=True, burst_s=0))
        assert _puts_admitted(streamed) == 5
        clock.now_s -= HOUR_S
        assert _puts_admitted(streamed) == 0
        clock.now_s += 1
        assert _puts_admitted(streamed) == 5
        clock.now_s += DAY_S
        assert _puts_admitted(streamed) == 5


def _puts_admitted(streamed: Streamed) -> int:
    answers = [
        streamed.ask("PutItem", TableName="orders", Item=key(str(number))) for number in range(8)
    ]
    return sum("__type" not in answer for answer in answers)
