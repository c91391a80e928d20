"""Columns of Arrow as others write them, in Parquet, Arrow files and streams: one rule each."""

import datetime
import decimal
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pannier.files import arrow_ipc, arrow_rows
from pannier.files.opening import FileError
from pannier.model.messages import NUMBER_OVERFLOW, NUMBER_UNDERFLOW
from pannier.model.plain import to_item, to_value
from tests.files.elements import elements, failures, items, puts, skipped_one_by_one

FORMS = ("x.parquet", "x.arrow", "stream", "x.feather")


def columnar(folder: Path, table: pa.Table, form: str = "x.parquet", rows: int = 3) -> Path:
    """A file with some row groups or batches."""
    path = folder / form
    if form == "x.parquet":
        pq.write_table(table, path, row_group_size=rows)
    elif form == "stream":
        with ipc.new_stream(path, table.schema) as writer:
            writer.write_table(table, rows)
    elif form == "x.feather":
        options = ipc.IpcWriteOptions(compression="lz4")
        with ipc.new_file(path, table.schema, options=options) as writer:
            writer.write_table(table, rows)
    else:
        with ipc.new_file(path, table.schema) as writer:
            writer.write_table(table, rows)
    return path


def values(folder: Path, column: pa.Array, form: str = "x.arrow", **options: Any) -> list[Any]:
    """What becomes of a column; None where the attribute is absent."""
    table = pa.table({"PK": pa.array(map(str, range(len(column)))), "x": column})
    return [item.get("x") for item in items(columnar(folder, table, form), **options)]


