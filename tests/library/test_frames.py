"""Data frames and Arrow tables: written as they are, and made of items that were read."""

import sys
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.batch.operation import Operation
from pannier.batch.report import Failure
from pannier.errors import UserError
from pannier.library.frames import is_frame, rows, to_arrow
from pannier.model.attribute_value import Item
from pannier.model.plain import ConversionError, from_item, to_item

COLUMNS: dict[str, list[Any]] = {
    "PK": ["a", "b", "c"],
    "price": [79.5, None, 0.1],
    "tags": [["x"], [], None],
    "count": [1, 2, 3],
}
EXPECTED: list[Item] = [
    {
        "PK": {"S": "a"},
        "price": {"N": "79.5"},
        "tags": {"L": [{"S": "x"}]},
        "count": {"N": "1"},
    },
    {"PK": {"S": "b"}, "tags": {"L": []}, "count": {"N": "2"}},
    {"PK": {"S": "c"}, "price": {"N": "0.1"}, "count": {"N": "3"}},
]


def puts(frame: Any) -> list[Item]:
    found = list(rows(frame))
    assert all(isinstance(each, Operation) and each.table == "" for each in found)
    return [each.attributes for each in found if isinstance(each, Operation)]


FRAMES: dict[str, Any] = {
    "pandas": pd.DataFrame(COLUMNS),
    "polars": pl.DataFrame(COLUMNS),
    "pyarrow table": pa.table(COLUMNS),
    "pyarrow batch": pa.RecordBatch.from_pydict(COLUMNS),
    "pyarrow reader": pa.table(COLUMNS).to_reader(max_chunksize=1),
}


@pytest.mark.parametrize("library", FRAMES)
def test_the_rows_of_a_frame_are_items(library: str) -> None:
    assert is_frame(FRAMES[library])
    assert puts(FRAMES[library]) == EXPECTED


def test_what_is_no_frame() -> None:
    assert not is_frame([{"PK": "a"}])
    assert not is_frame("x.parquet")


def test_an_index_without_a_name_is_left_out_and_one_with_a_name_is_a_column() -> None:
    frame = pd.DataFrame({"n": [1, 2]}, index=[5, 7])
    assert puts(frame) == [{"n": {"N": "1"}}, {"n": {"N": "2"}}]
    frame.index.name = "PK"
    assert puts(frame)[0] == {"n": {"N": "1"}, "PK": {"N": "5"}}


def test_a_part_of_a_frame_is_only_that_part() -> None:
    assert puts(pa.table(COLUMNS).slice(1, 1)) == EXPECTED[1:2]
    assert puts(pl.DataFrame(COLUMNS)[2:]) == EXPECTED[2:]
    assert puts(pd.DataFrame(COLUMNS).iloc[:0]) == []


def test_nan_is_a_missing_value_in_pandas_and_a_failure_in_polars() -> None:
    """pandas means a missing value by it; polars has nulls for that, and means the number."""
    values = {"PK": ["a"], "x": [float("nan")]}
    assert puts(pd.DataFrame(values)) == [{"PK": {"S": "a"}}]
    (failure,) = rows(pl.DataFrame(values))
    assert isinstance(failure, Failure)
    assert failure.reason == "x: nan has no DynamoDB form"
    assert str(failure.origin) == "data frame, row 1"


def test_types_of_the_libraries_own() -> None:
    frame = pl.DataFrame(
        {
            "PK": pl.Series(["a"], dtype=pl.Categorical),
            "level": pl.Series(["low"], dtype=pl.Enum(["low", "high"])),
            "price": pl.Series([Decimal("79.50")], dtype=pl.Decimal(10, 2)),
            "raw": [b"\x00"],
            "fixed": pl.Series([[1, 2]], dtype=pl.Array(pl.Int8, 2)),
            "size": [{"w": 1, "h": None}],
        }
    )
    assert puts(frame) == [
        {
            "PK": {"S": "a"},
            "level": {"S": "low"},
            "price": {"N": "79.5"},
            "raw": {"B": "AA=="},
            "fixed": {"L": [{"N": "1"}, {"N": "2"}]},
            "size": {"M": {"w": {"N": "1"}}},
        }
    ]


def test_a_column_without_a_dynamodb_form_stops_before_anything_is_sent() -> None:
    frame = pd.DataFrame({"PK": ["a"], "wait": pd.to_timedelta([5], unit="s")})
    with pytest.raises(UserError) as caught:
        next(rows(frame))
    assert "data frame, column wait: duration" in caught.value.message
    assert caught.value.advice


def test_a_column_of_mixed_objects_says_what_to_do() -> None:
    with pytest.raises(UserError) as caught:
        list(rows(pd.DataFrame({"x": [1, "a", {"b": 1}]})))
    assert caught.value.message.startswith("the data frame can't be made columns of Arrow: ")
    assert "to_dict('records')" in caught.value.advice


def test_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserError, match="this format needs pyarrow"):
        list(rows(FRAMES["pandas"]))


# Out


def test_a_table_of_items() -> None:
    content = [{"PK": "a", "n": 1, "price": Decimal("79.5")}, {"PK": "b", "tags": {"x"}}]
    table = to_arrow(content)
    assert table.column_names == ["PK", "n", "price", "tags"]
    assert table["price"].to_pylist() == [Decimal("79.5"), None]
    assert to_arrow(content, numbers="float")["price"].to_pylist() == [79.5, None]
    assert to_arrow(content).to_pandas()["PK"].tolist() == ["a", "b"]
    assert pl.from_arrow(to_arrow(content))["tags"].to_list() == [None, ["x"]]  # type: ignore[index]


def test_no_items_are_a_table_without_columns() -> None:
    assert to_arrow([]).num_rows == 0


def test_an_item_without_a_dynamodb_form() -> None:
    with pytest.raises(ConversionError, match="nan has no DynamoDB form"):
        to_arrow([{"x": float("nan")}])


_values = st.recursive(
    st.one_of(
        st.text("ab\u00e9", max_size=3),
        st.integers(-(10**20), 10**20),
        st.decimals(-100, 100, places=3),
        st.booleans(),
        st.none(),
        st.binary(max_size=3),
        st.sets(st.text("ab", max_size=2), min_size=1),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abc"), _values, min_size=1), min_size=1))
def test_items_through_a_table_come_back(content: list[dict[str, Any]]) -> None:
    expected = [from_item(to_item(item)) for item in content]
    assert [from_item(item) for item in puts(to_arrow(content))] == expected
