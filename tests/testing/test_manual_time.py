"""Under a manual clock nothing waits: what would be waited moves the clock."""

import random
import threading
import time
from contextlib import suppress
from typing import Any

import botocore.retries.standard
import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError, WaiterError

from pannier.testing import ManualClock, Pannier

# Spelled out, since the defaults differ between versions of botocore.
STANDARD = Config(retries={"mode": "standard", "total_max_attempts": 4})


@pytest.fixture(autouse=True)
def _no_real_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever really sleeps fails the test; a pause of nothing only lets other threads go on.

    Threads of others, which were there before, sleep as they like: a session of Spark leaves some.
    """
    real = time.sleep
    others = set(threading.enumerate()) - {threading.current_thread()}

    def sleep(seconds: float) -> None:
        if threading.current_thread() in others:
            real(seconds)
            return
        assert seconds == 0, f"slept for {seconds} s"
        real(0)

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr("pannier.testing.waiting._REAL_SLEEP", sleep)
    monkeypatch.setattr("pannier.testing.patching._REAL_SLEEP", sleep)


def put(client: Any, number: int = 0) -> Any:
    item = {"PK": {"S": f"p{number}"}, "SK": {"S": "s"}}
    return client.put_item(TableName="shop", Item=item)


def test_botocores_backoff_fills_the_buckets_that_it_waits_for() -> None:
    """Five minutes of throttling: 300 writes at one unit a second, with botocore's own retries."""
    clock = ManualClock()
    with Pannier(throttle="tables", burst_s=0, clock=clock) as pannier:
        table = pannier.table("shop", write_units=1)
        # `legacy` has no quota of retries, which would be spent before long.
        client = pannier.client(config=Config(retries={"mode": "legacy", "total_max_attempts": 50}))
        began_s = clock()
        for number in range(300):
            put(client, number)
        assert len(table) == 300
        # The first is there at once; each other one had to wait for its unit.
        assert clock() - began_s >= 299
        assert pannier.metrics("ConsumedWriteCapacityUnits", "shop") == 300


def test_an_hour_of_throttling_passes_in_a_loop_of_ones_own() -> None:
    """Leftovers of 3,600 puts at one unit a second, by a loop that is given its `sleep`."""
    clock = ManualClock()
    with Pannier(throttle="tables", burst_s=0, clock=clock) as pannier:
        table = pannier.table("shop", write_units=1)
        client = pannier.client(config=Config(retries={"total_max_attempts": 1}))
        throttled = client.exceptions.ProvisionedThroughputExceededException
        began_s = clock()
        for start in range(0, 3600, 25):
            items = [{"PK": {"S": f"p{start + number}"}, "SK": {"S": "s"}} for number in range(25)]
            waiting = {"shop": [{"PutRequest": {"Item": item}} for item in items]}
            while waiting:
                with suppress(throttled):  # which says that none of them was written
                    waiting = client.batch_write_item(RequestItems=waiting)["UnprocessedItems"]
                pannier.sleep(20)
        assert len(table) == 3600
        assert clock() - began_s >= 3599


def test_retries_and_their_quota_stay_botocores() -> None:
    """Only the wait is gone: the same number of attempts, the same exception at the end."""
    with Pannier(throttle="tables", burst_s=0, clock=ManualClock()) as pannier:
        pannier.table("shop")
        client = pannier.client(config=STANDARD)
        with pannier.faults({"throttle": True}) as tally:
            with pytest.raises(client.exceptions.ClientError) as caught:
                put(client)
            assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 3
            assert tally.struck == 4


