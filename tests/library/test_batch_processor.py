"""The seed's `BatchProcessor`, with the seed's arguments and return values.

Its reader has code like `if not processor.batch_write_with_retry(items)`. That code must go on to
work, on Pannier's own engine and with a client of boto3, and lose nothing where the seed's did.
"""

import inspect
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from pannier import BatchProcessor
from pannier.errors import UserError
from pannier.library.connecting import connect
from pannier.library.connection import Connection
from tests.batch.fake_service import HOPELESS, TABLE, THROTTLE, FakeService, leave
from tests.batch.virtual_time import VirtualTimeLoop

CREATE = {
    "TableName": TABLE,
    "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture(params=["pannier", "boto3"])
def processor(request: pytest.FixtureRequest) -> Iterator[BatchProcessor]:
    """On the embedded engine, and with a client that was handed in."""
    if request.param == "pannier":
        with connect("memory") as db:
            db.call("CreateTable", CREATE)
            with BatchProcessor(TABLE, db) as made:
                yield made
        return
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        client.create_table(**CREATE)
        with BatchProcessor(TABLE, client=client) as made:
            yield made
        client.close()


@pytest.fixture
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pannier.library.connection.new_loop", VirtualTimeLoop)


def put(number: int, **more: Any) -> dict[str, Any]:
    return {"PutRequest": {"Item": {"PK": {"S": f"k{number}"}, "v": {"S": str(number)}, **more}}}


def delete(number: int) -> dict[str, Any]:
    return {"DeleteRequest": {"Key": {"PK": {"S": f"k{number}"}}}}


def key(number: int) -> dict[str, Any]:
    return {"PK": {"S": f"k{number}"}}


# As in the seed


def test_the_signatures_are_the_seeds() -> None:
    write = inspect.signature(BatchProcessor.batch_write_with_retry)
    assert list(write.parameters) == ["self", "items", "max_retries"]
    assert write.parameters["max_retries"].default == 3
    read = inspect.signature(BatchProcessor.batch_get_with_projection)
    assert list(read.parameters) == ["self", "keys", "projection_expression"]
    assert read.parameters["projection_expression"].default is None
    assert next(iter(inspect.signature(BatchProcessor).parameters)) == "table_name"


def test_a_write_returns_true_and_a_read_returns_items_as_boto3_has_them(
    processor: BatchProcessor,
) -> None:
    assert processor.batch_write_with_retry([put(1), put(2)]) is True
    assert processor.unprocessed == []
    items = processor.batch_get_with_projection([key(1), key(2)])
    assert items == [{**key(1), "v": {"S": "1"}}, {**key(2), "v": {"S": "2"}}]


def test_puts_and_deletes_may_be_mixed(processor: BatchProcessor) -> None:
    processor.batch_write_with_retry([put(1), put(2)])
    assert processor.batch_write_with_retry([delete(1), put(3)])
    items = processor.batch_get_with_projection([key(1), key(2), key(3)])
    assert [item["v"]["S"] for item in items] == ["2", "3"]


def test_nothing_is_written_and_nothing_is_read(processor: BatchProcessor) -> None:
    assert processor.batch_write_with_retry([]) is True
    assert processor.batch_get_with_projection([]) == []
    assert processor.batch_get_with_projection([key(1)]) == []


# Where the seed loses


def test_any_number_of_operations_is_split_into_full_batches(processor: BatchProcessor) -> None:
    assert processor.batch_write_with_retry(put(number) for number in range(130))
    assert processor.report is not None
    assert (processor.report.written, processor.report.calls) == (130, 6)
    items = processor.batch_get_with_projection(key(number) for number in range(130))
    assert (processor.report.found, processor.report.calls) == (130, 2)
    assert [item["v"]["S"] for item in items] == [str(number) for number in range(130)]


def test_a_key_twice_is_no_error_and_the_last_one_stands(processor: BatchProcessor) -> None:
    assert processor.batch_write_with_retry([put(1), delete(1), put(1, w={"N": "2"})])
    first, second = processor.batch_get_with_projection([key(1), key(1)])
    assert first == second == {**key(1), "v": {"S": "1"}, "w": {"N": "2"}}


def test_reserved_words_may_be_written_in_a_projection(processor: BatchProcessor) -> None:
    """`name` is one; the seed's own example needs a placeholder that its method cannot take."""
    processor.batch_write_with_retry([put(1, name={"S": "Laptop"}, price={"N": "9"})])
    found = processor.batch_get_with_projection([key(1)], "PK, name, price")
    assert found == [{**key(1), "name": {"S": "Laptop"}, "price": {"N": "9"}}]
    assert processor.batch_get_with_projection([key(1)], "name") == [{"name": {"S": "Laptop"}}]


def test_binaries_are_bytes_as_in_boto3(processor: BatchProcessor) -> None:
    given = {"raw": {"B": b"\0\xff"}, "set": {"BS": [b"x"]}, "map": {"M": {"B": {"B": b"in"}}}}
    assert processor.batch_write_with_retry([put(1, **given, text={"B": "as text"})])
    (item,) = processor.batch_get_with_projection([key(1)])
    assert {name: item[name] for name in given} == given
    assert item["text"] == {"B": b"as text"}, "boto3 takes a text for its UTF-8 bytes"


@pytest.mark.usefixtures("_no_waiting")
def test_what_the_target_never_takes_is_named() -> None:
    """The seed returns False and forgets; here `unprocessed` can be written later."""
    service = FakeService([leave(3)] * 10_000)
    with BatchProcessor(TABLE, service) as processor:
        assert processor.batch_write_with_retry([put(n) for n in range(30)]) is False
        assert processor.report is not None
        assert processor.report.balanced
        assert processor.report.unresolved == len(processor.unprocessed) == 3
        written = set(service.items())
        left = {each["PutRequest"]["Item"]["PK"]["S"] for each in processor.unprocessed}
        assert written | left == {f"k{n}" for n in range(30)}
        service.fates.clear()
        assert processor.batch_write_with_retry(processor.unprocessed) is True
        assert len(service.items()) == 30


@pytest.mark.usefixtures("_no_waiting")
def test_more_retries_are_more_patience() -> None:
    waited_s = []
    for retries in (0, 3, 6):
        service = FakeService([THROTTLE] * 10_000)
        with BatchProcessor(TABLE, service) as processor:
            assert processor.batch_write_with_retry([delete(1)], max_retries=retries) is False
            assert processor.unprocessed == [delete(1)]
            assert processor.report is not None
            waited_s.append(processor.report.waited_s)
    assert waited_s[0] < waited_s[1] < waited_s[2] < 60


@pytest.mark.usefixtures("_no_waiting")
def test_trouble_that_passes_is_waited_out() -> None:
    service = FakeService([THROTTLE, leave(25), THROTTLE, leave(1)])
    with BatchProcessor(TABLE, service) as processor:
        assert processor.batch_write_with_retry([put(n) for n in range(25)]) is True
    assert len(service.items()) == 25


def test_unprocessed_is_about_the_last_write(processor: BatchProcessor) -> None:
    with pytest.raises(ClientError):
        processor.batch_write_with_retry([{"PutRequest": {"Item": {"v": {"B": b"\0"}}}}])
    assert processor.unprocessed == [{"PutRequest": {"Item": {"v": {"B": b"\0"}}}}]
    processor.batch_write_with_retry([put(1)])
    assert processor.unprocessed == []


@pytest.mark.usefixtures("_no_waiting")
def test_unprocessed_keys_are_asked_for_again() -> None:
    """The seed drops them, and the reader sees too few items."""
    service = FakeService()
    with BatchProcessor(TABLE, service) as processor:
        processor.batch_write_with_retry([put(n) for n in range(50)])
        service.fates.extend([leave(20), leave(50), THROTTLE])
        assert len(processor.batch_get_with_projection([key(n) for n in range(50)])) == 50


# Errors are botocore's


def code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response["Error"]["Code"])


