"""Files that something else wrote go in and come out equal: pandas, polars, boto3, moto, `aws`."""

import csv
import datetime
import gzip
import json
from base64 import b64encode
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from moto import mock_aws

from pannier.model.attribute_value import Item
from pannier.model.plain import from_item
from tests.files.elements import elements, failures, items, puts, written

FRAME = pd.DataFrame(
    {
        "PK": ["a", "b", "c"],
        "price": [79.5, 0.1, 1e-7],
        "count": [1, 2**53 + 1, -3],
        "sold": [True, False, True],
        "when": pd.to_datetime(
            ["2026-11-25T09:30:00", "2026-11-25T09:30:00.5", None], format="ISO8601"
        ),
        "note": ['x, "y"', None, "é\n"],
        "maybe": pd.array([1, None, 3], "Int64"),
        "kind": pd.Categorical(["u", "v", "u"]),
    }
)
ROWS: list[Item] = [
    {
        "PK": {"S": "a"},
        "price": {"N": "79.5"},
        "count": {"N": "1"},
        "sold": {"BOOL": True},
        "when": {"S": "2026-11-25T09:30:00"},
        "note": {"S": 'x, "y"'},
        "maybe": {"N": "1"},
        "kind": {"S": "u"},
    },
    {
        "PK": {"S": "b"},
        "price": {"N": "0.1"},
        "count": {"N": "9007199254740993"},
        "sold": {"BOOL": False},
        "when": {"S": "2026-11-25T09:30:00.500000"},
        "kind": {"S": "v"},
    },
    {
        "PK": {"S": "c"},
        "price": {"N": "0.0000001"},
        "count": {"N": "-3"},
        "sold": {"BOOL": True},
        "note": {"S": "é\n"},
        "maybe": {"N": "3"},
        "kind": {"S": "u"},
    },
]


# pandas and polars


@pytest.mark.parametrize("index", [False, True])
@pytest.mark.parametrize("compression", ["snappy", "gzip", "zstd", None])
def test_parquet_of_pandas(tmp_path: Path, index: bool, compression: Any) -> None:
    FRAME.to_parquet(tmp_path / "x.parquet", index=index, compression=compression)
    assert items(tmp_path / "x.parquet") == ROWS


def test_parquet_of_pandas_with_an_index_of_its_own(tmp_path: Path) -> None:
    """An index with a name is a column as any other; one without is only the order of rows."""
    FRAME.set_index("PK").to_parquet(tmp_path / "x.parquet")
    assert items(tmp_path / "x.parquet") == ROWS
    FRAME.iloc[[2, 0]].to_parquet(tmp_path / "y.parquet")
    assert items(tmp_path / "y.parquet") == [ROWS[2], ROWS[0]]


def test_feather_of_pandas(tmp_path: Path) -> None:
    FRAME.to_feather(tmp_path / "x.feather")
    assert items(tmp_path / "x.feather") == ROWS


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.tsv"])
def test_csv_of_pandas(tmp_path: Path, name: str) -> None:
    FRAME.to_csv(tmp_path / name, index=False, sep="\t" if name == "x.tsv" else ",")
    expected: list[Item] = [dict(row) for row in ROWS]
    for row, moment in zip(
        expected[:2], ["2026-11-25 09:30:00.000", "2026-11-25 09:30:00.500"], strict=True
    ):
        row["when"] = {"S": moment}
    assert items(tmp_path / name) == expected


def test_json_lines_of_pandas(tmp_path: Path) -> None:
    frame = FRAME[["PK", "price", "count", "sold", "note"]]
    frame.to_json(tmp_path / "x.jsonl", orient="records", lines=True, double_precision=15)
    frame.to_json(tmp_path / "x.json", orient="records", double_precision=15)
    expected = [{name: row.get(name, {"NULL": True}) for name in frame} for row in ROWS]
    assert items(tmp_path / "x.jsonl") == expected
    assert items(tmp_path / "x.json") == expected