def test_the_clock_moves_by_what_botocore_would_have_waited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The waits are botocore's own, with its jitter; here its chance is fixed."""
    waits: list[float] = []

    def delay_amount(self: Any, context: Any) -> float:
        waits.append(0.5 * context.attempt_number)
        return waits[-1]

    backoff = botocore.retries.standard.ExponentialBackoff
    monkeypatch.setattr(backoff, "delay_amount", delay_amount)
    clock = ManualClock()
    with Pannier(clock=clock) as pannier:
        pannier.table("shop")
        began_s = clock()
        with pannier.faults({"error": "InternalServerError", "times": 2}):
            answer = put(pannier.client(config=STANDARD))
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    assert waits == [0.5, 1.0]
    assert clock() - began_s == 1.5


def test_a_delay_moves_the_clock() -> None:
    clock = ManualClock()
    with Pannier(clock=clock) as pannier:
        table = pannier.table("shop")
        began_s = clock()
        with pannier.faults({"slow": {"delay_s": 40}}):
            put(pannier.client())
        assert (clock() - began_s, len(table)) == (40, 1)


def test_a_delay_above_the_read_timeout_is_a_read_timeout() -> None:
    """The client gives up when its patience ends, not when the answer would have come."""
    clock = ManualClock()
    with Pannier(clock=clock) as pannier:
        table = pannier.table("shop")
        began_s = clock()
        config = Config(read_timeout=7, retries={"total_max_attempts": 1})
        with pannier.faults({"slow": {"delay_s": 40}}), pytest.raises(ReadTimeoutError):
            put(pannier.client(config=config))
        assert clock() - began_s == 7
        assert len(table) == 1  # the write is done all the same


def test_the_default_read_timeout_is_botocores() -> None:
    clock = ManualClock()
    with Pannier(clock=clock) as pannier:
        pannier.table("shop")
        client = pannier.session().client("dynamodb", config=Config(retries={"max_attempts": 0}))
        began_s = clock()
        with pannier.faults({"slow": {"delay_s": 61}}), pytest.raises(ReadTimeoutError):
            put(client)
        assert clock() - began_s == 60


def test_waiters_move_the_clock() -> None:
    """`wait_until_exists` asks every 20 seconds, in no time."""
    clock = ManualClock()
    with Pannier(clock=clock, table_delay_s=50) as pannier:
        table = pannier.resource().create_table(
            TableName="shop",
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        assert table.table_status == "CREATING"
        began_s = clock()
        table.wait_until_exists()
        table.reload()
        assert table.table_status == "ACTIVE"
        assert clock() - began_s == 60


def test_a_waiters_settings_hold() -> None:
    clock = ManualClock()
    with Pannier(clock=clock, table_delay_s=1000) as pannier:
        pannier.table("shop")
        client = pannier.client()
        began_s = clock()
        with pytest.raises(WaiterError, match="Max attempts exceeded"):
            client.get_waiter("table_exists").wait(
                TableName="shop", WaiterConfig={"Delay": 3, "MaxAttempts": 4}
            )
        assert clock() - began_s == 9


def test_the_clients_of_a_patch_move_the_clock_too() -> None:
    import boto3

    random.seed(1)
    clock = ManualClock()
    with Pannier(throttle="tables", burst_s=0, clock=clock, table_delay_s=50) as pannier:
        pannier.table("shop", write_units=1)
        with pannier.patch():
            client = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 20}))
            client.get_waiter("table_exists").wait(TableName="shop")
            began_s = clock()
            for number in range(20):
                put(client, number)
            assert clock() - began_s >= 19


def test_sleep_goes_by_the_clock() -> None:
    """What to hand to code that takes its `sleep` as an argument."""
    clock = ManualClock()
    with Pannier(clock=clock) as pannier:
        began_s = clock()
        pannier.sleep(3600)
        pannier.clock.advance(1)
        assert clock() - began_s == 3601


def test_without_a_manual_clock_botocore_is_left_alone() -> None:
    """A client of a Pannier that goes by the machine's clock has nothing of ours in it."""
    with Pannier() as pannier:
        bases = type(pannier.client()).__mro__
        assert [base.__module__ for base in bases if "pannier" in base.__module__] == []
