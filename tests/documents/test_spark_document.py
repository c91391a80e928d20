"""docs/spark.md lists every option, every type and every member of the report that there is."""

import re

import orjson
from pyspark.sql import types as spark

from pannier.batch.report import Report
from pannier.spark import options
from pannier.spark.changes import streaming
from pannier.spark.schemas import values
from pannier.spark.writes import write_options
from pannier.spark.writes.write_outcome import Outcome
from tests.documents.blocks import DOCUMENTS
from tests.documents.test_jobs_document import first_cells

TEXT = (DOCUMENTS / "spark.md").read_text()


def section(heading: str) -> str:
    """What stands below a heading, up to the next one of its rank."""
    return TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_every_option_is_explained() -> None:
    shown = section("Options")
    both, of_read = shown.split("| of reads | |")
    of_read, of_write = of_read.split("| of writes | |")
    of_write, of_changes = of_write.split("| of changes | |")
    assert first_cells(both) == set(options.COMMON)
    assert first_cells(both + of_read) == set(options._READ)
    assert first_cells(both + of_write) == set(write_options._WRITE)
    assert first_cells(of_changes) == set(streaming._KNOWN)


def test_every_column_of_a_change_is_explained() -> None:
    assert first_cells(section("Changes")) == set(streaming.SCHEMA.names)


def test_every_type_that_can_be_read_is_explained() -> None:
    explained = {re.sub(r"\(.*", "", name) for name in first_cells(section("Types"))}
    leaves = {kind().typeName() for kind in (*values.BITS, *values._SIMPLE)}
    named = {"integer": "int"}
    assert {named.get(name, name) for name in leaves} <= explained
    for kind in (spark.StringType, spark.DecimalType, spark.FloatType, spark.DoubleType):
        assert kind().typeName() in explained
    assert {"array", "map", "struct"} <= explained


def test_every_member_of_the_report_is_explained() -> None:
    outcome = Outcome("j", "a target", 1, Report("write"), [], [])
    of_source = {f"spark.{name}" for name in orjson.loads(outcome.to_json())["spark"]}
    explained = first_cells(section("Failures and reports"))
    assert of_source | {"spark.ended"} == {each for each in explained if each[:6] == "spark."}