def test_an_unknown_table_is_a_client_error(processor: BatchProcessor) -> None:
    processor.table_name = "nowhere"
    with pytest.raises(ClientError) as caught:
        processor.batch_write_with_retry([put(1)])
    assert code(caught) == "ResourceNotFoundException"
    assert caught.value.operation_name == "BatchWriteItem"
    with pytest.raises(ClientError) as caught:
        processor.batch_get_with_projection([key(1)])
    assert code(caught) == "ResourceNotFoundException"
    assert caught.value.operation_name == "BatchGetItem"


def test_a_refused_item_is_a_client_error_and_the_others_are_written(
    processor: BatchProcessor,
) -> None:
    bad = {"PutRequest": {"Item": {"PK": {"N": "1"}}}}
    with pytest.raises(ClientError, match="Type mismatch") as caught:
        processor.batch_write_with_retry([put(1), bad, put(2)])
    assert code(caught) == "ValidationException"
    assert processor.unprocessed == [bad]
    assert len(processor.batch_get_with_projection([key(1), key(2)])) == 2
    with pytest.raises(ClientError) as caught:
        processor.batch_get_with_projection([{"PK": {"N": "1"}}])
    assert code(caught) == "ValidationException"


def test_a_refused_projection_is_a_client_error(processor: BatchProcessor) -> None:
    processor.batch_write_with_retry([put(1)])
    with pytest.raises(ClientError) as caught:
        processor.batch_get_with_projection([key(1)], "v[")
    assert code(caught) == "ValidationException"


