"""CSV and TSV: rows as spreadsheets, Python's csv module and databases write them."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pannier.errors import UserError
from pannier.files.column_types import ColumnType, parse_types
from pannier.files.opening import FileError
from pannier.files.source import ReadOptions
from tests.files.elements import elements, failures, items, puts, skipped_one_by_one, written


def csv_file(folder: Path, content: str | bytes, name: str = "x.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# Quoting and line ends


def test_a_plain_file(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "PK,price,sold\nPRODUCT#1,79.5,true\nPRODUCT#2,-3,FALSE\n")
    assert items(path) == [
        {"PK": {"S": "PRODUCT#1"}, "price": {"N": "79.5"}, "sold": {"BOOL": True}},
        {"PK": {"S": "PRODUCT#2"}, "price": {"N": "-3"}, "sold": {"BOOL": False}},
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_cells_in_quotes_hold_delimiters_quotes_and_line_ends(tmp_path: Path, end: str) -> None:
    path = csv_file(tmp_path, f'PK,text{end}a,"x, ""y"""{end}b,"one{end}two{end}"{end}c,plain{end}')
    assert [item["text"]["S"] for item in items(path)] == ['x, "y"', f"one{end}two{end}", "plain"]
    origins = [(each.origin.unit, each.origin.position) for each in elements(path)]
    assert origins == [("line", 2), ("line", 3), ("line", 6)]


def test_a_mark_in_front_and_no_line_end_at_the_end(tmp_path: Path) -> None:
    """As Excel writes "CSV UTF-8"."""
    path = csv_file(tmp_path, "\ufeffPK,b\r\né,2")
    assert items(path) == [{"PK": {"S": "é"}, "b": {"N": "2"}}]


def test_blank_lines_are_passed_by(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "PK\n\na\n\n\nb\n\n")
    assert [each.origin.position for each in elements(path)] == [3, 6]


@pytest.mark.parametrize(
    ("header", "row"), [("PK\tb", "a\t1"), ("PK;b", "a;1"), ("PK|b", "a|1"), ('"P,K";b', "a;1")]
)
def test_the_header_shows_what_stands_between_cells(tmp_path: Path, header: str, row: str) -> None:
    (item,) = items(csv_file(tmp_path, f"{header}\n{row}\n"))
    assert list(item.values()) == [{"S": "a"}, {"N": "1"}]


def test_the_delimiter_may_be_said(tmp_path: Path) -> None:
    (item,) = items(csv_file(tmp_path, "a:b,c\n1:2,3\n"), delimiter=":")
    assert item == {"a": {"N": "1"}, "b,c": {"S": "2,3"}}


def test_a_tsv_file_has_commas_in_its_cells(tmp_path: Path) -> None:
    (item,) = items(csv_file(tmp_path, "PK\tb\na,b\tc,d\n", "x.tsv"))
    assert item == {"PK": {"S": "a,b"}, "b": {"S": "c,d"}}


# Types


def test_types_that_were_named(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "PK,n,flag,raw,hex,tags,nums,list,map,typed,any,none\n"
        '007,1e2,1,AP8=,00ff,"a,b","[1, 2.50]","[1,null]","{""x"":0.1}",'
        '"{""x"":{""SS"":[""a""]}}","{""NS"":[""1""]}",whatever\n',
    )
    types = parse_types(
        "PK:S,n:N,flag:BOOL,raw:B,hex:B(hex),tags:SS,nums:NS,list:L,map:M,"
        "typed:M(dynamodb),any:DYNAMODB,none:NULL"
    )
    assert items(path, types=types) == [
        {
            "PK": {"S": "007"},
            "n": {"N": "100"},
            "flag": {"BOOL": True},
            "raw": {"B": "AP8="},
            "hex": {"B": "AP8="},
            "tags": {"SS": ["a", "b"]},
            "nums": {"NS": ["1", "2.5"]},
            "list": {"L": [{"N": "1"}, {"NULL": True}]},
            "map": {"M": {"x": {"N": "0.1"}}},
            "typed": {"M": {"x": {"SS": ["a"]}}},
            "any": {"NS": ["1"]},
            "none": {"NULL": True},
        }
    ]


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (["1", "-0.5", "1e3", "0"], "N"),
        (["007"], "S"),  # it would come back as 7
        (["+49"], "S"),
        (["1_000"], "S"),
        (["1" * 39], "S"),  # more digits than DynamoDB keeps
        (["NaN", "1"], "S"),
        (["true", "False"], "BOOL"),
        (["true", "1"], "S"),
        (['"[1]"', '"[]"'], "L"),
        (['"{""a"":1}"'], "M"),
        (['"[1"'], "S"),
        (["", ""], "S"),
        (["", "5"], "N"),
    ],
)
def test_types_are_inferred_and_shown(tmp_path: Path, cells: list[str], shown: str) -> None:
    notices: list[str] = []
    path = csv_file(tmp_path, "PK,x\n" + "".join(f"a,{cell}\n" for cell in cells))
    items(path, notice=notices.append)
    (notice,) = notices
    assert f"types PK:S,x:{shown} (from the first {len(cells)} rows; " in notice
    assert "--types" in notice