UTC = datetime.UTC
MOMENT = datetime.datetime(2026, 11, 25, 9, 30, 5, 120_000)
ID = uuid.UUID("12345678-1234-5678-1234-567812345678")
COLUMNS: list[tuple[str, pa.Array, list[Any]]] = [
    ("text", pa.array(["a", "", None]), [{"S": "a"}, {"S": ""}, None]),
    ("large text", pa.array(["é"], pa.large_string()), [{"S": "é"}]),
    ("text view", pa.array(["a", None], pa.string_view()), [{"S": "a"}, None]),
    ("dictionary", pa.array(["a", None, "a"]).dictionary_encode(), [{"S": "a"}, None, {"S": "a"}]),
    (
        "dictionary of numbers",
        pa.array([5, 5, 7]).dictionary_encode(),
        [{"N": "5"}, {"N": "5"}, {"N": "7"}],
    ),
    ("int8", pa.array([-128, 127], pa.int8()), [{"N": "-128"}, {"N": "127"}]),
    ("int64", pa.array([-(2**63), None]), [{"N": "-9223372036854775808"}, None]),
    ("uint64", pa.array([2**64 - 1], pa.uint64()), [{"N": "18446744073709551615"}]),
    (
        "double",
        pa.array([0.1, -0.0, 1e22, 5e-7, 100.0, 1 / 3]),
        [{"N": each} for each in ["0.1", "0", "1" + "0" * 22, "0.0000005", "100"]]
        + [{"N": "0.3333333333333333"}],
    ),
    ("float", pa.array([0.1, 16777216.0], pa.float32()), [{"N": "0.1"}, {"N": "16777216"}]),
    (
        "half",
        pa.array(np.array([0.1, 2.0, 65504.0], "float16")),
        [{"N": "0.1"}, {"N": "2"}, {"N": "65500"}],
    ),
    (
        "decimal",
        pa.array([Decimal("79.50"), Decimal("-0.05"), Decimal("100.00"), Decimal("0.00"), None]),
        [{"N": "79.5"}, {"N": "-0.05"}, {"N": "100"}, {"N": "0"}, None],
    ),
    (
        "decimal of 38 digits",
        pa.array([Decimal("9" * 38)], pa.decimal128(38, 0)),
        [{"N": "9" * 38}],
    ),
    (
        "decimal of small numbers",
        pa.array([Decimal("1e-30")], pa.decimal128(38, 30)),
        [{"N": "0." + "0" * 29 + "1"}],
    ),
    ("decimal of thousands", pa.array([Decimal(5000)], pa.decimal128(10, -3)), [{"N": "5000"}]),
    ("bool", pa.array([True, False, None]), [{"BOOL": True}, {"BOOL": False}, None]),
    (
        "bool8",
        pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, 0], pa.int8())),
        [{"BOOL": True}, {"BOOL": False}],
    ),
    ("binary", pa.array([b"\x00\xff", b"", None]), [{"B": "AP8="}, {"B": ""}, None]),
    ("fixed binary", pa.array([b"ab"], pa.binary(2)), [{"B": "YWI="}]),
    ("uuid", pa.array([ID.bytes, None], pa.uuid()), [{"S": str(ID)}, None]),
    ("date", pa.array([datetime.date(2026, 11, 25)]), [{"S": "2026-11-25"}]),
    ("date64", pa.array([datetime.date(1969, 1, 2)], pa.date64()), [{"S": "1969-01-02"}]),
    (
        "timestamp in microseconds",
        pa.array([MOMENT, MOMENT.replace(microsecond=0), None]),
        [{"S": "2026-11-25T09:30:05.120000"}, {"S": "2026-11-25T09:30:05"}, None],
    ),
    (
        "timestamp in milliseconds",
        pa.array([MOMENT], pa.timestamp("ms")),
        [{"S": "2026-11-25T09:30:05.120000"}],
    ),
    ("timestamp in seconds", pa.array([0], pa.timestamp("s")), [{"S": "1970-01-01T00:00:00"}]),
    (
        "timestamp in nanoseconds",
        pa.array([1, 1000], pa.timestamp("ns")),
        [{"S": "1970-01-01T00:00:00.000000001"}, {"S": "1970-01-01T00:00:00.000001"}],
    ),
    (
        "timestamp with a zone",
        pa.array([MOMENT.replace(tzinfo=UTC)], pa.timestamp("us", "UTC")),
        [{"S": "2026-11-25T09:30:05.120000+00:00"}],
    ),
    (
        "timestamp of a place",
        pa.array([MOMENT.replace(tzinfo=UTC)], pa.timestamp("us", "Asia/Kolkata")),
        [{"S": "2026-11-25T15:00:05.120000+05:30"}],
    ),
    ("time", pa.array([datetime.time(1, 2, 3, 4)]), [{"S": "01:02:03.000004"}]),
    ("time in seconds", pa.array([3600], pa.time32("s")), [{"S": "01:00:00"}]),
    (
        "list",
        pa.array([[1, None], [], None]),
        [{"L": [{"N": "1"}, {"NULL": True}]}, {"L": []}, None],
    ),
    (
        "large list",
        pa.array([["a"]], pa.large_list(pa.string())),
        [{"L": [{"S": "a"}]}],
    ),
    (
        "fixed list",
        pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int32(), 2)),
        [{"L": [{"N": "1"}, {"N": "2"}]}, None, {"L": [{"N": "3"}, {"N": "4"}]}],
    ),
    (
        "list of lists",
        pa.array([[["a"], None], [[]]]),
        [{"L": [{"L": [{"S": "a"}]}, {"NULL": True}]}, {"L": [{"L": []}]}],
    ),
    (
        "struct",
        pa.array([{"a": 1, "b": None}, {"a": None, "b": "x"}, None]),
        [{"M": {"a": {"N": "1"}}}, {"M": {"b": {"S": "x"}}}, None],
    ),
    (
        "struct of structs",
        pa.array([{"a": {"b": [{"c": Decimal("0.10")}]}}]),
        [{"M": {"a": {"M": {"b": {"L": [{"M": {"c": {"N": "0.1"}}}]}}}}}],
    ),
    (
        "map",
        pa.array([[("k", 1), ("l", None)], [], None], pa.map_(pa.string(), pa.int64())),
        [{"M": {"k": {"N": "1"}}}, {"M": {}}, None],
    ),
    (
        "map by numbers",
        pa.array([[(5, [True])]], pa.map_(pa.int32(), pa.list_(pa.bool_()))),
        [{"M": {"5": {"L": [{"BOOL": True}]}}}],
    ),
    ("nothing", pa.nulls(2), [None, None]),
    (
        "run-length",
        pa.compute.run_end_encode(pa.array(["a", "a", "b"])),
        [{"S": "a"}, {"S": "a"}, {"S": "b"}],
    ),
]
# What Parquet has no type for; pyarrow refuses to write it.
ONLY_ARROW = {"run-length", "half", "decimal of thousands"}


@pytest.mark.parametrize(("name", "column", "expected"), COLUMNS, ids=[each[0] for each in COLUMNS])
def test_a_column_of_each_type(
    tmp_path: Path, name: str, column: pa.Array, expected: list[Any]
) -> None:
    assert values(tmp_path, column) == expected
    if name not in ONLY_ARROW:
        assert values(tmp_path, column, "x.parquet") == expected


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("part_rows", [2, 4096])
def test_all_of_them_in_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, part_rows: int
) -> None:
    """Several row groups or batches, taken in parts, each row where it was."""
    monkeypatch.setattr(arrow_rows, "PART_ROWS", part_rows)
    monkeypatch.setattr(arrow_ipc, "PART_ROWS", part_rows)
    chosen = [each for each in COLUMNS if each[0] not in ONLY_ARROW and len(each[1]) == 3]
    table = pa.table({name: pa.concat_arrays([column] * 4) for name, column, _ in chosen})
    assert len(chosen) > 5
    expected = [
        {name: cells[row] for name, _, cells in chosen if cells[row] is not None}
        for row in range(3)
    ] * 4
    path = columnar(tmp_path, table, form, rows=5)
    assert items(path) == expected
    assert [str(each.origin) for each in elements(path)][-1].endswith("row 12")
    skipped_one_by_one(path)


