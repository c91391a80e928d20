"""Data models of NoSQL Workbench: JSON with the tables of a model, and sample data in some.

The shape is that of the models which Workbench exports and of Amazon's own samples:
`{"ModelName": ..., "ModelMetadata": {...}, "DataModel": [{"TableName": ..., "KeyAttributes": {...},
"NonKeyAttributes": [...], "TableFacets": [...], "GlobalSecondaryIndexes": [...], "TableData":
[items in DynamoDB JSON], "DataAccess": {...}, "BillingMode": ...}]}`.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from pannier.files import json_documents
from tests.files.elements import elements, failures, puts

FORUMS = [
    {"ForumName": {"S": "Amazon MQ"}, "Category": {"S": "Amazon Web Services"}},
    {"ForumName": {"S": "Amazon S3"}, "Threads": {"N": "5"}, "Tags": {"SS": ["a", "b"]}},
]
THREADS = [{"ForumName": {"S": "Amazon MQ"}, "Subject": {"S": "Hi"}, "Views": {"N": "0"}}]


def table(name: str, data: Any, **more: Any) -> dict[str, Any]:
    return {
        "TableName": name,
        "KeyAttributes": {
            "PartitionKey": {"AttributeName": "ForumName", "AttributeType": "S"},
            "SortKey": {"AttributeName": "Subject", "AttributeType": "S"},
        },
        "NonKeyAttributes": [{"AttributeName": "Views", "AttributeType": "N"}],
        "TableFacets": [
            {
                "FacetName": "by forum",
                "KeyAttributeAlias": {"PartitionKeyAlias": "forum", "SortKeyAlias": "subject"},
                "NonKeyAttributes": ["Views"],
            }
        ],
        "GlobalSecondaryIndexes": [],
        **({} if data is None else {"TableData": data}),
        "DataAccess": {"MySql": {}},
        "BillingMode": "PAY_PER_REQUEST",
        **more,
    }


def model(*tables: Any) -> dict[str, Any]:
    return {
        "ModelName": "Discussion forum",
        "ModelMetadata": {"Author": "somebody", "AWSService": "Amazon DynamoDB", "Version": "3.0"},
        "DataModel": list(tables),
    }


MODEL = model(table("Forum", FORUMS), table("Reply", None), table("Empty", []), table("T", THREADS))
EXPECTED = [("Forum", FORUMS[0]), ("Forum", FORUMS[1]), ("T", THREADS[0])]


def outline(path: Path, **options: Any) -> list[tuple[str, Any]]:
    return [(each.table, each.attributes) for each in elements(path, **options)]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("sort_keys", [False, True])
@pytest.mark.parametrize("looked_at_bytes", [4 << 20, 10])
@pytest.mark.parametrize("name", ["model.json", "model"])
def test_the_sample_data_goes_into_the_tables_of_the_model(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    indent: int | None,
    sort_keys: bool,
    looked_at_bytes: int,
    name: str,
) -> None:
    """However it is laid out; also where sorting has put the data before the table's name."""
    monkeypatch.setattr(json_documents, "_LOOKED_AT_BYTES", looked_at_bytes)
    path = tmp_path / name
    path.write_text(json.dumps(MODEL, indent=indent, sort_keys=sort_keys))
    assert outline(path, table=None) == EXPECTED
    assert outline(path, table="other") == EXPECTED


def test_a_row_that_is_no_item_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    text = json.dumps(model(table("Forum", [FORUMS[0], 5, FORUMS[1]])), indent=1)
    path.write_text(text.replace("5,", "oops,", 1))
    found = elements(path, table=None)
    assert puts(found) == FORUMS
    ((place, reason),) = failures(found)
    line = text.split("\n").index("    5,") + 1
    assert place == f"model.json, line {line}, item 2"
    assert reason == "this is not JSON (expecting value)"
    assert found[1].table == "Forum"


def test_a_model_that_breaks_off(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    text = json.dumps(MODEL, indent=1)
    path.write_text(text[: text.index("Amazon S3")])
    found = elements(path, table=None)
    assert puts(found) == FORUMS[:1]
    assert len(failures(found)) == 1
    assert "never closed" in failures(found)[0][1]