def test_types_in_the_header(tmp_path: Path) -> None:
    notices: list[str] = []
    path = csv_file(tmp_path, "PK:S,n:N,a:b:SS\n1,2,x\n")
    assert items(path, notice=notices.append) == [
        {"PK": {"S": "1"}, "n": {"N": "2"}, "a:b": {"SS": ["x"]}}
    ]
    assert notices == []


def test_a_value_that_does_not_fit_the_inferred_type_says_how_to_change_it(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "PK,x\n" + "a,1\n" * 1000 + "b,n/a\nc,2\n")
    found = elements(path)
    assert len(puts(found)) == 1001
    assert failures(found) == [
        (
            "x.csv, line 1002",
            "x: it is no number (its type N was inferred; to change it: --types x:S)",
        )
    ]


@pytest.mark.parametrize(
    ("spelled", "cell", "reason"),
    [
        ("N", "12a", "it is no number"),
        ("N", "NaN", "it is no number"),
        ("N", "1" * 39, "Attempting to store more than 38 significant digits in a Number"),
        ("N", "1e200", "Number overflow."),
        ("BOOL", "yes", "it is neither true nor false"),
        ("B", "%%%", "it is not base64"),
        ("B(hex)", "0g", "it is not hexadecimal"),
        ("SS", "[]", "a set must have members"),
        ("SS", '["a",null]', "a member of the set does not fit a SS"),
        ("SS", '["a",1]', "a member of the set does not fit a SS"),
        ("NS", "1,b", "it is no number"),
        ("NS", "[true]", "a member of the set does not fit a NS"),
        ("L", "{}", "it is no JSON array"),
        ("M", "[1", "it is not JSON"),
        ("M", '{"a": NaN}', "it is not JSON"),
        ("M(dynamodb)", '{"a": 1}', "it is no DynamoDB JSON: Unexpected field type"),
        ("DYNAMODB", '{"Q": "a"}', "it is no DynamoDB JSON: Supplied AttributeValue is empty"),
        ("DYNAMODB", r'{"S": "\ud800"}', "it is no DynamoDB JSON: a text is not valid Unicode"),
    ],
)
def test_a_cell_of_another_type_is_a_failure(
    tmp_path: Path, spelled: str, cell: str, reason: str
) -> None:
    path = tmp_path / "x.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["PK", "x"], ["a", cell], ["b", ""]])
    found = elements(path, types=parse_types(f"x:{spelled}"))
    ((place, said),) = failures(found)
    assert place == "x.csv, line 2"
    assert said.startswith(f"x: {reason}")
    assert puts(found) == [{"PK": {"S": "b"}}]
    assert found[0].attributes == {"PK": "a", "x": cell}