def test_a_refusal_by_the_service_is_a_client_error() -> None:
    with BatchProcessor(TABLE, FakeService()) as processor:
        bad = put(2, poison={"BOOL": True})
        with pytest.raises(ClientError, match="poison") as caught:
            processor.batch_write_with_retry([put(1), bad])
        assert code(caught) == "ValidationException"
        assert processor.unprocessed == [bad]


def test_a_hopeless_error_is_a_client_error() -> None:
    with BatchProcessor(TABLE, FakeService([HOPELESS])) as processor:
        with pytest.raises(ClientError) as caught:
            processor.batch_write_with_retry([put(n) for n in range(60)])
        assert code(caught) == "ResourceNotFoundException"
        assert len(processor.unprocessed) > 0


@pytest.mark.usefixtures("_no_waiting")
def test_a_read_that_is_throttled_to_the_end_is_the_services_error() -> None:
    with BatchProcessor(TABLE, FakeService([THROTTLE] * 10_000)) as processor:
        with pytest.raises(ClientError) as caught:
            processor.batch_get_with_projection([key(1)])
        assert code(caught) == "ProvisionedThroughputExceededException"


@pytest.mark.parametrize("bad", [{}, {"PutRequest": {}}, {"Update": {}}, {"PK": {"S": "a"}}])
def test_what_is_no_write_request_is_an_error_that_says_where(bad: dict[str, Any]) -> None:
    service = FakeService()
    with (
        BatchProcessor(TABLE, service) as processor,
        pytest.raises(UserError, match="items, item 2 is no write request"),
    ):
        processor.batch_write_with_retry([put(1), bad])
    assert set(service.items()) == {"k1"}, "what came before it is written"


# What is handed in


def test_a_connection_that_was_handed_in_stays_open() -> None:
    service = FakeService()
    with connect(service) as db:
        BatchProcessor(TABLE, db).close()
        assert isinstance(db, Connection)
        assert not service.closed
    assert service.closed


def test_a_target_that_was_handed_in_is_closed() -> None:
    service = FakeService()
    BatchProcessor(TABLE, service).close()
    assert service.closed


def test_without_a_target_it_is_the_one_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PANNIER_TARGET", "memory")
    with BatchProcessor(TABLE) as processor, pytest.raises(ClientError) as caught:
        processor.batch_write_with_retry([put(1)])
    assert code(caught) == "ResourceNotFoundException"
