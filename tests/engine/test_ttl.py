"""Time to live: what expires, when, and what it leaves behind.

A cache or a session store counts on expired items to go by themselves, and on nothing else to go.
Sweeps are called by the tests; the clock moves only when they say so.
"""

import random
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from pannier.engine.database import Database
from pannier.engine.ttl import BACKFILL_ROWS
from pannier.storage.rocks import RocksStore
from tests.engine.streams.streams_asking import DAY_S, Streamed, key, told

YEAR_S = 365 * DAY_S
# The spaces of the index of expiry times.
INDEX = (b"\x40", b"\x80")


def specification(attribute: str = "ttl", *, enabled: bool = True) -> dict[str, Any]:
    return {"TimeToLiveSpecification": {"Enabled": enabled, "AttributeName": attribute}}


@pytest.fixture
def expiring() -> Streamed:
    """A table without a stream whose items expire by `ttl`."""
    streamed = Streamed()
    streamed.create(view_type=None)
    streamed.do("UpdateTimeToLive", TableName="orders", **specification())
    return streamed


def put(streamed: Streamed, pk: str, in_s: float, **more: Any) -> None:
    """An item that expires in so many seconds."""
    streamed.put(pk, ttl={"N": str(int(streamed.clock.now_s) + in_s)}, **more)


def entries(streamed: Streamed) -> int:
    return len(list(streamed.database.store.range(*INDEX)))


class TestSettings:
    def test_enabling_and_disabling(self) -> None:
        streamed = Streamed()
        streamed.create(view_type=None)

        def described() -> dict[str, Any]:
            answer = streamed.do("DescribeTimeToLive", TableName="orders")
            description: dict[str, Any] = answer["TimeToLiveDescription"]
            return description

        assert described() == {"TimeToLiveStatus": "DISABLED"}
        answer = streamed.do("UpdateTimeToLive", TableName="orders", **specification())
        assert answer == specification()
        assert described() == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
        streamed.do("UpdateTimeToLive", TableName="orders", **specification(enabled=False))
        assert described() == {"TimeToLiveStatus": "DISABLED"}
        # AWS allows one change an hour; a test that waits for it is of no use, so it isn't kept.
        streamed.do("UpdateTimeToLive", TableName="orders", **specification("other"))
        assert described()["AttributeName"] == "other"

    def test_what_is_so_already(self, expiring: Streamed) -> None:
        """Texts: the second and third are pasted from AWS, the first is DynamoDB Local's."""

        def error(**request: Any) -> tuple[str, str]:
            return expiring.error("UpdateTimeToLive", TableName="orders", **request)

        assert error(**specification()) == (
            "ValidationException",
            "TimeToLive is already enabled",
        )
        for enabled in (True, False):
            assert error(**specification("other", enabled=enabled)) == (
                "ValidationException",
                "TimeToLive is active on a different AttributeName",
            )
        expiring.do("UpdateTimeToLive", TableName="orders", **specification(enabled=False))
        for attribute in ("ttl", "other"):
            assert error(**specification(attribute, enabled=False)) == (
                "ValidationException",
                "TimeToLive is already disabled",
            )

    def test_unknown_tables(self) -> None:
        streamed = Streamed()
        expected = (
            "ResourceNotFoundException",
            "Requested resource not found: Table: nowhere not found",
        )
        assert streamed.error("DescribeTimeToLive", TableName="nowhere") == expected
        request = specification()
        assert streamed.error("UpdateTimeToLive", TableName="nowhere", **request) == expected

    @pytest.mark.parametrize(
        "request_",
        [{}, specification(""), specification("x" * 256), {"TimeToLiveSpecification": {}}],
    )
    def test_constraints(self, request_: dict[str, Any]) -> None:
        streamed = Streamed()
        streamed.create(view_type=None)
        name, text = streamed.error("UpdateTimeToLive", TableName="orders", **request_)
        assert name == "ValidationException"
        assert "imeToLiveSpecification" in text