def test_numbers_keep_all_digits_in_json_cells_too(tmp_path: Path) -> None:
    path = csv_file(tmp_path, 'a,b\n"[0.12345678901234567890123,1e-125]",1\n')
    (item,) = items(path)
    assert item["a"]["L"] == [{"N": "0.12345678901234567890123"}, {"N": "0." + "0" * 124 + "1"}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "--types: 'x' names no type"),
        ("", "--types names no column"),
        ("x:Q", "there is no type 'Q'"),
        ("x:n", "there is no type 'n'"),
        ("x:N(hex)", "there is no type 'N(hex)'"),
        (":S", "--types: ':S' names no type"),
    ],
)
def test_types_that_make_no_sense(text: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_types(text)
    assert caught.value.message == message
    assert caught.value.advice


def test_a_set_may_have_another_separator() -> None:
    assert parse_types("a:SS(|),b:NS(;),c:d:S") == {
        "a": ColumnType("SS", "|"),
        "b": ColumnType("NS", ";"),
        "c:d": ColumnType("S"),
    }


# Empty cells


@pytest.mark.parametrize(
    ("empty", "text", "number"),
    [
        ("absent", None, None),
        ("null", {"NULL": True}, {"NULL": True}),
        ("text", {"S": ""}, None),  # an empty text is no number
    ],
)
def test_empty_cells(tmp_path: Path, empty: Any, text: Any, number: Any) -> None:
    path = csv_file(tmp_path, 'PK,t,n\na,x,1\nb,,\nc,"",\n')
    for item in items(path, empty=empty)[1:]:
        assert item.get("t") == text
        assert item.get("n") == number


def test_a_row_of_empty_cells_is_no_item(tmp_path: Path) -> None:
    found = elements(csv_file(tmp_path, "a,b\n,\nx,y\n"))
    assert failures(found) == [("x.csv, line 2", "the row is empty")]
    assert len(puts(found)) == 1


# Columns


def test_only_the_columns_that_are_wanted(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "PK,SK,rest\na,b,c\n")
    assert items(path, columns=("SK", "PK")) == [{"PK": {"S": "a"}, "SK": {"S": "b"}}]


def test_a_column_without_a_name_is_left_out_and_said(tmp_path: Path) -> None:
    """As pandas writes the index of its rows."""
    notices: list[str] = []
    assert items(csv_file(tmp_path, ",PK\n0,a\n"), notice=notices.append) == [{"PK": {"S": "a"}}]
    assert notices[0].endswith("left out, as it has no name: column 1")


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("a,b,a\n1,2,3\n", {}, "x.csv has two columns a"),
        ("a,b\n1,2\n", {"columns": ("c",)}, "x.csv has no column c"),
        ("a,b\n1,2\n", {"types": parse_types("c:N")}, "x.csv has no column c"),
        ("", {}, "x.csv: it is empty"),
        ("\n\n", {}, "x.csv: it is empty"),
        ('"a,b\n1,2\n', {}, "x.csv: a quote is never closed"),
        (b"\xff\xfea\x00", {}, "x.csv, line 1: not UTF-8 text"),
    ],
)
def test_a_header_that_can_t_be_used_stops(
    tmp_path: Path, content: Any, options: Any, message: str
) -> None:
    with pytest.raises(FileError) as caught:
        elements(csv_file(tmp_path, content), **options)
    assert caught.value.message == f"{tmp_path}/{message}"
    assert caught.value.advice


def test_rows_that_can_t_be_read_cost_only_themselves(tmp_path: Path) -> None:
    content = (
        b"PK,b\n"
        b"a,1\n"
        b"short\n"
        b"b,2,3\n"
        b'c,"x"y\n'
        b"\xff\xfe,1\n"
        b'd,"one\n'
        b'two \xff"\n'
        b"e,5\rf,6\n"
        b"g,7\n"
        b'h,"never closed\n'
        b"i,8\n"
    )
    found = elements(csv_file(tmp_path, content), types=parse_types("b:S"))
    assert [item["PK"]["S"] for item in puts(found)] == ["a", "g", "i"]
    quoting = "something stands behind a closing quote: quotes inside a cell must be doubled"
    assert failures(found) == [
        ("x.csv, line 3", "the row has 1 cells, the header 2"),
        ("x.csv, line 4", "the row has 3 cells, the header 2"),
        ("x.csv, line 5", quoting),
        ("x.csv, line 6", "this is not UTF-8 text"),
        ("x.csv, line 7", "this is not UTF-8 text"),
        ("x.csv, line 9", "a carriage return stands in a cell without quotes"),
        ("x.csv, line 11", "a quote is never closed"),
    ]


def test_a_quote_that_is_never_closed_does_not_swallow_the_file(tmp_path: Path) -> None:
    """Its line is lost; the lines behind it are read again, as rows of their own."""
    rows = "".join(f"row {number},{'x' * 1000}\n" for number in range(1500))
    found = elements(csv_file(tmp_path, f'PK,b\na,"broken\n{rows}'))
    assert failures(found) == [("x.csv, line 2", "a quote is never closed")]
    assert len(puts(found)) == 1500


