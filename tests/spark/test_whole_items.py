"""Tables read and written by Spark as whole items, and by DynamoDB's own expressions."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from pyspark.errors import PySparkException

import pannier
from pannier.cli.main import main
from pannier.files.source import ReadOptions
from pannier.library.connection import Connection
from pannier.spark.piece import Piece
from pannier.spark.pieces import frame_of, pieces_of
from tests.conftest import serving
from tests.spark.masked import MASKED
from tests.spark.tables import made

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TABLE = "Mixed"
PLAIN: list[dict[str, Any]] = [
    {
        "pk": f"p{number % 7}",
        "sk": number,
        # Each third item has another type there, which no column could hold.
        "value": [number, f"n{number}", {"inner": [None, b"raw", {"1", "2"}]}][number % 3],
        **({"big": Decimal("12345678901234567890123456789012345.678")} if number % 5 == 0 else {}),
        **({"size": number} if number % 2 == 0 else {}),
    }
    for number in range(300)
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving("--memory", "--no-console") as (url, _):
        with pannier.connect(url) as connection:
            made(connection, TABLE, "pk:S sk:N", PLAIN)
            for number, item in enumerate(MASKED):
                key = {"pk": {"S": "masked"}, "sk": {"N": str(number)}}
                connection.call("PutItem", {"TableName": TABLE, "Item": {**item, **key}})
        yield url


def read(spark: "SparkSession", url: str, table: str = TABLE, **options: str) -> "DataFrame":
    return spark.read.format("pannier").option("target", url).options(**options).load(table)


def write(frame: "DataFrame", url: str, table: str, **options: str) -> None:
    writer = frame.write.format("pannier").mode("append").option("target", url)
    writer.options(**options).save(table)


def everything(connection: Connection, table: str) -> dict[Any, Any]:
    """All items in the API's form, by their keys."""
    items: list[Any] = []
    for page in connection.pages("Scan", {"TableName": table}):
        items += page.items
    return {(item["pk"]["S"], item["sk"]["N"]): item for item in items}


# Whole items


def test_a_table_of_all_sorts_is_copied_without_a_loss(spark: "SparkSession", url: str) -> None:
    with pannier.connect(url) as connection:
        made(connection, "Copy", "pk:S sk:N", [])
        rows = read(spark, url, items="json", segments="3")
        assert rows.schema.simpleString() == "struct<item:string>"
        write(rows, url, "Copy", items="json")
        assert everything(connection, "Copy") == everything(connection, TABLE)