class TestExpiry:
    def test_an_item_goes_once_its_time_is_past(self, expiring: Streamed) -> None:
        """Readable until then, and until the sweep comes: the Developer Guide warns of it."""
        put(expiring, "a", 10)
        expiring.clock.now_s += 9.75  # the very second: not yet less than now
        assert expiring.database.sweep() == 0
        expiring.clock.now_s += 0.25
        assert expiring.item("a") is not None
        assert expiring.database.sweep() == 1
        assert expiring.item("a") is None
        assert entries(expiring) == 0
        table = expiring.do("DescribeTable", TableName="orders")["Table"]
        assert (table["ItemCount"], table["TableSizeBytes"]) == (0, 0)

    @pytest.mark.parametrize(
        "value",
        [
            {"S": "1"},
            {"N": "-1"},
            {"N": "1E+100"},
            {"N": "1E-100"},
            {"NULL": True},
            {"L": [{"N": "1000"}]},
            {"NS": ["1000"]},
            # Milliseconds, the classic mistake: far in the future.
            {"N": "1800000000000"},
        ],
    )
    def test_other_values_are_ignored(self, expiring: Streamed, value: dict[str, Any]) -> None:
        expiring.put("a", ttl=value)
        expiring.clock.now_s += DAY_S
        assert expiring.database.sweep() == 0
        assert expiring.item("a") is not None
        expiring.delete("a")
        assert entries(expiring) == 0

    def test_times_five_years_past_are_ignored(self, expiring: Streamed) -> None:
        put(expiring, "old", -5 * YEAR_S - 1)
        put(expiring, "young", -5 * YEAR_S + 60)
        assert expiring.database.sweep() == 1
        assert expiring.item("old") is not None
        assert expiring.item("young") is None

    def test_fractions_and_other_spellings(self, expiring: Streamed) -> None:
        now_s = int(expiring.clock.now_s)
        expiring.put("fraction", ttl={"N": f"{now_s}.9"})
        expiring.put("exponent", ttl={"N": "1.7E9"})
        assert expiring.database.sweep() == 1
        assert expiring.item("exponent") is None
        expiring.clock.now_s += 1
        assert expiring.database.sweep() == 1

    def test_a_write_moves_or_takes_away_the_time(self, expiring: Streamed) -> None:
        for pk in ("later", "never", "gone"):
            put(expiring, pk, 10)
        put(expiring, "later", 1000)
        expiring.do(
            "UpdateItem",
            TableName="orders",
            Key=key("never"),
            UpdateExpression="REMOVE #t",
            ExpressionAttributeNames={"#t": "ttl"},
        )
        expiring.delete("gone")
        assert entries(expiring) == 1
        expiring.clock.now_s += 20
        assert expiring.database.sweep() == 0
        expiring.clock.now_s += 1000
        assert expiring.database.sweep() == 1
        assert expiring.item("never") is not None

    def test_the_key_may_hold_the_time(self) -> None:
        """AWS takes any attribute, and a key is one."""
        streamed = Streamed()
        streamed.do(
            "CreateTable",
            TableName="times",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "at", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "at", "AttributeType": "N"}],
        )
        streamed.do("UpdateTimeToLive", TableName="times", **specification("at"))
        past = {"at": {"N": str(int(streamed.clock.now_s) - 1)}}
        streamed.do("PutItem", TableName="times", Item=past)
        assert streamed.database.sweep() == 1
        assert "Item" not in streamed.do("GetItem", TableName="times", Key=past)

    def test_indexes_lose_the_item_too(self) -> None:
        streamed = Streamed()
        streamed.do(
            "CreateTable",
            TableName="orders",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "g")
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-g",
                    "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        )
        streamed.do("UpdateTimeToLive", TableName="orders", **specification())
        put(streamed, "a", -10, g={"S": "x"})
        assert streamed.do("Scan", TableName="orders", IndexName="by-g")["Count"] == 1
        assert streamed.database.sweep() == 1
        assert streamed.do("Scan", TableName="orders", IndexName="by-g")["Count"] == 0

    def test_a_stream_shows_a_delete_by_the_service(self) -> None:
        """Consumers that archive expired items tell them from deleted ones by this member."""
        streamed = Streamed()
        arn = streamed.create()
        streamed.do("UpdateTimeToLive", TableName="orders", **specification())
        put(streamed, "expires", -10)
        put(streamed, "deleted", -10)
        streamed.delete("deleted")
        assert streamed.database.sweep() == 1
        records = streamed.records(arn)
        assert told(records)[-2:] == [("REMOVE", "deleted"), ("REMOVE", "expires")]
        assert "userIdentity" not in records[-2]
        assert records[-1]["userIdentity"] == {
            "Type": "Service",
            "PrincipalId": "dynamodb.amazonaws.com",
        }
        assert records[-1]["dynamodb"]["OldImage"]["pk"] == {"S": "expires"}
        assert records[-1]["dynamodb"]["Keys"] == key("expires")

    def test_tables_do_not_mix(self, expiring: Streamed) -> None:
        expiring.create("other", view_type=None)
        expiring.do("UpdateTimeToLive", TableName="other", **specification("until"))
        put(expiring, "a", -10)
        past = {"N": str(int(expiring.clock.now_s) - 10)}
        expiring.put("b", table="other", ttl=past)
        expiring.put("c", table="other", until=past)
        assert expiring.database.sweep() == 2
        assert expiring.item("b", "other") is not None
        assert expiring.item("c", "other") is None