def test_lines_that_are_read_again_keep_what_is_wrong_with_them(tmp_path: Path) -> None:
    """A quote that is never closed has taken good lines and bad ones with it."""
    content = b'PK,b\na,"open\nb,1\n\xff,2\nc,3\n\xff"x,4\nd,5\n'
    found = elements(csv_file(tmp_path, content), types=parse_types("b:S"))
    assert [item["PK"]["S"] for item in puts(found)] == ["b", "c", "d"]
    assert [place for place, _ in failures(found)] == [f"x.csv, line {line}" for line in (2, 4, 6)]
    assert [reason for _, reason in failures(found)][1:] == ["this is not UTF-8 text"] * 2


def test_a_line_longer_than_any_item_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("delimited", "inputs"):
        monkeypatch.setattr(f"pannier.files.{module}.LINE_BYTES_MAX", 300_000)
    long = b"b," + b"x" * 1_000_000 + b"\n"
    found = elements(csv_file(tmp_path, b"PK,b\na,1\n" + long + b"c,2\n"))
    assert [item["PK"]["S"] for item in puts(found)] == ["a", "c"]
    assert failures(found) == [("x.csv, line 3", "the line is longer than 16 MiB")]


def test_a_job_goes_on_at_any_row(tmp_path: Path) -> None:
    skipped_one_by_one(csv_file(tmp_path, 'PK,b\na,1\nshort\n"b\n",2\n\nc,x\nd,"y"z\ne,5\n'))


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9),
            st.text("ab,;\t\"'\r\n ", max_size=9),
        ),
        min_size=1,
        max_size=9,
    ),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_texts_of_python_s_csv_module_come_out_equal(
    tmp_path: Path, rows: list[tuple[str, str]], delimiter: str, end: str, quoting: Any
) -> None:
    # That module leaves a carriage return without quotes where lines end without one.
    assume(end == "\r\n" or "\r" not in "".join(map("".join, rows)))
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(["PK", "text"])
    writer.writerows(rows)
    path = csv_file(tmp_path, text.getvalue())
    types = parse_types("PK:S,text:S")
    assert items(path, types=types, empty="text") == [
        {"PK": {"S": key}, "text": {"S": value}} for key, value in rows
    ]


# Written


def test_a_header_of_bare_names_for_spreadsheets(tmp_path: Path) -> None:
    path = written(
        tmp_path / "x.csv",
        [
            {"PK": {"S": "a, b"}, "n": {"N": "79.50"}, "f": {"BOOL": True}},
            {"PK": {"S": "c"}, "tags": {"SS": ["x"]}, "none": {"NULL": True}},
            {"PK": {"S": "d"}, "m": {"M": {"x": {"N": "1"}}}, "raw": {"B": "AP8="}},
        ],
    )
    with path.open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["PK", "n", "f", "tags", "none", "m", "raw"],
            ["a, b", "79.50", "true", "", "", "", ""],
            ["c", "", "", '["x"]', "", "", ""],
            ["d", "", "", "", "", '{"x":1}', "AP8="],
        ]


def test_a_header_of_types_for_the_way_back(tmp_path: Path) -> None:
    """A column in which empty cells would mean two things holds DynamoDB JSON."""
    path = written(
        tmp_path / "x.csv",
        [{"PK": {"S": "a"}, "t": {"S": ""}, "mixed": {"N": "1"}}, {"mixed": {"S": "1"}}],
        types=True,
    )
    assert path.read_text().splitlines() == [
        "PK:S,t:DYNAMODB,mixed:DYNAMODB",
        'a,"{""S"":""""}","{""N"":""1""}"',
        ',,"{""S"":""1""}"',
    ]


def test_an_attribute_without_a_name_can_t_be_a_column(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="empty name"):
        written(tmp_path / "x.csv", [{"": {"S": "a"}}])
    assert list(tmp_path.iterdir()) == []


def test_the_table_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="does not say where its items go"):
        elements(csv_file(tmp_path, "a,b\n1,2\n"), table=None)
    assert ReadOptions().table is None
