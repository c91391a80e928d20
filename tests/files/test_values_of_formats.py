"""One rule for each kind of value, the same on every way in.

Python's side of it is `model.plain`; these tests hold the files to it: the same values as plain
Python, JSON, CSV and columns of Arrow become the same DynamoDB JSON.
"""

import datetime
import json
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pannier.files.column_types import parse_types
from pannier.model.plain import ConversionError, to_value
from tests.files.elements import elements, failures, items

ID = "12345678-1234-5678-1234-567812345678"


def in_json(folder: Path, text: str) -> Any:
    (folder / "x.jsonl").write_text('{"PK": "a", "x": ' + text + "}\n")
    return items(folder / "x.jsonl")[0]["x"]


def in_csv(folder: Path, cell: str, spelled: str = "") -> Any:
    (folder / "x.csv").write_text(f"PK,x\na,{cell}\n")
    types = parse_types(f"x:{spelled}") if spelled else {}
    return items(folder / "x.csv", types=types)[0]["x"]


def in_parquet(folder: Path, column: Any) -> Any:
    pq.write_table(pa.table({"x": column}), folder / "x.parquet")
    return items(folder / "x.parquet")[0]["x"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1, "0.1"),
        (1e22, "1" + "0" * 22),
        (5e-324 * 1e200, "0." + "0" * 123 + "4940656458412465"),
        (100.0, "100"),
        (-0.0, "0"),
        (1 / 3, "0.3333333333333333"),
        (1e16, "1" + "0" * 16),
        (123456789.123456789, "123456789.12345679"),
    ],
)
def test_a_float_is_the_shortest_text_that_reads_back_the_same(
    tmp_path: Path, number: float, text: str
) -> None:
    expected = {"N": text}
    assert to_value(number) == expected
    assert in_json(tmp_path, repr(number)) == expected
    assert in_csv(tmp_path, repr(number)) == expected
    assert in_parquet(tmp_path, pa.array([number])) == expected


@pytest.mark.parametrize(
    "digits",
    ["79.5", "0.12345678901234567890123456789012345678", "9" * 38, "-1e-130", "9.9e125", "1.50"],
)
def test_a_decimal_keeps_all_its_digits(tmp_path: Path, digits: str) -> None:
    """In JSON and CSV numbers are decimals, as they stand there."""
    expected = to_value(Decimal(digits))
    assert in_json(tmp_path, digits) == expected
    assert in_csv(tmp_path, digits, "N") == expected
    if "e" not in digits:
        assert in_parquet(tmp_path, pa.array([Decimal(digits)])) == expected


@pytest.mark.parametrize("digits", ["1" * 39, "1e126", "1e-131", "0.1" + "0" * 37 + "1"])
def test_what_dynamodb_can_t_hold_is_a_failure_and_never_rounded(
    tmp_path: Path, digits: str
) -> None:
    with pytest.raises(ConversionError):
        to_value(Decimal(digits))
    (tmp_path / "x.jsonl").write_text(f'{{"x": {digits}}}\n')
    ((place, _),) = failures(elements(tmp_path / "x.jsonl"))
    assert place == "x.jsonl, line 1"
    (tmp_path / "x.csv").write_text(f"x\n{digits}\n")
    assert len(failures(elements(tmp_path / "x.csv", types=parse_types("x:N")))) == 1


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_nan_and_infinities_have_no_form(tmp_path: Path, number: float) -> None:
    for value in (number, Decimal(number), np.float32(number)):
        with pytest.raises(ConversionError, match="has no DynamoDB form"):
            to_value(value)
    pq.write_table(pa.table({"x": [number, 1.0]}), tmp_path / "x.parquet")
    assert len(failures(elements(tmp_path / "x.parquet"))) == 1
    (tmp_path / "x.jsonl").write_text(json.dumps({"x": number}) + "\n")
    assert "is no JSON number" in failures(elements(tmp_path / "x.jsonl"))[0][1]
    (tmp_path / "x.csv").write_text(f"x\n{number}\n")
    assert len(failures(elements(tmp_path / "x.csv", types=parse_types("x:N")))) == 1


def test_nan_of_pandas_is_a_missing_value(tmp_path: Path) -> None:
    """That is what it means there, and pandas writes it as a null."""
    frame = pd.DataFrame({"PK": ["a"], "x": [float("nan")]})
    frame.to_parquet(tmp_path / "x.parquet")
    assert items(tmp_path / "x.parquet") == [{"PK": {"S": "a"}}]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime.datetime(2026, 11, 25, 9, 30), "2026-11-25T09:30:00"),
        (datetime.datetime(2026, 11, 25, 9, 30, 0, 5000), "2026-11-25T09:30:00.005000"),
        (
            datetime.datetime(2026, 11, 25, 9, 30, tzinfo=datetime.UTC),
            "2026-11-25T09:30:00+00:00",
        ),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (datetime.time(9, 30), "09:30:00"),
    ],
)
def test_a_date_is_a_text_in_iso_8601(tmp_path: Path, moment: Any, text: str) -> None:
    assert to_value(moment) == {"S": text}
    assert in_parquet(tmp_path, pa.array([moment])) == {"S": text}
    assert in_json(tmp_path, json.dumps(text)) == {"S": text}
    assert in_csv(tmp_path, text) == {"S": text}  # no guess is made that texts are dates


def test_a_uuid_is_a_text(tmp_path: Path) -> None:
    assert to_value(uuid.UUID(ID)) == {"S": ID}
    assert in_parquet(tmp_path, pa.array([uuid.UUID(ID).bytes], pa.uuid())) == {"S": ID}
    assert in_csv(tmp_path, ID) == {"S": ID}


def test_bytes_are_binaries(tmp_path: Path) -> None:
    """In JSON and CSV, which have no bytes, base64 is a text unless the type says otherwise."""
    assert to_value(b"\x00\xff") == {"B": "AP8="}
    assert in_parquet(tmp_path, pa.array([b"\x00\xff"])) == {"B": "AP8="}
    assert in_csv(tmp_path, "AP8=", "B") == {"B": "AP8="}
    assert in_csv(tmp_path, "00ff", "B(hex)") == {"B": "AP8="}
    assert in_json(tmp_path, '"AP8="') == {"S": "AP8="}


def test_numbers_of_numpy_are_numbers(tmp_path: Path) -> None:
    """A short float by its own shortest text, not by that of the double it would be made."""
    for value, text in ((np.int8(-5), "-5"), (np.float32(0.1), "0.1"), (np.uint64(7), "7")):
        assert to_value(value) == {"N": text}
        assert in_parquet(tmp_path, pa.array(np.array([value]))) == {"N": text}
    assert to_value(np.bool_(True)) == {"BOOL": True}
    assert in_parquet(tmp_path, pa.array(np.array([True]))) == {"BOOL": True}


def test_lists_are_lists_and_no_sets(tmp_path: Path) -> None:
    """A set must be asked for: an empty list and one with equal members would be no sets."""
    expected = {"L": [{"S": "a"}, {"S": "a"}]}
    assert to_value(["a", "a"]) == expected
    assert in_json(tmp_path, '["a", "a"]') == expected
    assert in_csv(tmp_path, '"[""a"",""a""]"') == expected
    assert in_parquet(tmp_path, pa.array([["a", "a"]])) == expected
    assert in_csv(tmp_path, '"a,b"', "SS") == {"SS": ["a", "b"]}