def test_rows_are_the_lines_that_scan_writes(
    spark: "SparkSession", url: str, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    assert main(["scan", TABLE, "--target", url, "--out", str(out), "--format", "dynamodb"]) == 0
    rows = read(spark, url, items="json").collect()
    assert sorted(row.item for row in rows) == sorted(out.read_text().splitlines())


def test_conditions_of_spark_are_about_the_text(spark: "SparkSession", url: str) -> None:
    """There is no attribute called item that could be asked for."""
    rows = read(spark, url, items="json")
    assert rows.where("get_json_object(item, '$.sk.N') = '7'").count() == 2  # one is masked
    assert rows.where("item LIKE '%masked%' AND item IS NOT NULL").count() == len(MASKED)
    assert rows.where("item = 'x'").count() == 0


def test_deletes_by_a_column_and_by_kind(spark: "SparkSession", url: str) -> None:
    items = [{"pk": "a", "sk": number, "n": number} for number in range(10)]
    with pannier.connect(url) as connection:
        made(connection, "Fewer", "pk:S sk:N", items)
        rows = read(spark, url, "Fewer", items="json")
        gone = rows.selectExpr("item", "get_json_object(item, '$.n.N') < 3 AS gone")
        write(gone, url, "Fewer", items="json", deleteColumn="gone")
        assert len(everything(connection, "Fewer")) == 7
        write(rows, url, "Fewer", items="json", kind="delete")
        assert everything(connection, "Fewer") == {}


def test_texts_that_are_no_items_are_failures_with_their_places(
    spark: "SparkSession", url: str, tmp_path: Path
) -> None:
    texts = ['{"pk":{"S":"t"},"sk":{"N":"1"}}', "{broken", '{"pk":"plain"}', None]
    frame = spark.createDataFrame([(text,) for text in texts], "item string").coalesce(1)
    folder = tmp_path / "failures"
    with pannier.connect(url) as connection:
        made(connection, "Texts", "pk:S sk:N", [])
        options = {"items": "json", "failures": str(folder), "onFailures": "report"}
        write(frame, url, "Texts", **options)
        assert list(everything(connection, "Texts")) == [("t", "1")]
    (part,) = folder.iterdir()
    told = [orjson.loads(line) for line in part.read_bytes().splitlines()]
    assert [(each["source"], each["row"], each["kind"]) for each in told] == [
        ("partition 0", row, "parse") for row in (2, 3, 4)
    ]
    assert told[0]["attributes"] == "{broken"


@pytest.mark.parametrize(
    ("schema", "message"),
    [("pk string", "items=json gives one column"), ("item int", "items=json gives one column")],
)
def test_another_schema_is_refused(
    spark: "SparkSession", url: str, schema: str, message: str
) -> None:
    reader = spark.read.format("pannier").option("target", url).option("items", "json")
    with pytest.raises(PySparkException, match=message):
        reader.schema(schema).load(TABLE).collect()


def test_other_columns_are_refused(spark: "SparkSession", url: str) -> None:
    frame = spark.range(1).selectExpr("'a' AS pk", "1 AS sk")
    with pytest.raises(PySparkException, match="items=json writes a column item") as caught:
        write(frame, url, TABLE, items="json")
    assert "UserError" in str(caught.value).splitlines()[0]


# The user's own expressions


@pytest.mark.parametrize("items", ["json", "columns"])
def test_filters_and_projections_mean_what_they_mean_to_scan(
    spark: "SparkSession", url: str, tmp_path: Path, items: str
) -> None:
    out = tmp_path / "out.jsonl"
    own = {
        "filter": "size >= :low AND (#v > :n OR pk = :p)",
        "project": "sk, #v, size",
        "values": '{":low": 100, ":n": 200, ":p": "p1"}',
        "names": '{"#v": "value"}',
    }
    given = [part for name, text in own.items() for part in (f"--{name}", text)]
    assert main(["scan", TABLE, "--target", url, "--out", str(out), *given]) == 0
    wanted = [orjson.loads(line) for line in out.read_bytes().splitlines()]
    assert wanted
    rows = read(spark, url, items=items, **own)
    if items == "json":
        assert sorted(row.item for row in rows.collect()) == sorted(out.read_text().splitlines())
        return
    assert rows.columns == ["sk", "size", "value"]
    assert sorted(row.sk for row in rows.collect()) == sorted(
        int(each["sk"]["N"]) for each in wanted
    )


def test_filters_of_spark_come_on_top(spark: "SparkSession", url: str) -> None:
    own = {"filter": "size >= :v0 OR sk < :v0", "values": '{":v0": 200}'}
    kept = [item for item in PLAIN if item.get("size", 0) >= 200 or item["sk"] < 200]
    rows = read(spark, url, **own).where("pk = 'p1' AND size > 100")
    assert sorted(row.sk for row in rows.collect()) == [
        item["sk"] for item in kept if item["pk"] == "p1" and item.get("size", 0) > 100
    ]


def test_the_schema_is_that_of_the_items_that_meet_the_filter(
    spark: "SparkSession", url: str
) -> None:
    found = read(spark, url, filter="pk = :p", values='{":p": "masked"}').columns
    assert "DataModel" in found
    assert "value" not in found
    nothing = read(spark, url, filter="pk = :p", values='{":p": "nobody"}')
    assert "value" in nothing.columns, "of all items, where none meets it"
    assert nothing.count() == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filter": "sk >> :a", "values": '{":a": 1}'}, "Syntax error"),
        ({"filter": "sk > :a"}, "attribute value used in expression is not defined"),
        ({"project": "#a"}, "attribute name used in the document path is not defined"),
        ({"filter": "sk > :a", "values": '{":a": 1, ":b": 2}'}, "unused in expressions"),
    ],
)
def test_a_wrong_expression_is_said_before_any_task_begins(
    spark: "SparkSession", url: str, options: dict[str, str], message: str
) -> None:
    with pytest.raises(PySparkException, match=message) as caught:
        read(spark, url, items="json", **options).collect()
    assert "UserError: ValidationException: " in str(caught.value).splitlines()[0]
    assert "Traceback" not in str(caught.value)


# Pieces of files


def test_a_frame_has_a_piece_in_each_partition(spark: "SparkSession", tmp_path: Path) -> None:
    for name in "abcde":
        (tmp_path / f"{name}.csv").write_text("pk,sk\nc,1\n")
    pieces = pieces_of([str(tmp_path / "*.csv")], ReadOptions(table="shop"))
    rows = frame_of(spark, pieces).rdd.glom().collect()
    assert [[Piece.of_text(row.piece) for row in part] for part in rows] == [
        [each] for each in pieces
    ]


def test_no_pieces_are_a_frame_without_rows(spark: "SparkSession") -> None:
    assert frame_of(spark, []).count() == 0
