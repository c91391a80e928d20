"""Tables made in a line; what a test arranges and looks at is not what it tests."""

from decimal import Decimal

import pytest

from pannier.errors import UserError
from pannier.testing import ManualClock, Pannier


def test_the_default_table() -> None:
    with Pannier() as pannier:
        table = pannier.table()
        described = pannier.client().describe_table(TableName=table.name)["Table"]
        assert described["TableName"] == "items"
        assert described["KeySchema"] == [
            {"AttributeName": "PK", "KeyType": "HASH"},
            {"AttributeName": "SK", "KeyType": "RANGE"},
        ]
        assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
        assert repr(table) == "Table('items')"


def test_a_table_with_everything() -> None:
    with Pannier() as pannier:
        pannier.table(
            "shop",
            "id:N",
            indexes={"by-owner": "owner, id:N"},
            write_units=5,
            index_write_units=2,
            DeletionProtectionEnabled=True,
        )
        described = pannier.client().describe_table(TableName="shop")["Table"]
        assert described["AttributeDefinitions"] == [
            {"AttributeName": "id", "AttributeType": "N"},
            {"AttributeName": "owner", "AttributeType": "S"},
        ]
        assert described["ProvisionedThroughput"]["WriteCapacityUnits"] == 5
        index = described["GlobalSecondaryIndexes"][0]
        assert index["ProvisionedThroughput"]["WriteCapacityUnits"] == 2
        assert index["Projection"] == {"ProjectionType": "ALL"}
        assert described["DeletionProtectionEnabled"] is True


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ({"read_units": 3, "write_units": 4}, ((3, 4), (3, 4))),
        ({"write_units": 4}, ((10_000, 4), (10_000, 4))),
        ({"index_write_units": 2}, ((10_000, 10_000), (10_000, 2))),
        ({"write_units": 5, "index_read_units": 1}, ((10_000, 5), (1, 5))),
    ],
)
def test_units_that_are_not_named_are_plenty(
    units: dict[str, int], expected: tuple[tuple[int, int], tuple[int, int]]
) -> None:
    """A test names the capacity that it is about; the rest must not get in its way."""
    with Pannier() as pannier:
        pannier.table("shop", indexes={"GSI": "owner"}, **units)  # type: ignore[arg-type]
        described = pannier.client().describe_table(TableName="shop")["Table"]
        found = tuple(
            (
                each["ProvisionedThroughput"]["ReadCapacityUnits"],
                each["ProvisionedThroughput"]["WriteCapacityUnits"],
            )
            for each in (described, described["GlobalSecondaryIndexes"][0])
        )
        assert found == expected


def test_items_go_in_and_come_out_as_plain_python() -> None:
    with Pannier() as pannier:
        table = pannier.table("shop", "PK,SK:N")
        first = {"PK": "a", "SK": 1, "price": Decimal("9.5"), "tags": {"x"}, "raw": b"\x00"}
        table.put({"PK": "a", "SK": 2}, first)
        assert table.items() == [first, {"PK": "a", "SK": 2}]
        assert table.get(PK="a", SK=1) == first
        assert table.get(PK="a", SK=3) is None
        assert len(table) == 2


def test_more_than_a_page_of_items_is_seen() -> None:
    with Pannier() as pannier:
        table = pannier.table("shop")
        table.put(*({"PK": f"p{number}", "SK": "s", "x": "x" * 300_000} for number in range(9)))
        assert len(table) == len(table.items()) == 9


def test_arranging_and_looking_costs_nothing_and_meets_nothing() -> None:
    """Else a test spends the capacity, meets the faults and counts the units that it is about."""
    with Pannier(throttle="on", burst_s=0, clock=ManualClock()) as pannier:
        table = pannier.table("shop", read_units=1, write_units=1)
        with pannier.faults({"error": "InternalServerError"}) as tally:
            table.put(*({"PK": f"p{number}", "SK": "s"} for number in range(50)))
            assert len(table) == 50
            assert table.get(PK="p1", SK="s") is not None
            assert tally.matched == 0
        assert pannier.metrics("ConsumedWriteCapacityUnits", "shop") == 0
        item = {"PK": {"S": "one"}, "SK": {"S": "unit"}}  # the second's only unit is still there
        answer = pannier.client().put_item(TableName="shop", Item=item)
        assert answer["ResponseMetadata"]["RetryAttempts"] == 0
        assert pannier.metrics("ConsumedWriteCapacityUnits", "shop") == 1


def test_what_is_put_reaches_indexes_and_streams() -> None:
    """Past throttling does not mean past the engine."""
    with Pannier() as pannier:
        table = pannier.table(
            "shop",
            indexes={"GSI": "owner"},
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        )
        table.put({"PK": "a", "SK": "b", "owner": "me"})
        client = pannier.client()
        found = client.query(
            TableName="shop",
            IndexName="GSI",
            KeyConditionExpression="#o = :o",
            ExpressionAttributeNames={"#o": "owner"},
            ExpressionAttributeValues={":o": {"S": "me"}},
        )
        assert found["Count"] == 1
        streams = pannier.client("dynamodbstreams")
        arn = streams.list_streams()["Streams"][0]["StreamArn"]
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        start = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        assert len(streams.get_records(ShardIterator=start)["Records"]) == 1


def test_what_is_put_into_a_folder_is_durable(tmp_path: object) -> None:
    with Pannier(path=f"{tmp_path}/db") as pannier:
        pannier.table("shop").put({"PK": "a", "SK": "b"})
    with Pannier(path=f"{tmp_path}/db") as pannier:
        assert pannier.client().scan(TableName="shop")["Count"] == 1


@pytest.mark.parametrize("key", ["", "a,b,c", "a:X", ":S", "a:S,", "a:S:N:"])
def test_a_key_that_can_t_be_read_is_explained(key: str) -> None:
    with Pannier() as pannier, pytest.raises(UserError, match='Write it as "PK", "PK,SK"'):
        pannier.table("shop", key)


def test_an_attribute_has_one_type() -> None:
    with Pannier() as pannier, pytest.raises(UserError, match="gives SK another type"):
        pannier.table("shop", "PK,SK:N", indexes={"GSI": "SK"})


def test_what_the_engine_refuses_is_an_error_with_its_text() -> None:
    with Pannier() as pannier:
        table = pannier.table("shop")
        with pytest.raises(UserError, match=r"ResourceInUseException: Table already exists: shop"):
            pannier.table("shop")
        with pytest.raises(UserError, match=r"ValidationException: .*Missing the key SK"):
            table.put({"PK": "a"})
