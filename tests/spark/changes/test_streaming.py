"""The changes of a table, as a streaming query has them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import pannier
from pannier.errors import UserError
from pannier.spark.changes.streaming import SCHEMA, ChangeOptions, ChangesReader
from pannier.spark.place import Place
from tests.conftest import serving
from tests.spark.tables import made

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

IMAGE = "struct<pk: string, count: int, raw: binary>"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving("--memory", "--no-console") as (url, _):
        with pannier.connect(url) as connection:
            made(connection, "Items", "pk:S", [])
            made(connection, "Silent", "pk:S", [])
            connection.call(
                "UpdateTable",
                {
                    "TableName": "Items",
                    "StreamSpecification": {
                        "StreamEnabled": True,
                        "StreamViewType": "NEW_AND_OLD_IMAGES",
                    },
                },
            )
        yield url


def changes(
    spark: "SparkSession", url: str, folder: Path, schema: str | None = None
) -> list["Row"]:
    """What a query has that ends when it has read all there is."""
    reader = spark.readStream.format("pannier-changes").option("target", url)
    frame = (reader if schema is None else reader.schema(schema)).load("Items")
    found: list[Row] = []

    def take(rows: Any, _: int) -> None:
        found.extend(rows.collect())

    query = (
        frame.writeStream.foreachBatch(take)
        .option("checkpointLocation", str(folder))
        .trigger(availableNow=True)
        .start()
    )
    assert query.awaitTermination(120)
    return sorted(found, key=lambda row: row.sequence_number)


def test_changes_come_once_and_go_on_where_they_were(
    spark: "SparkSession", url: str, tmp_path: Path
) -> None:
    with pannier.connect(url) as connection:
        assert connection.write([{"pk": "a", "count": 1, "raw": b"\0"}], "Items").ok
        assert connection.write([{"pk": "a", "count": 2, "raw": b"\1"}], "Items").ok
    typed = f"sequence_number string, event_name string, new_image {IMAGE}, old_image {IMAGE}"
    first = changes(spark, url, tmp_path, typed)
    assert [(row.event_name, row.new_image, row.old_image) for row in first] == [
        ("INSERT", ("a", 1, b"\0"), None),
        ("MODIFY", ("a", 2, b"\1"), ("a", 1, b"\0")),
    ]
    with pannier.connect(url) as connection:
        assert connection.delete([{"pk": "a"}], "Items").ok
    (last,) = changes(spark, url, tmp_path, typed)
    assert (last.event_name, last.new_image, last.old_image[1]) == ("REMOVE", None, 2)


def test_images_are_json_where_nothing_else_is_said(
    spark: "SparkSession", url: str, tmp_path: Path
) -> None:
    with pannier.connect(url) as connection:
        assert connection.write([{"pk": "b", "raw": b"\1\2"}], "Items").ok
    row = changes(spark, url, tmp_path)[-1]
    assert row.asDict().keys() == set(SCHEMA.names)
    assert (row["keys"], row.new_image) == (
        '{"pk":{"S":"b"}}', '{"pk":{"S":"b"},"raw":{"B":"AQI="}}',
    )  # fmt: skip
    assert row["at"] is not None


def test_what_is_wrong_is_said(url: str) -> None:
    from pyspark.sql.types import StringType, StructField, StructType

    with pytest.raises(UserError, match="the table Silent has no stream"):
        ChangesReader(ChangeOptions.of({"table": "Silent", "target": url}), SCHEMA).initialOffset()
    with pytest.raises(UserError, match="there is no table Nope"):
        ChangesReader(ChangeOptions.of({"table": "Nope", "target": url}), SCHEMA).initialOffset()
    with pytest.raises(UserError, match="a change has no column price"):
        ChangesReader(
            ChangeOptions.of({"table": "Items"}),
            StructType([StructField("price", StringType())]),
        )
    with pytest.raises(UserError, match="reading changes has no option 'segments'"):
        ChangeOptions.of({"table": "Items", "segments": "3"})


def test_at_aws_streams_have_an_address_of_their_own() -> None:
    client = Place("https://dynamodb.eu-west-1.amazonaws.com", "eu-west-1").streams()
    assert client.meta.endpoint_url == "https://streams.dynamodb.eu-west-1.amazonaws.com"
    client.close()