@pytest.mark.parametrize("form", ["parquet", "arrow", "stream", "jsonl", "csv"])
def test_files_of_polars(tmp_path: Path, form: str) -> None:
    frame = pl.DataFrame(
        {
            "PK": ["a", "b"],
            "price": [Decimal("79.50"), None],
            "tags": [["x", None], []],
            "size": [{"w": 1.5, "h": None}, {"w": 2.0, "h": 3}],
            "day": [datetime.date(2026, 11, 25), None],
        }
    )
    path = tmp_path / ("x." + form.replace("stream", "arrows"))
    expected: list[Item] = [
        {
            "PK": {"S": "a"},
            "price": {"N": "79.5"},
            "tags": {"L": [{"S": "x"}, {"NULL": True}]},
            "size": {"M": {"w": {"N": "1.5"}}},
            "day": {"S": "2026-11-25"},
        },
        {"PK": {"S": "b"}, "tags": {"L": []}, "size": {"M": {"w": {"N": "2"}, "h": {"N": "3"}}}},
    ]
    match form:
        case "parquet":
            frame.write_parquet(path)
        case "arrow":
            frame.write_ipc(path)
        case "stream":
            frame.write_ipc_stream(path)
        case "jsonl":
            frame.select("PK", "tags").write_ndjson(path)
            expected = [{name: row[name] for name in ("PK", "tags")} for row in expected]
        case "csv":
            frame.select("PK", "day").write_csv(path)
            expected = [{"PK": {"S": "a"}, "day": {"S": "2026-11-25"}}, {"PK": {"S": "b"}}]
    assert items(path) == expected


def test_parquet_of_pyarrow_is_what_to_pylist_gives(tmp_path: Path) -> None:
    table = pa.Table.from_pylist(
        [
            {"PK": "a", "n": 1, "m": {"x": [1.5, 2.0]}, "b": b"\x00", "d": Decimal("1.5")},
            {"PK": "b", "n": 2, "m": {"x": []}, "b": b"", "d": Decimal("-0.5")},
        ]
    )
    pq.write_table(table, tmp_path / "x.parquet")
    assert [from_item(item) for item in items(tmp_path / "x.parquet")] == table.to_pylist()


def test_what_pannier_writes_others_read(tmp_path: Path) -> None:
    """Exact decimals by default; floating-point columns where they are asked for."""
    content: list[Item] = [
        {"PK": {"S": "a"}, "n": {"N": "1"}, "price": {"N": "79.5"}},
        {"PK": {"S": "b"}, "tags": {"SS": ["x", "y"]}, "price": {"N": "0.25"}},
    ]
    frame = pd.read_parquet(written(tmp_path / "x.parquet", content))
    assert frame["price"].tolist() == [Decimal("79.5"), Decimal("0.25")]
    assert frame["PK"].tolist() == ["a", "b"]
    floats = pl.read_parquet(written(tmp_path / "y.parquet", content, numbers="float"))
    assert floats["price"].dtype == pl.Float64
    assert floats["tags"].to_list() == [None, ["x", "y"]]
    feather = pyarrow.feather.read_table(written(tmp_path / "x.feather", content))
    assert feather["n"].to_pylist() == [1, None]


# Python's csv and json modules, numpy


def test_dict_writer_of_the_csv_module(tmp_path: Path) -> None:
    with (tmp_path / "x.csv").open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, ["PK", "n", "text"], quoting=csv.QUOTE_NONNUMERIC)
        writer.writeheader()
        writer.writerow({"PK": "a", "n": 1.5, "text": 'say "hi",\nplease'})
        writer.writerow({"PK": "b", "n": 2})
    assert items(tmp_path / "x.csv") == [
        {"PK": {"S": "a"}, "n": {"N": "1.5"}, "text": {"S": 'say "hi",\nplease'}},
        {"PK": {"S": "b"}, "n": {"N": "2"}},
    ]


def test_columns_of_numpy(tmp_path: Path) -> None:
    table = pa.table({"x": np.array([0.1, 0.2], "float32"), "y": np.array([1, 2], "uint8")})
    pq.write_table(table, tmp_path / "x.parquet")
    assert items(tmp_path / "x.parquet") == [
        {"x": {"N": "0.1"}, "y": {"N": "1"}},
        {"x": {"N": "0.2"}, "y": {"N": "2"}},
    ]


# Answers of the API

ITEMS: list[Item] = [
    {"PK": {"S": f"item#{number}"}, "n": {"N": str(number)}, "tags": {"SS": ["a", "b"]}}
    for number in range(5)
] + [{"PK": {"S": "raw"}, "raw": {"B": "AP8="}, "deep": {"M": {"l": {"L": [{"NULL": True}]}}}}]


