"""With pytest: the fixtures come with Pannier, and need no import."""

import boto3
import pytest
from botocore.config import Config
from shop import NotSavedError, charge, count_visit, order, save

# The loop under test is the code's own, so botocore is asked for one attempt.
ONCE = Config(retries={"total_max_attempts": 1})


# Time is the test's own: what anybody waits for moves the clock.
pytestmark = pytest.mark.pannier(clock="manual")


@pytest.fixture
def orders(pannier_table):
    return pannier_table("orders")


def test_leftovers_are_sent_again(pannier, orders):
    with pannier.faults({"operations": "BatchWriteItem", "leave": 0.4}) as injected:
        save((order(n) for n in range(60)), client=pannier.client(config=ONCE), sleep=pannier.sleep)
    assert injected.items > 0
    assert len(orders) == 60


def test_a_batch_of_which_nothing_passes(pannier, orders):
    """Then DynamoDB answers no leftovers but an exception."""
    with pannier.faults({"throttle": True, "times": 3}) as injected:
        save([order(1)], client=pannier.client(config=ONCE), sleep=pannier.sleep)
    assert injected.struck == 3
    assert len(orders) == 1


def test_it_gives_up_in_the_end_and_says_what_is_missing(pannier, orders):
    poisoned = {"operations": "BatchWriteItem", "key": {"SK": "order#7"}, "leave": 1.0}
    with pannier.faults(poisoned), pytest.raises(NotSavedError) as caught:
        save((order(n) for n in range(20)), client=pannier.client(config=ONCE), sleep=pannier.sleep)
    assert [put["PutRequest"]["Item"] for put in caught.value.orders] == [order(7)]
    assert len(orders) == 19


@pytest.mark.pannier(throttle="on", burst_s=0)
def test_minutes_of_throttling(pannier, pannier_table):
    """1,000 orders at five units a second; no second of it is waited for."""
    table = pannier_table("orders", write_units=5)
    began = pannier.clock()
    save((order(n) for n in range(1000)), client=pannier.client(config=ONCE), sleep=pannier.sleep)
    assert len(table) == 1000
    assert pannier.clock() - began >= 199
    assert pannier.metrics("ConsumedWriteCapacityUnits", "orders") == 1000


@pytest.mark.pannier(throttle="on")
def test_a_hot_customer(pannier, orders):
    """A partition takes 1,000 units a second, however much the table has."""
    note = "x" * 100_000  # 98 units
    save(
        [order(n, customer="hot", note=note) for n in range(25)],
        client=pannier.client(config=ONCE),
        sleep=pannier.sleep,
    )
    assert len(orders) == 25
    assert pannier.metrics("WriteKeyRangeThroughputThrottleEvents", "orders") > 0


def test_a_lost_answer(pannier, orders):
    """The write is done, but nobody hears of it: botocore sends it again."""
    client = pannier.client()
    lost = {"operations": ["UpdateItem", "TransactWriteItems"], "drop": "after", "times": 1}
    with pannier.faults(lost):
        count_visit("c1", client)
    assert orders.get(PK="c1", SK="visits")["visits"] == 2  # counted twice
    with pannier.faults(lost):
        charge("c1", "payment-1", 500, client)
    assert orders.get(PK="c1", SK="balance")["cents"] == -500  # charged once


def test_code_that_makes_its_own_client(pannier_aws, orders):
    save([order(1)])
    assert len(orders) == 1
    assert boto3.client("dynamodb").scan(TableName="orders")["Count"] == 1