class TestManyItems:
    def test_items_that_were_there_before(self) -> None:
        """More than one step's worth: the first are indexed at once, the others by sweeps."""
        streamed = Streamed()
        streamed.create(view_type=None)
        count = BACKFILL_ROWS + 50
        past = str(int(streamed.clock.now_s) - 1)
        for start in range(0, count, 25):
            puts = [
                {"PutRequest": {"Item": {**key(f"{number:05d}"), "ttl": {"N": past}}}}
                for number in range(start, min(start + 25, count))
            ]
            streamed.do("BatchWriteItem", RequestItems={"orders": puts})
        streamed.put("stays")
        streamed.do("UpdateTimeToLive", TableName="orders", **specification())
        assert entries(streamed) in (BACKFILL_ROWS - 1, BACKFILL_ROWS)
        assert streamed.database.sweep() == count
        left = streamed.do("Scan", TableName="orders")["Items"]
        assert [item["pk"]["S"] for item in left] == ["stays"]
        assert entries(streamed) == 0

    def test_disabling_and_deleting_leave_no_index(self, expiring: Streamed) -> None:
        put(expiring, "a", -10)
        expiring.do("UpdateTimeToLive", TableName="orders", **specification(enabled=False))
        assert entries(expiring) == 0
        assert expiring.database.sweep() == 0
        assert expiring.item("a") is not None
        expiring.do("UpdateTimeToLive", TableName="orders", **specification())
        assert entries(expiring) == 1
        expiring.do("DeleteTable", TableName="orders")
        assert entries(expiring) == 0
        assert expiring.database.sweep() == 0

    def test_the_index_is_what_the_items_say(self) -> None:
        """After any writes, in whatever order, with time to live switched off and on between."""
        streamed = Streamed()
        streamed.create(view_type=None)
        dice = random.Random(7)
        enabled = False
        for _ in range(600):
            pk = str(dice.randrange(40))
            match dice.randrange(12):
                case 0:
                    enabled = not enabled
                    request = specification(enabled=enabled)
                    streamed.do("UpdateTimeToLive", TableName="orders", **request)
                case 1 | 2:
                    streamed.delete(pk)
                case 3:
                    streamed.put(pk)
                case _:
                    put(streamed, pk, dice.randrange(-50, 50))
            if dice.randrange(20) == 0:
                streamed.clock.now_s += dice.randrange(5)
                streamed.database.sweep()
        items = streamed.do("Scan", TableName="orders")["Items"]
        timed = [item for item in items if "ttl" in item]
        assert entries(streamed) == (len(timed) if enabled else 0)
        if not enabled:
            streamed.do("UpdateTimeToLive", TableName="orders", **specification())
        streamed.database.sweep()
        left = streamed.do("Scan", TableName="orders")["Items"]
        now_s = streamed.clock.now_s
        expected = [each for each in items if "ttl" not in each or int(each["ttl"]["N"]) >= now_s]
        assert sorted(map(str, left)) == sorted(map(str, expected))