@pytest.fixture
def scan_answer() -> dict[str, Any]:
    """What a scan answers, from a server that is not Pannier's."""
    with mock_aws():
        client = boto3.client(
            "dynamodb", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        client.create_table(
            TableName="t",
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        for item in ITEMS:
            content = json.loads(json.dumps(item).replace('"AP8="', '"?"'))
            if "raw" in content:
                content["raw"] = {"B": b"\x00\xff"}
            client.put_item(TableName="t", Item=content)
        answer: dict[str, Any] = client.scan(TableName="t")
    return answer


def text_of(answer: Any, **layout: Any) -> str:
    return json.dumps(answer, default=lambda raw: b64encode(raw).decode(), **layout)


LAYOUTS: dict[str, Any] = {
    "spaced": {},
    "indented": {"indent": 4},
    "dense": {"separators": (",", ":")},
}


@pytest.mark.parametrize(
    ("name", "layout"),
    [
        (name, layout)
        for name in ("scan.json", "scan.jsonl", "scan", "scan.json.gz")
        for layout in LAYOUTS
        if (name, layout) != ("scan.jsonl", "indented")  # those would be no JSON lines
    ],
)
def test_a_scan_answer_is_its_items(
    tmp_path: Path, scan_answer: dict[str, Any], name: str, layout: str
) -> None:
    """As `aws dynamodb scan > FILE` writes it, and as a program may dump it: on one line."""
    text = text_of(scan_answer, **LAYOUTS[layout]) + "\n"
    path = tmp_path / name
    path.write_bytes(
        gzip.compress(text.encode(), mtime=0) if name.endswith("gz") else text.encode()
    )
    found = sorted(items(path), key=lambda item: item["PK"]["S"])
    expected = sorted(ITEMS, key=lambda item: item["PK"]["S"])
    assert [{**item, **_sorted_tags(item)} for item in found] == expected


def _sorted_tags(item: Item) -> Item:
    return {"tags": {"SS": sorted(item["tags"]["SS"])}} if "tags" in item else {}


@pytest.mark.parametrize("separator", ["\n", "", "\n\n"])
def test_pages_one_after_another(tmp_path: Path, separator: str) -> None:
    pages = [
        json.dumps({"Items": ITEMS[:2], "Count": 2, "LastEvaluatedKey": {"PK": {"S": "x"}}}),
        json.dumps({"Items": [], "Count": 0, "ScannedCount": 7}),
        json.dumps({"Items": ITEMS[2:], "Count": 4, "ConsumedCapacity": None}),
    ]
    (tmp_path / "x").write_text(separator.join(pages))
    assert items(tmp_path / "x") == ITEMS


def test_an_answer_of_batch_get_item_names_its_tables(tmp_path: Path) -> None:
    answer = {"Responses": {"one": ITEMS[:2], "two": ITEMS[2:3]}, "UnprocessedKeys": {}}
    (tmp_path / "x.json").write_text(json.dumps(answer))
    found = elements(tmp_path / "x.json", table=None)
    assert [each.table for each in found] == ["one", "one", "two"]
    assert puts(found) == ITEMS[:3]


def test_answers_of_get_item_one_a_line(tmp_path: Path) -> None:
    answers = [{"Item": item, "ConsumedCapacity": {"TableName": "t"}} for item in ITEMS]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(each) + "\n" for each in answers))
    assert items(tmp_path / "x.jsonl") == ITEMS


def test_pages_of_plain_items(tmp_path: Path) -> None:
    """As a program with boto3's resources dumps them."""
    (tmp_path / "x.json").write_text(json.dumps({"Items": [{"PK": "a", "n": 1.5}], "Count": 1}))
    assert items(tmp_path / "x.json") == [{"PK": {"S": "a"}, "n": {"N": "1.5"}}]


def test_an_item_with_attributes_of_such_names_is_an_item(tmp_path: Path) -> None:
    content: list[Item] = [
        {"Items": {"L": []}, "Count": {"N": "1"}},
        {"RequestItems": {"M": {"a": {"L": []}}}},
        {"Item": {"M": {"S": {"S": "x"}}}},
        {"PutRequest": {"M": {}}},
    ]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(each) + "\n" for each in content))
    assert items(tmp_path / "x.jsonl", format="dynamodb") == content
    assert failures(elements(tmp_path / "x.jsonl")) == []
