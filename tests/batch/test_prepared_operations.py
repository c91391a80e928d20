"""Operations are checked before anything is sent: what can be known here costs no call."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from pannier.batch.operation import Kind, Operation, Origin, plain_put
from pannier.batch.prepared import lane_of_request, prepare_key, prepare_write
from pannier.batch.report import Failure
from pannier.errors import SerializationException, ServiceError, ValidationException
from pannier.limits import ITEM_BYTES_MAX
from pannier.model.key_schema import KeyAttribute, KeySchema


def pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


SIMPLE = KeySchema([KeyAttribute("PK", "S")], [])
COMPOSITE = KeySchema([KeyAttribute("PK", "S")], [KeyAttribute("SK", "N")])
BINARY = KeySchema([KeyAttribute("PK", "B")], [])


def test_a_put_and_a_delete_take_the_form_of_the_api() -> None:
    item = {"PK": {"S": "a"}, "v": {"N": "1"}}
    assert Operation.put("shop", item).to_request() == {"PutRequest": {"Item": item}}
    key = {"PK": {"S": "a"}}
    assert Operation.delete("shop", key).to_request() == {"DeleteRequest": {"Key": key}}
    assert Operation.delete("shop", key).kind is Kind.DELETE


def test_an_origin_says_where() -> None:
    assert str(Origin("items.jsonl", 7, "line")) == "items.jsonl, line 7"


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, pickled], ids=lambda each: each.__name__
)
def test_operations_and_failures_may_be_copied_and_sent_to_other_processes(
    copied: Callable[[Any], Any],
) -> None:
    origin = Origin("items.jsonl", 7, "line", 3, 9)
    operation = plain_put("shop", {"PK": "a"}, origin)
    failure = Failure("shop", "put", operation.attributes, "no capacity", origin)
    for each in (origin, operation, Operation.delete("shop", {"PK": {"S": "a"}}), failure):
        assert copied(each) == each


def test_what_is_sent_is_what_was_given() -> None:
    operation = Operation.put("shop", {"PK": {"S": "a"}, "price": {"N": "1e3"}})
    prepared = prepare_write(operation, SIMPLE)
    item = {"PK": {"S": "a"}, "price": {"N": "1000"}}  # as the service would write it
    assert orjson.loads(prepared.payload) == {"PutRequest": {"Item": item}}
    assert operation.attributes["price"] == {"N": "1e3"}, "the caller's item is not changed"


@pytest.mark.parametrize(("text", "other"), [("1000", "1e3"), ("0.50", ".5"), ("-0", "0")])
def test_keys_are_the_same_if_their_values_are(text: str, other: str) -> None:
    """The service compares numbers by value, and so must whoever keeps the order."""
    first = Operation.put("shop", {"PK": {"S": "a"}, "SK": {"N": text}})
    second = Operation.delete("shop", {"PK": {"S": "a"}, "SK": {"N": other}})
    assert prepare_write(first, COMPOSITE).lane == prepare_write(second, COMPOSITE).lane


def test_keys_do_not_run_together() -> None:
    """`ab` + `c` is not `a` + `bc`."""
    schema = KeySchema([KeyAttribute("PK", "S")], [KeyAttribute("SK", "S")])
    lanes = {
        prepare_key("shop", {"PK": {"S": partition}, "SK": {"S": sort}}, schema).lane
        for partition, sort in (("ab", "c"), ("a", "bc"), ("a\0", "bc"), ("a", "\0bc"))
    }
    assert len(lanes) == 4


def test_the_lane_of_what_comes_back_is_the_lane_of_what_was_sent() -> None:
    """A service may write numbers and binaries of leftovers in another way than we did."""
    put = Operation.put("shop", {"PK": {"S": "a"}, "SK": {"N": "1e3"}, "v": {"S": "x"}})
    back = {"PutRequest": {"Item": {"v": {"S": "x"}, "SK": {"N": "1000"}, "PK": {"S": "a"}}}}
    assert lane_of_request("shop", back, COMPOSITE) == prepare_write(put, COMPOSITE).lane
    delete = Operation.delete("shop", {"PK": {"B": "AAE="}})
    assert (
        lane_of_request("shop", {"DeleteRequest": {"Key": {"PK": {"B": "AAE="}}}}, BINARY)
        == prepare_write(delete, BINARY).lane
    )


BAD_ITEMS: list[tuple[Any, str]] = [
    ({"v": {"S": "x"}}, "Missing the key PK"),
    ({"PK": {"N": "1"}}, "Type mismatch for key PK expected: S actual: N"),
    ({"PK": {"S": ""}}, "empty string value"),
    ({"PK": {"S": "x" * 2049}}, "hashkey has exceeded"),
    ({"PK": {"S": "a"}, "v": {"S": "x" * ITEM_BYTES_MAX}}, "Item size has exceeded"),
    ({"PK": {"S": "a"}, "v": {"N": "1" * 39}}, "38 significant digits"),
    ({"PK": {"S": "a"}, "v": {"SS": []}}, "may not be empty"),
    ({"PK": {"S": "a"}, "v": {}}, "exactly one of the supported datatypes"),
    ({"PK": "a"}, "Unexpected field type|can not be converted"),
    ({"PK": {"S": "a"}, "v": 5}, "Unexpected field type"),
]


@pytest.mark.parametrize(("item", "words"), BAD_ITEMS)
def test_an_item_that_the_service_would_refuse_is_refused_here(item: Any, words: str) -> None:
    with pytest.raises(ServiceError, match=words):
        prepare_write(Operation.put("shop", item), SIMPLE)


@pytest.mark.parametrize(
    "value",
    [b"bytes", "half of a pair: \ud800", 2**70, object()],
    ids=["bytes", "surrogate", "integer", "object"],
)
def test_what_is_no_json_is_one_bad_operation_and_not_the_end_of_the_job(value: Any) -> None:
    item = {"PK": {"S": "a"}, "v": {"S": value}}
    with pytest.raises(SerializationException, match="can't be written as JSON"):
        prepare_write(Operation.put("shop", item), SIMPLE)
    with pytest.raises(SerializationException, match="can't be written as JSON"):
        prepare_key("shop", {"PK": {"S": value}}, SIMPLE)


def test_the_largest_item_passes() -> None:
    room = ITEM_BYTES_MAX - len("PK") - len("a") - len("v")
    prepare_write(Operation.put("shop", {"PK": {"S": "a"}, "v": {"S": "x" * room}}), SIMPLE)


@pytest.mark.parametrize(
    "key",
    [{}, {"PK": {"S": "a"}, "more": {"S": "b"}}, {"SK": {"S": "a"}}, {"PK": {"N": "1"}}],
)
def test_a_key_must_match_the_schema(key: Any) -> None:
    with pytest.raises(ValidationException, match="does not match the schema"):
        prepare_key("shop", key, SIMPLE)
    with pytest.raises(ValidationException, match="does not match the schema"):
        prepare_write(Operation.delete("shop", key), SIMPLE)
