"""What a job asks for is what docs/spark-clusters.md has among its rights, and nothing else."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest

import pannier
from pannier.spark import get
from tests.conftest import serving
from tests.documents.blocks import DOCUMENTS
from tests.spark.tables import made

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PAGE = (DOCUMENTS / "spark-clusters.md").read_text()
_LOG_S_MAX = 10.0
_MARK = "DescribeLimits"  # that no job asks for


def allowed(*statements: str) -> set[str]:
    """The actions of some statements of the policy, without their service."""
    (text,) = re.findall(r"^```json\n(\{\n  \"Version\".+?)^```", _PAGE, re.MULTILINE | re.DOTALL)
    actions = {each["Sid"]: each["Action"] for each in orjson.loads(text)["Statement"]}
    found: list[str] = []
    for name in statements:
        found += actions[name] if isinstance(actions[name], list) else [actions[name]]
    return {each.removeprefix("dynamodb:") for each in found}


class Server:
    """A server that notes what it is asked for.

    Args:
        url: of the server.
        log: the file in which it notes it.
    """

    def __init__(self, url: str, log: Path) -> None:
        self.url = url
        self._log = log

    @contextmanager
    def asked_for(self, expected: set[str]) -> Iterator[None]:
        """In the block, so much is asked for and no more."""
        before = len(self._noted())
        yield
        assert set(self._noted()[before:]) - {_MARK} == expected

    def _noted(self) -> list[str]:
        """All operations up to now: the log is written behind, so until a request of our own."""
        marks = self._operations().count(_MARK)
        with pannier.connect(self.url) as db:
            db.call(_MARK, {})
        until_s = time.monotonic() + _LOG_S_MAX
        while (found := self._operations()).count(_MARK) <= marks:
            assert time.monotonic() < until_s
            time.sleep(0.05)
        return found

    def _operations(self) -> list[str]:
        lines = map(orjson.loads, self._log.read_bytes().split(b"\n")[:-1])
        return [each["operation"] for each in lines if each.get("operation")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("log") / "requests.jsonl"
    noting = ("--log", str(log), "--log-requests", "--log-format", "json")
    with serving("--memory", "--no-console", *noting) as (url, _):
        with pannier.connect(url) as db:
            made(db, "Items", "pk:S", [{"pk": f"p{number}", "n": number} for number in range(60)])
            stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
            db.call("UpdateTable", {"TableName": "Items", "StreamSpecification": stream})
        yield Server(url, log)


def test_a_write_describes_and_writes(spark: "SparkSession", server: Server) -> None:
    rows = spark.range(60).selectExpr("concat('p', id) AS pk", "id AS n")
    with server.asked_for(allowed("Plan", "Write")):
        rows.write.format("pannier").mode("append").option("target", server.url).save("Items")


def test_a_read_describes_and_scans_or_queries(spark: "SparkSession", server: Server) -> None:
    reader = spark.read.format("pannier").option("target", server.url).schema("pk string, n long")
    with server.asked_for(allowed("Plan") | {"Scan"}):
        assert reader.load("Items").count() == 60
    with server.asked_for(allowed("Plan") | {"Query"}):
        assert reader.load("Items").where("pk = 'p7'").collect() == [("p7", 7)]
    assert allowed("Read") == {"Scan", "Query"}


def test_a_read_without_a_schema_scans_for_it(spark: "SparkSession", server: Server) -> None:
    with server.asked_for(allowed("Plan") | {"Scan"}):
        spark.read.format("pannier").option("target", server.url).load("Items")


def test_a_read_by_key_describes_and_gets(spark: "SparkSession", server: Server) -> None:
    keys = spark.createDataFrame([("p1",)], "pk string")
    with server.asked_for(allowed("Plan", "ReadByKey")):
        found = get(keys, "Items", schema="n long", target=server.url)
        assert found.collect() == [("p1", 1)]


def test_changes_describe_and_read_the_stream(
    spark: "SparkSession", server: Server, tmp_path: Path
) -> None:
    with pannier.connect(server.url) as db:
        db.write([{"pk": "new", "n": 1}], "Items")
    with server.asked_for(allowed("Plan", "Changes")):
        query = (
            spark.readStream.format("pannier-changes")
            .option("target", server.url)
            .load("Items")
            .writeStream.format("noop")
            .option("checkpointLocation", str(tmp_path))
            .trigger(availableNow=True)
            .start()
        )
        assert query.awaitTermination(120)