@pytest.mark.parametrize("form", FORMS)
def test_a_row_without_a_dynamodb_form_is_a_failure(tmp_path: Path, form: str) -> None:
    table = pa.table(
        {
            "PK": ["a", "b", "c", "d", None],
            "x": [1.5, float("nan"), None, float("-inf"), None],
            "raw": [b"\xff", b"\xfe", None, None, None],
        }
    )
    found = elements(columnar(tmp_path, table, form))
    assert puts(found) == [
        {"PK": {"S": "a"}, "x": {"N": "1.5"}, "raw": {"B": "/w=="}},
        {"PK": {"S": "c"}},
    ]
    assert failures(found) == [
        (f"{form}, row 2", "x: nan has no DynamoDB form"),
        (f"{form}, row 4", "x: -inf has no DynamoDB form"),
        (f"{form}, row 5", "the row is empty"),
    ]
    assert found[1].attributes == {"PK": "b", "x": "nan", "raw": "fe"}


def test_a_number_out_of_range_is_a_failure(tmp_path: Path) -> None:
    found = elements(columnar(tmp_path, pa.table({"x": [1e200, 1e-200, 1e100]})))
    assert [reason for _, reason in failures(found)] == [
        f"x: 1e+200: {NUMBER_OVERFLOW}",
        f"x: 1e-200: {NUMBER_UNDERFLOW}",
    ]
    assert puts(found) == [{"x": {"N": "1" + "0" * 100}}]


def test_a_text_that_is_not_utf8_is_a_failure(tmp_path: Path) -> None:
    """Parquet's readers do not look; the text of one row must not end the job."""
    raw = pa.array([b"a", b"\xff", b"c"])
    texts = pa.StringArray.from_buffers(3, raw.buffers()[1], raw.buffers()[2])
    found = elements(columnar(tmp_path, pa.table({"x": texts})))
    assert failures(found) == [("x.parquet, row 2", "a text is not UTF-8")]
    assert puts(found) == [{"x": {"S": "a"}}, {"x": {"S": "c"}}]


def test_a_map_with_one_key_twice_is_a_failure(tmp_path: Path) -> None:
    column = pa.array([[("k", 1), ("k", 2)]], pa.map_(pa.string(), pa.int64()))
    found = elements(columnar(tmp_path, pa.table({"x": column})))
    assert failures(found) == [("x.parquet, row 1", "x: a map has the key 'k' twice")]


@pytest.mark.parametrize(
    ("empty", "text", "number", "inner"),
    [
        ("absent", None, None, {}),
        ("null", {"NULL": True}, {"NULL": True}, {"b": {"NULL": True}}),
        ("text", {"S": ""}, None, {}),
    ],
)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_nulls(
    tmp_path: Path, empty: str, text: Any, number: Any, inner: Any, kind: pa.DataType
) -> None:
    table = pa.table(
        {
            "PK": ["a"],
            "t": pa.array([None], kind),
            "d": pa.array([None], pa.string()).dictionary_encode(),
            "n": pa.array([None], pa.int64()),
            "m": pa.array([{"a": "x", "b": None}]),
        }
    )
    (item,) = items(columnar(tmp_path, table, "x.arrow"), empty=empty)
    assert (item.get("t"), item.get("d"), item.get("n")) == (text, text, number)
    assert item["m"] == {"M": {"a": {"S": "x"}, **inner}}


@pytest.mark.parametrize("form", FORMS)
def test_only_the_columns_that_are_wanted(tmp_path: Path, form: str) -> None:
    table = pa.table({"a": [1], "a.b": ["x"], "c": [{"d": 1}], "e": [pa.scalar(5)]})
    path = columnar(tmp_path, table, form)
    assert items(path, columns=("c", "a.b")) == [{"a.b": {"S": "x"}, "c": {"M": {"d": {"N": "1"}}}}]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (pa.table({"a": [1]}), {"columns": ("b",)}, "has no column b"),
        (pa.table([[1], [2]], names=["a", "a"]), {}, "has two columns a"),
        (
            pa.table({"a": pa.array([5], pa.duration("s"))}),
            {},
            "column a: duration[s] has no DynamoDB form",
        ),
    ],
)
def test_columns_that_can_t_be_used_stop(
    tmp_path: Path, form: str, table: pa.Table, options: Any, message: str
) -> None:
    path = columnar(tmp_path, table, form)
    with pytest.raises(FileError) as caught:
        elements(path, **options)
    assert message in caught.value.message
    assert caught.value.message.startswith(str(path))
    assert caught.value.advice


