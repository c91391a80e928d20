"""Texts of whole items as puts and deletes."""

from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings

from pannier.batch.operation import Kind, Operation
from pannier.batch.report import Failure
from pannier.errors import UserError
from pannier.files.json_sinks import to_dynamodb_json
from pannier.spark.item_operations import ItemOperations
from pannier.spark.row_operations import RowRules
from tests.files.any_items import ITEMS
from tests.spark.masked import MASKED

PUTS = RowRules("shop", ("PK",), "put", None, "absent", {})
DELETES = RowRules("shop", ("PK",), "delete", None, "absent", {})
MARKED = RowRules("shop", ("PK",), "put", "gone", "absent", {})


def operations(rules: RowRules, *texts: str | None, **columns: Any) -> list[Operation | Failure]:
    batch = pa.record_batch({"item": pa.array(texts, pa.string()), **columns})
    return list(ItemOperations("partition 3", rules, batch.schema).of([batch]))


def text(item: Any) -> str:
    return orjson.dumps(item).decode()


@settings(deadline=None)  # the first call loads modules
@given(ITEMS)
def test_every_item_comes_back_from_its_text(item: dict[str, Any]) -> None:
    (made,) = operations(PUTS, to_dynamodb_json(item).decode())
    assert isinstance(made, Operation)
    assert (made.kind, made.attributes) == (Kind.PUT, item)


@pytest.mark.parametrize("item", MASKED, ids=lambda item: next(iter(item)))
def test_an_item_is_taken_for_nothing_else(item: dict[str, Any]) -> None:
    (made,) = operations(PUTS, text(item))
    assert isinstance(made, Operation)
    assert (made.kind, made.attributes) == (Kind.PUT, item)


def test_a_row_may_be_a_request_or_an_item_in_its_wrapping() -> None:
    item = {"PK": {"S": "a"}}
    made = operations(
        PUTS,
        text({"Item": item}),
        text({"PutRequest": {"Item": item}}),
        text({"DeleteRequest": {"Key": item}}),
        text({"Keys": item, "Metadata": {}}),
    )
    assert [each.kind for each in made] == [Kind.PUT, Kind.PUT, Kind.DELETE, Kind.DELETE]
    assert all(each.attributes == item for each in made)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (None, "the item is null"),
        ("", "not JSON"),
        ("{broken", "column 2"),
        ("5", "an item must be a JSON object"),
        ("{}", "the object is empty"),
        ('{"PK":"plain"}', 'each value must be like {"S": "a"}'),
        ('{"PK":{"S":"a","N":"1"}}', 'each value must be like {"S": "a"}'),
        ('[{"PK":{"S":"a"}}]', "a row holds one item"),
        ('{"Items":[{"PK":{"S":"a"}}]}', "a row holds one item"),
        ('{"shop":[{"PutRequest":{"Item":{"PK":{"S":"a"}}}}]}', "a row holds one item"),
    ],
)
def test_what_is_no_item_is_a_failure_with_its_place(row: str | None, reason: str) -> None:
    good = text({"PK": {"S": "a"}})
    before, made, after = operations(PUTS, good, row, good)
    assert isinstance(made, Failure)
    assert made.kind == "parse"
    assert reason in made.reason
    assert (made.table, str(made.origin)) == ("shop", "partition 3, row 2")
    assert isinstance(before, Operation)
    assert isinstance(after, Operation)


def test_places_count_on_over_batches_and_slices() -> None:
    texts = [text({"PK": {"S": f"k{number}"}}) for number in range(300)]
    batch = pa.record_batch({"item": pa.array(texts, pa.large_string())})
    made = list(ItemOperations("partition 3", PUTS, batch.schema).of([batch, batch]))
    assert [each.origin.position for each in made] == list(range(1, 601))
    assert [each.attributes["PK"]["S"] for each in made] == [f"k{n}" for n in range(300)] * 2


def test_deletes_are_of_the_keys_alone() -> None:
    (made,) = operations(DELETES, text({"PK": {"S": "a"}, "n": {"N": "7"}}))
    assert isinstance(made, Operation)
    assert (made.kind, made.attributes) == (Kind.DELETE, {"PK": {"S": "a"}})


def test_a_column_says_of_each_row_whether_it_is_a_delete() -> None:
    row = text({"PK": {"S": "a"}, "n": {"N": "7"}})
    put, delete, neither = operations(MARKED, row, row, row, gone=[False, True, None])
    assert put.attributes == {"PK": {"S": "a"}, "n": {"N": "7"}}
    assert (delete.kind, delete.attributes) == (Kind.DELETE, {"PK": {"S": "a"}})
    assert isinstance(neither, Failure)
    assert neither.reason == "gone is null: neither a put nor a delete"


@pytest.mark.parametrize(
    ("rules", "columns", "message"),
    [
        (PUTS, {"PK": ["a"]}, "items=json writes a column item, and the data frame has PK"),
        (PUTS, {"item": ["a"], "n": [1]}, "the data frame has item, n"),
        (PUTS, {"item": [1]}, "the column item is no string"),
        (MARKED, {"item": ["a"]}, "no column gone, named by deleteColumn"),
        (MARKED, {"item": ["a"], "gone": [1]}, "gone, named by deleteColumn, is no boolean"),
    ],
)
def test_other_columns_are_refused(rules: RowRules, columns: Any, message: str) -> None:
    with pytest.raises(UserError, match=message) as raised:
        ItemOperations("the data frame", rules, pa.record_batch(columns).schema)
    assert raised.value.advice
