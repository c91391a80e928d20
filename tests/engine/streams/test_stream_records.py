"""What a stream says about a change, held against the service model and the Developer Guide.

Programs copy tables, keep caches and send mails by these records: one too many is a mail sent
twice, one too few is a copy that is wrong for good.
"""

from typing import Any

import pytest

from tests.engine.streams.streams_asking import Streamed, key, told

ONE = {"N": "1"}
TWO = {"N": "2"}


@pytest.mark.parametrize(
    ("view_type", "new", "old"),
    [
        ("KEYS_ONLY", False, False),
        ("NEW_IMAGE", True, False),
        ("OLD_IMAGE", False, True),
        ("NEW_AND_OLD_IMAGES", True, True),
    ],
)
def test_each_view_type_shows_its_images(view_type: str, new: bool, old: bool) -> None:
    streamed = Streamed()
    arn = streamed.create(view_type=view_type)
    streamed.put("a", n=ONE)
    streamed.put("a", n=TWO)
    streamed.delete("a")
    insert, modify, remove = (each["dynamodb"] for each in streamed.records(arn))
    first, second = {**key("a"), "n": ONE}, {**key("a"), "n": TWO}
    assert insert.get("NewImage") == (first if new else None)
    assert "OldImage" not in insert
    assert modify.get("NewImage") == (second if new else None)
    assert modify.get("OldImage") == (first if old else None)
    assert "NewImage" not in remove
    assert remove.get("OldImage") == (second if old else None)
    for record in (insert, modify, remove):
        assert record["Keys"] == key("a")
        assert record["StreamViewType"] == view_type


def test_a_record_has_all_members_that_the_service_model_names() -> None:
    streamed = Streamed()
    arn = streamed.create()
    streamed.put("a", n=ONE)
    (record,) = streamed.records(arn)
    event_id = record.pop("eventID")
    assert len(event_id) == 32
    assert record == {
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            # Whole seconds, rounded down: the clock stands at a quarter past.
            "ApproximateCreationDateTime": 1_800_000_000,
            "Keys": key("a"),
            "NewImage": {**key("a"), "n": ONE},
            "SequenceNumber": "100000000000000000001",
            # Keys are 6 bytes; the image has them too, and 1 + 2 for n.
            "SizeBytes": 6 + 9,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


def test_the_developer_guides_example_has_the_size_that_it_shows() -> None:
    """Keys `{Id: 101}` and a new image `{Message: "New item!", Id: 101}` make 26 bytes there."""
    streamed = Streamed()
    arn = streamed.do(
        "CreateTable",
        TableName="TestTable",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "N"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]["LatestStreamArn"]
    item = {"Message": {"S": "New item!"}, "Id": {"N": "101"}}
    streamed.do("PutItem", TableName="TestTable", Item=item)
    (record,) = streamed.records(arn)
    assert record["dynamodb"]["SizeBytes"] == 26


def test_what_changes_nothing_leaves_no_record() -> None:
    """The Developer Guide says so of a put of an equal item; a delete of none deletes nothing."""
    streamed = Streamed()
    arn = streamed.create()
    tags = {"SS": ["x", "y"]}
    streamed.put("a", n=ONE, tags=tags)
    streamed.put("a", n=ONE, tags=tags)
    streamed.put("a", tags={"SS": ["y", "x"]}, n={"N": "1.0"})  # other order, same number
    streamed.do(
        "UpdateItem",
        TableName="orders",
        Key=key("a"),
        UpdateExpression="SET n = :n",
        ExpressionAttributeValues={":n": ONE},
    )
    streamed.delete("nobody")
    assert told(streamed.records(arn)) == [("INSERT", "a")]


def test_a_list_in_another_order_is_another_item() -> None:
    streamed = Streamed()
    arn = streamed.create()
    streamed.put("a", l={"L": [ONE, TWO]})
    streamed.put("a", l={"L": [TWO, ONE]})
    assert told(streamed.records(arn)) == [("INSERT", "a"), ("MODIFY", "a")]


def test_every_kind_of_write_is_seen() -> None:
    streamed = Streamed()
    arn = streamed.create()
    batch: list[dict[str, Any]] = [
        {"PutRequest": {"Item": {**key("b1")}}},
        {"PutRequest": {"Item": {**key("b2")}}},
        {"DeleteRequest": {"Key": key("nobody")}},
    ]
    streamed.do("BatchWriteItem", RequestItems={"orders": batch})
    streamed.do(
        "UpdateItem",
        TableName="orders",
        Key=key("u"),
        UpdateExpression="SET n = :n",
        ExpressionAttributeValues={":n": ONE},
    )
    streamed.do(
        "TransactWriteItems",
        TransactItems=[
            {"Put": {"TableName": "orders", "Item": key("t")}},
            {"Delete": {"TableName": "orders", "Key": key("b1")}},
        ],
    )
    assert told(streamed.records(arn)) == [
        ("INSERT", "b1"),
        ("INSERT", "b2"),
        ("INSERT", "u"),
        ("INSERT", "t"),
        ("REMOVE", "b1"),
    ]


def test_a_refused_write_leaves_no_record() -> None:
    streamed = Streamed()
    arn = streamed.create()
    streamed.error(
        "PutItem",
        TableName="orders",
        Item=key("a"),
        ConditionExpression="attribute_exists(pk)",
    )
    streamed.error(
        "TransactWriteItems",
        TransactItems=[
            {"Put": {"TableName": "orders", "Item": key("a")}},
            {
                "ConditionCheck": {
                    "TableName": "orders",
                    "Key": key("b"),
                    "ConditionExpression": "attribute_exists(pk)",
                }
            },
        ],
    )
    assert streamed.records(arn) == []


def test_sequence_numbers_only_grow_and_event_ids_are_unique() -> None:
    streamed = Streamed()
    arn = streamed.create()
    for number in range(50):
        streamed.put("a", n={"N": str(number)})
    records = streamed.records(arn)
    numbers = [each["dynamodb"]["SequenceNumber"] for each in records]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == len({each["eventID"] for each in records}) == 50
    assert all(number.isdigit() and 21 <= len(number) <= 40 for number in numbers)
    values = [each["dynamodb"]["NewImage"]["n"]["N"] for each in records]
    assert values == [str(number) for number in range(50)]


def test_times_never_go_back_though_the_clock_does() -> None:
    """Clocks are set back; iterators by time rely on records being in order."""
    streamed = Streamed()
    arn = streamed.create()
    streamed.put("a")
    streamed.clock.now_s -= 3600
    streamed.put("b")
    first, second = (
        each["dynamodb"]["ApproximateCreationDateTime"] for each in streamed.records(arn)
    )
    assert first == second
