"""What a test switches and reads: throttling, faults, metrics, time."""

import pytest
from botocore.config import Config

from pannier.errors import UserError
from pannier.testing import ManualClock, Pannier

ONCE = Config(retries={"total_max_attempts": 1})


def batch(*numbers: int) -> dict[str, object]:
    puts = [
        {"PutRequest": {"Item": {"PK": {"S": f"p{number}"}, "SK": {"S": "s"}}}}
        for number in numbers
    ]
    return {"RequestItems": {"shop": puts}}


def test_leftovers_at_five_units_a_second() -> None:
    """The promise of the whole: five of ten are written, five come back, and metrics say so."""
    with Pannier(throttle="on", burst_s=0, clock=ManualClock()) as pannier:
        table = pannier.table("shop", write_units=5)
        client = pannier.client(config=ONCE)
        answer = client.batch_write_item(**batch(*range(10)))
        assert len(answer["UnprocessedItems"]["shop"]) == 5
        assert len(table) == 5
        pannier.clock.advance(1)
        again = client.batch_write_item(RequestItems=answer["UnprocessedItems"])
        assert again["UnprocessedItems"] == {}
        assert len(table) == 10
        assert pannier.metrics("ConsumedWriteCapacityUnits", "shop") == 10
        assert pannier.metrics("WriteThrottleEvents", "shop") == 5
        assert pannier.metrics("ThrottledRequests", "shop", operation="BatchWriteItem") == 0


def test_the_index_can_be_the_bottleneck() -> None:
    with Pannier(throttle="on", burst_s=0, clock=ManualClock()) as pannier:
        table = pannier.table("shop", indexes={"GSI": "SK"}, write_units=20, index_write_units=2)
        answer = pannier.client(config=ONCE).batch_write_item(**batch(*range(10)))
        assert len(answer["UnprocessedItems"]["shop"]) == 8
        assert len(table) == 2
        assert pannier.metrics("WriteThrottleEvents", "shop", index="GSI") == 8


def test_throttling_is_switched_and_switched_back() -> None:
    with Pannier(throttle="on", burst_s=0, clock=ManualClock()) as pannier:
        table = pannier.table("shop", write_units=1)
        client = pannier.client(config=ONCE)
        with pannier.throttle("off"):
            assert client.batch_write_item(**batch(*range(10)))["UnprocessedItems"] == {}
        assert len(table) == 10
        left = client.batch_write_item(**batch(*range(10)))["UnprocessedItems"]["shop"]
        assert len(left) == 9
        pannier.throttle("off")  # for good
        assert client.batch_write_item(**batch(*range(10)))["UnprocessedItems"] == {}
        pannier.throttle("on", burst_s=300)
        assert pannier.database.throttling.burst_s == 300


def test_faults_are_counted() -> None:
    with Pannier() as pannier:
        pannier.table("shop")
        client = pannier.client(config=ONCE)
        with pannier.faults(
            {"name": "half", "operations": "BatchWriteItem", "leave": {"share": 0.5}}
        ) as tally:
            left = client.batch_write_item(**batch(*range(10)))["UnprocessedItems"]["shop"]
            assert len(left) == tally.items == 5
            assert pannier.faults.counts["rules"]["half"]["items"] == 5
        assert client.batch_write_item(**batch(*range(10)))["UnprocessedItems"] == {}
        assert pannier.faults.counts == {"rules": {}, "injected": {"leave": 1, "items": 5}}


def test_faults_can_be_added_and_taken_away() -> None:
    with Pannier() as pannier:
        client = pannier.client(config=ONCE)
        names = pannier.faults.add({"error": "InternalServerError"}, {"slow": {"delay_ms": 0}})
        with pytest.raises(client.exceptions.InternalServerError):
            client.list_tables()
        pannier.faults.remove(names[0])
        assert client.list_tables()["TableNames"] == []
        pannier.faults.clear()
        assert pannier.faults.counts["rules"] == {}


def test_the_same_seed_leaves_the_same_items() -> None:
    """A failure that chance has found must be found again."""

    def leftovers(seed: int) -> list[object]:
        with Pannier(seed=seed, clock=ManualClock()) as pannier:
            pannier.table("shop")
            client = pannier.client(config=ONCE)
            with pannier.faults({"operations": "BatchWriteItem", "leave": 0.4}):
                return [
                    client.batch_write_item(**batch(*range(25)))["UnprocessedItems"]
                    for _ in range(5)
                ]

    assert leftovers(1) == leftovers(1)
    assert leftovers(1) != leftovers(2)


def test_metrics_by_their_names() -> None:
    with Pannier(clock=ManualClock()) as pannier:
        table = pannier.table("shop")
        table.put({"PK": "a", "SK": "b"})
        client = pannier.client(config=ONCE)
        client.scan(TableName="shop")
        pannier.clock.advance(3600)
        client.scan(TableName="shop")
        assert pannier.metrics("ReturnedItemCount", "shop", operation="Scan") == 2
        assert (
            pannier.metrics("ReturnedItemCount", "shop", operation="Scan", statistic="SampleCount")
            == 2
        )
        assert pannier.metrics("ConsumedReadCapacityUnits", "shop", statistic="Average") == 0.5
        assert pannier.metrics("ConsumedReadCapacityUnits", "shop", statistic="Maximum") == 0.5
        with pytest.raises(client.exceptions.ClientError):
            client.get_item(TableName="shop", Key={"PK": {"S": "a"}})
        assert pannier.metrics("UserErrors") == 1
        assert pannier.metrics("WriteThrottleEvents", "shop") == 0


def test_a_misspelled_metric_is_no_zero() -> None:
    """An assertion that something is 0 must not hold because of a typing error."""
    with Pannier() as pannier:
        pannier.table("shop")
        with pytest.raises(UserError, match="there is no metric 'ConsumedWriteUnits'"):
            pannier.metrics("ConsumedWriteUnits", "shop")
        with pytest.raises(UserError, match="there is no table 'shoo'\nThere are: shop"):
            pannier.metrics("ConsumedWriteCapacityUnits", "shoo")
        with pytest.raises(UserError, match="is of one table"):
            pannier.metrics("ConsumedWriteCapacityUnits")
        with pytest.raises(UserError, match="is of one operation"):
            pannier.metrics("ThrottledRequests", "shop")
        with pytest.raises(UserError, match="there is no statistic 'sum'"):
            pannier.metrics("UserErrors", statistic="sum")  # type: ignore[arg-type]


def test_settle_does_what_the_background_would_do() -> None:
    """Items expire, and new indexes are filled, when a test says so."""
    with Pannier(clock=ManualClock()) as pannier:
        table = pannier.table("shop")
        client = pannier.client()
        client.update_time_to_live(
            TableName="shop", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
        )
        table.put({"PK": "a", "SK": "b", "ttl": int(pannier.clock()) + 60})
        pannier.clock.advance(59)
        pannier.settle()
        assert len(table) == 1
        pannier.clock.advance(3600)
        pannier.settle()
        assert len(table) == 0