def test_it_survives_a_restart(tmp_path: Path) -> None:
    """The setting, the index, and an index that was half done when the process ended."""
    streamed = Streamed(RocksStore(tmp_path))
    streamed.create(view_type=None)
    for number in range(0, BACKFILL_ROWS + 25, 25):
        puts = [
            {"PutRequest": {"Item": {**key(str(number + each)), "ttl": {"N": "1799999999"}}}}
            for each in range(25)
        ]
        streamed.do("BatchWriteItem", RequestItems={"orders": puts})
    streamed.do("UpdateTimeToLive", TableName="orders", **specification())
    assert entries(streamed) == BACKFILL_ROWS
    streamed.database.close()
    streamed = Streamed(RocksStore(tmp_path))
    description = streamed.do("DescribeTimeToLive", TableName="orders")["TimeToLiveDescription"]
    assert description == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    assert streamed.database.sweep() == BACKFILL_ROWS + 25
    assert streamed.do("Scan", TableName="orders")["Count"] == 0
    streamed.database.close()


def test_a_database_sweeps_by_itself() -> None:
    """The one test with a real clock: a thread that begins with the first table that expires."""
    swept = threading.Event()

    class Watched(Database):
        def sweep(self) -> int:
            deleted = super().sweep()
            if deleted:
                swept.set()
            return deleted

    streamed = Streamed()
    before = threading.active_count()
    with Watched.in_memory(sweep_interval_s=0.001) as database:
        streamed.database = database
        streamed.clock.now_s = time.time()
        streamed.create(view_type=None)
        assert threading.active_count() == before
        streamed.do("UpdateTimeToLive", TableName="orders", **specification())
        put(streamed, "a", -10)
        assert swept.wait(10)
        assert streamed.item("a") is None
    assert threading.active_count() == before


def test_a_sweep_that_fails_is_tried_again() -> None:
    """A full disk must not end the thread that will make room."""
    tries = 0
    enough = threading.Event()

    class Failing(Database):
        def sweep(self) -> int:
            nonlocal tries
            tries += 1
            if tries == 3:
                enough.set()
            raise OSError("no space left on device")

    with Failing.in_memory(sweep_interval_s=0.001) as database:
        database.start_sweeping()
        assert enough.wait(10)


class TestSweptPlaces:
    """What was deleted costs a search as much as what is there, until RocksDB clears it away."""

    def test_they_are_not_looked_through_again(
        self, expiring: Streamed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(3):
            put(expiring, f"{number}", number + 1)
        swept = [entry for entry, _ in expiring.database.store.range(*INDEX)]
        expiring.clock.now_s += 10
        assert expiring.database.sweep() == 3
        starts = []
        searched = expiring.database.store.range

        def noting(start: bytes, stop: bytes, *, reverse: bool = False) -> Any:
            if start[:1] == INDEX[0]:
                starts.append(start)
            return searched(start, stop, reverse=reverse)

        monkeypatch.setattr(expiring.database.store, "range", noting)
        put(expiring, "later", 5)
        expiring.clock.now_s += 10
        assert expiring.database.sweep() == 1
        assert starts
        assert min(starts) > max(swept)

    def test_an_item_that_is_put_there_later_expires_all_the_same(self, expiring: Streamed) -> None:
        """As by a clock that went back, or a program that writes times that are past."""
        put(expiring, "first", 100)
        expiring.clock.now_s += 200
        assert expiring.database.sweep() == 1
        for name, before_s in (("between", 150), ("past", 1000)):
            put(expiring, name, -before_s)
            assert expiring.database.sweep() == 1
        expiring.clock.now_s -= 3 * YEAR_S
        put(expiring, "years ago", -4 * YEAR_S)
        assert expiring.database.sweep() == 1
        assert entries(expiring) == 0
