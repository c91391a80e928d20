"""Rows as puts and deletes, in their order."""

import datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.batch.operation import Kind, Operation
from pannier.batch.report import Failure
from pannier.errors import UserError
from pannier.spark.writes.row_operations import RowOperations, RowRules

PLAIN = RowRules("shop", ("PK",), "put", None, "absent", {})
DELETES = RowRules("shop", ("PK",), "delete", None, "absent", {})
MARKED = RowRules("shop", ("PK",), "put", "gone", "absent", {})


def operations(rules: RowRules, *batches: pa.RecordBatch) -> list[Operation | Failure]:
    rows = RowOperations("partition 3", rules, batches[0].schema)
    return list(rows.of(batches))


def contents(made: list[Operation | Failure]) -> list[Any]:
    return [each.attributes for each in made]


def test_rows_are_puts_with_their_place() -> None:
    batches = [pa.record_batch({"PK": [name], "n": [7]}) for name in "ab"]
    first, second = operations(PLAIN, *batches)
    assert contents([first, second]) == [
        {"PK": {"S": "a"}, "n": {"N": "7"}},
        {"PK": {"S": "b"}, "n": {"N": "7"}},
    ]
    assert str(second.origin) == "partition 3, row 2"


def test_deletes_are_of_the_keys_alone() -> None:
    (made,) = operations(DELETES, pa.record_batch({"n": [7], "PK": ["a"]}))
    assert isinstance(made, Operation)
    assert made.kind is Kind.DELETE
    assert made.attributes == {"PK": {"S": "a"}}


def test_a_column_says_of_each_row_whether_it_is_a_delete_and_is_not_stored() -> None:
    batch = pa.record_batch({"PK": ["a", "b", "c"], "gone": [True, False, None], "n": [1, 2, 3]})
    delete, put, neither = operations(MARKED, batch)
    assert isinstance(delete, Operation)
    assert isinstance(put, Operation)
    assert (delete.kind, put.kind) == (Kind.DELETE, Kind.PUT)
    assert delete.attributes == {"PK": {"S": "a"}}
    assert put.attributes == {"PK": {"S": "b"}, "n": {"N": "2"}}
    assert isinstance(neither, Failure)
    assert neither.reason == "gone is null: neither a put nor a delete"


@given(st.lists(st.lists(st.tuples(st.text("abc", min_size=1), st.booleans()), max_size=5)))
def test_each_row_gives_one_operation_and_order_is_kept(parts: list[list[Any]]) -> None:
    schema = pa.schema([("PK", pa.string()), ("gone", pa.bool_()), ("n", pa.int64())])
    number = 0
    batches, expected = [], []
    for part in parts:
        rows = []
        for key, gone in part:
            rows.append({"PK": key, "gone": gone, "n": number})
            expected.append((key, None if gone else str(number)))
            number += 1
        batches.append(pa.RecordBatch.from_pylist(rows, schema))
    made = list(RowOperations("partition", MARKED, schema).of(batches))
    found = [(each.attributes["PK"]["S"], each.attributes.get("n", {}).get("N")) for each in made]
    assert found == expected


def test_marks_make_sets_and_numbers_of_arrays_and_texts() -> None:
    rules = RowRules("shop", ("PK",), "put", None, "absent", {"t": {"is": "SS"}, "n": {"is": "N"}})
    batch = pa.record_batch({"PK": ["a"], "t": [["x", "y"]], "n": ["1e3"]})
    assert contents(operations(rules, batch)) == [
        {"PK": {"S": "a"}, "t": {"SS": ["x", "y"]}, "n": {"N": "1e3"}}
    ]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York"])
def test_a_moment_is_the_same_whatever_the_time_zone_of_the_session(zone: str) -> None:
    moment = datetime.datetime(2026, 7, 1, 12, 0, tzinfo=datetime.UTC)
    kind = pa.timestamp("us", zone)
    struct = pa.struct([("at", kind)])
    columns = [
        pa.array(["a"]),
        pa.array([moment], kind),
        pa.array([[moment]], pa.list_(kind)),
        pa.array([{"at": moment}], struct),
        pa.array([[("k", moment)]], pa.map_(pa.string(), kind)),
    ]
    batch = pa.record_batch(columns, names=["PK", "at", "list", "struct", "map"])
    text = {"S": "2026-07-01T12:00:00+00:00"}
    assert contents(operations(PLAIN, batch)) == [
        {
            "PK": {"S": "a"},
            "at": text,
            "list": {"L": [text]},
            "struct": {"M": {"at": text}},
            "map": {"M": {"k": text}},
        }
    ]


@pytest.mark.parametrize(
    ("rules", "columns", "said"),
    [
        (PLAIN, {"n": [1]}, "no column PK, which the key of shop needs"),
        (MARKED, {"PK": ["a"]}, "no column gone, named by deleteColumn"),
        (MARKED, {"PK": ["a"], "gone": ["yes"]}, "gone, named by deleteColumn, is no boolean"),
        (PLAIN, {"PK": ["a"], "d": [datetime.timedelta(1)]}, "duration"),
    ],
)
def test_columns_that_can_not_be_written_are_said_before_any_row(
    rules: RowRules, columns: dict[str, Any], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        RowOperations("the data frame", rules, pa.record_batch(columns).schema)


def test_columns_that_are_not_wanted_may_be_of_any_type() -> None:
    batch = pa.record_batch({"PK": ["a"], "d": [datetime.timedelta(1)]})
    assert contents(operations(DELETES, batch)) == [{"PK": {"S": "a"}}]