def test_a_column_without_a_dynamodb_form_may_be_left_out(tmp_path: Path) -> None:
    table = pa.table({"a": [1], "b": pa.array([5], pa.duration("s"))})
    assert items(columnar(tmp_path, table, "x.arrow"), columns=("a",)) == [{"a": {"N": "1"}}]


def test_marks_that_do_not_fit_their_columns_any_more_are_ignored(tmp_path: Path) -> None:
    """As when a file of Pannier's was changed by another program that kept its metadata."""
    marks = b'{"a": {"is": "SS"}, "b": {"is": "DYNAMODB"}, "c": {"is": "NEW"}, "d": 5}'
    table = pa.table({"a": ["x"], "b": [1], "c": ["y"], "d": [True]})
    table = table.replace_schema_metadata({b"pannier": marks})
    expected = {"a": {"S": "x"}, "b": {"N": "1"}, "c": {"S": "y"}, "d": {"BOOL": True}}
    assert items(columnar(tmp_path, table)) == [expected]
    broken = table.replace_schema_metadata({b"pannier": b"not JSON"})
    assert items(columnar(tmp_path, broken)) == [expected]


def test_numbers_are_those_of_python_s_own_conversion() -> None:
    """One rule on all ways in: a float is its shortest text that reads back the same."""
    from pannier.files.arrow_values import simplified, tag_of

    numbers = [0.1, 1e16, 1e15, 123456789012345680.0, 1e-7, 2.5e-8, -1e21, 1.7976e100, 0.0]
    column = pa.array(numbers)
    tag = tag_of(column.type, {}, nulls=False)
    assert [tag(text) for text in simplified(column).to_pylist()] == [
        to_value(number) for number in numbers
    ]


_cells: dict[Any, st.SearchStrategy[Any]] = {
    pa.string(): st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(-1e100, 1e100).filter(lambda x: x == 0 or abs(x) > 1e-100),
    pa.float32(): st.floats(-(2.0**99), 2.0**99, width=32),
    pa.bool_(): st.booleans(),
    pa.binary(): st.binary(max_size=4),
    pa.decimal128(20, 5): st.decimals(-(10**9), 10**9, places=5),
    pa.timestamp("us"): st.datetimes(),
    pa.date32(): st.dates(),
    pa.time64("us"): st.times(),
}


def _nested(kind: pa.DataType) -> st.SearchStrategy[Any]:
    if pa.types.is_list(kind):
        return st.lists(st.none() | _nested(kind.value_type), max_size=3)
    if pa.types.is_struct(kind):
        return st.fixed_dictionaries(
            {kind.field(at).name: _nested(kind.field(at).type) for at in range(kind.num_fields)}
        )
    return _cells[kind]


_kinds = st.recursive(
    st.sampled_from(list(_cells)),
    lambda inner: st.one_of(
        inner.map(pa.list_),
        st.lists(inner, min_size=1, max_size=2).map(
            lambda kinds: pa.struct([(f"f{at}", kind) for at, kind in enumerate(kinds)])
        ),
    ),
    max_leaves=3,
)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data(), _kinds, st.sampled_from(FORMS))
def test_what_pyarrow_wrote_is_what_python_s_conversion_gives(
    tmp_path: Path, data: st.DataObject, kind: pa.DataType, form: str
) -> None:
    """The column-wise way through Arrow and the way through Python values meet."""
    cells = data.draw(st.lists(_nested(kind), min_size=1, max_size=7))
    path = columnar(tmp_path, pa.table({"x": pa.array(cells, kind)}), form)
    with decimal.localcontext(decimal.Context(prec=50)):
        assert items(path) == [to_item({"x": _narrowed(cell, kind)}) for cell in cells]


def _narrowed(cell: Any, kind: pa.DataType) -> Any:
    """A cell as Python's conversion must see it: a short float by its own text."""
    if cell is None:
        return None
    if pa.types.is_list(kind):
        return [_narrowed(each, kind.value_type) for each in cell]
    if pa.types.is_struct(kind):
        return {
            kind.field(at).name: _narrowed(cell[kind.field(at).name], kind.field(at).type)
            for at in range(kind.num_fields)
        }
    return np.float32(cell) if kind == pa.float32() else cell
