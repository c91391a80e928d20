"""`pannier copy|write|scan --spark`: in the session of these tests, against a served engine."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pannier.library.connecting import connect
from pannier.library.connection import Connection
from tests.cli.running import Done, good, refused, run
from tests.conftest import serving
from tests.spark.tables import made

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

COUNT = 400
_CODE = """
def cents(item):
    if item["price"] == 7:
        return None
    if item["price"] == 8:
        raise ValueError("eight")
    return {**item, "cents": item["price"] * 100}
"""


def item(number: int) -> dict[str, Any]:
    return {
        "pk": f"p{number % 50}",
        "sk": number,
        "price": number % 100,
        "tags": {f"t{number % 3}", "all"},
        "more": [number, None, {"deep": b"\x00\xff"}],
        **({"seldom": "x" * number} if number % 100 == 99 else {}),
    }


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[str, Connection]]:
    """A server with a table of items, its URL, and a connection."""
    with serving("--memory", "--no-console") as (url, _), connect(url) as connection:
        made(connection, "shop", "pk:S sk:N", map(item, range(COUNT)))
        yield url, connection


@pytest.fixture
def empty(shop: tuple[str, Connection], request: pytest.FixtureRequest) -> str:
    """A table of its own for each test."""
    name = f"empty-{hash(request.node.name) % 10**9}"
    made(shop[1], name, "pk:S sk:N", [])
    return name


def on_spark(folder: Path, url: str, *arguments: str) -> Done:
    return run(folder, *arguments, "--target", url, "--spark", "active")


def items(connection: Connection, table: str) -> list[dict[str, Any]]:
    return sorted(connection.table(table).scan(), key=lambda each: each["sk"])


def report_of(done: Done) -> dict[str, Any]:
    report: dict[str, Any] = json.JSONDecoder().raw_decode(done.err[done.err.index("{\n") :])[0]
    assert report["balanced"]
    return report


# Copies


def test_a_copy_has_every_item_as_it_was(
    spark: "SparkSession", tmp_path: Path, shop: tuple[str, Connection]
) -> None:
    url, connection = shop
    done = on_spark(tmp_path, url, "copy", "shop", "other", "--create", "--segments", "5",
                    "--report", "json")  # fmt: skip
    assert done.status == 0, done.err
    assert items(connection, "other") == items(connection, "shop")
    report = report_of(done)
    assert (report["operation"], report["read"], report["written"]) == ("write", COUNT, COUNT)
    assert report["units"]["write"] == {"other": COUNT}
    assert report["units"]["read"].keys() == {"shop"}
    assert (report["spark"]["tasks"], report["spark"]["ended"]) == (5, 5)
    assert f"{COUNT} items of shop were read in 5 pages" in done.err


def test_what_a_transform_leaves_out_and_breaks_on_is_told_as_on_one_machine(
    spark: "SparkSession", tmp_path: Path, shop: tuple[str, Connection], empty: str
) -> None:
    url, connection = shop
    (tmp_path / "spark_copy_code.py").write_text(_CODE)
    how = ("copy", "shop", empty, "--transform", "spark_copy_code:cents", "--report", "json")
    done = on_spark(tmp_path, url, *how, "--failures", "failed", "--segments", "3")
    assert done.status == 1
    report = report_of(done)
    assert (report["read"], report["skipped"], report["failed"]) == (COUNT, 4, 4)
    assert report["written"] == COUNT - 8
    copied = items(connection, empty)
    assert len(copied) == COUNT - 8
    assert all(each["cents"] == each["price"] * 100 for each in copied)
    parts = sorted(path.name for path in (tmp_path / "failed").iterdir())
    assert parts == report["spark"]["failures"]
    lines = [
        json.loads(line)
        for part in parts
        for line in (tmp_path / "failed" / part).read_text().splitlines()
    ]
    assert {line["reason"] for line in lines} == {"the transform raised ValueError: eight"}
    keys = {int(line["attributes"]["sk"]["N"]) for line in lines}
    assert keys == {number for number in range(COUNT) if number % 100 == 8}
    assert "4 not written, see " in done.err


def test_a_filter_and_a_projection_copy_a_part_and_the_key(
    spark: "SparkSession", tmp_path: Path, shop: tuple[str, Connection], empty: str
) -> None:
    url, connection = shop
    part = ("--filter", "price < :n", "--values", '{":n": 10}', "--project", "price")
    done = on_spark(tmp_path, url, "copy", "shop", empty, *part, "--report", "json")
    assert done.status == 0, done.err
    report = report_of(done)
    assert (report["read"], report["written"], report["skipped"]) == (COUNT, 40, COUNT - 40)
    assert all(each.keys() == {"pk", "sk", "price"} for each in items(connection, empty))


def test_a_copy_keeps_both_budgets(
    spark: "SparkSession", tmp_path: Path, shop: tuple[str, Connection], empty: str
) -> None:
    """The upper bound; how much of a budget is used is measured, not asserted."""
    url, _ = shop
    budgets = ("--read-units", "50", "--write-units", "200", "--segments", "4")
    done = on_spark(tmp_path, url, "copy", "shop", empty, *budgets, "--report", "json")
    assert done.status == 0, done.err
    report = report_of(done)
    assert report["written"] == COUNT
    assert report["units"]["write"][empty] <= 200 * (report["elapsed_s"] + 0.4) * 1.05


def test_a_copy_that_is_given_up_says_what_is_done_and_what_to_do(
    spark: "SparkSession", tmp_path: Path, shop: tuple[str, Connection]
) -> None:
    url, _ = shop
    faults = tmp_path / "faults.toml"
    faults.write_text('[[rules]]\noperations = "BatchWriteItem"\nthrottle = true\n')
    with serving("--memory", "--no-console", "--faults", str(faults)) as (other, _):
        done = on_spark(tmp_path, url, "copy", "shop", "there", "--to-target", other, "--create",
                        "--give-up-after", "0.1", "--report", "json")  # fmt: skip
    assert done.status == 1
    assert "Traceback" not in done.err
    report = report_of(done)
    assert "were given up: no progress for 0.1 s" in report["stopped"]
    assert report["spark"]["ended"] == 0
    assert "The same command does it all again" in done.err


# Writes


def test_files_of_all_kinds_are_written_by_pieces_of_them(
    spark: "SparkSession", tmp_path: Path, shop: tuple[str, Connection], empty: str
) -> None:
    url, connection = shop
    target = ("--target", url, "--report", "none")
    good(tmp_path, "scan", "shop", *target, "--out", "a.jsonl", "--filter", "price < :n",
         "--values", '{":n": 50}')  # fmt: skip
    good(tmp_path, "scan", "shop", *target, "--out", "b.parquet", "--filter", "price >= :n",
         "--values", '{":n": 50}')  # fmt: skip
    done = on_spark(tmp_path, url, "write", "a.jsonl", "*.parquet", "--table", empty,
                    "--report", "report.json")  # fmt: skip
    assert done.status == 0, done.err
    assert items(connection, empty) == items(connection, "shop")
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert (report["read"], report["written"], report["balanced"]) == (COUNT, COUNT, True)
    assert report["spark"]["tasks"] == 2


def test_lines_that_are_no_items_are_failures_with_their_place(
    spark: "SparkSession", tmp_path: Path, shop: tuple[str, Connection], empty: str
) -> None:
    url, connection = shop
    lines = [json.dumps({"pk": "a", "sk": number}) for number in range(10)]
    lines[3] = '{"pk": "a", "sk"'
    lines[6] = json.dumps({"pk": "", "sk": 6})
    (tmp_path / "items.jsonl").write_text("\n".join(lines))
    done = on_spark(tmp_path, url, "write", "items.jsonl", "--table", empty, "--report", "json")
    assert done.status == 1
    report = report_of(done)
    assert (report["read"], report["written"], report["failed"]) == (10, 8, 2)
    assert len(items(connection, empty)) == 8
    (path,) = tmp_path.glob("pannier-failures-*.jsonl")
    failures = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted((each["source"], each["line"], each["kind"]) for each in failures) == [
        ("items.jsonl", 4, "parse"), ("items.jsonl", 7, "put"),
    ]  # fmt: skip
    assert f"2 not written, see {path.name}" in done.err


def test_a_table_that_is_missing_is_told_before_anything_begins(
    spark: "SparkSession", tmp_path: Path, shop: tuple[str, Connection]
) -> None:
    (tmp_path / "items.jsonl").write_text('{"PK": "a", "SK": "b"}\n')
    on = ("--target", shop[0], "--spark", "active")
    told = refused(tmp_path, "write", "items.jsonl", "--table", "nowhere", *on)
    assert "there is no table nowhere here" in told
    assert "pannier create-table nowhere --key PK:S,SK:S" in told


# Scans


def test_lines_of_a_scan_are_written_back_as_they_were(
    spark: "SparkSession", tmp_path: Path, shop: tuple[str, Connection], empty: str
) -> None:
    url, connection = shop
    done = on_spark(tmp_path, url, "scan", "shop", "--out", "lines", "--segments", "3",
                    "--report", "json")  # fmt: skip
    assert done.status == 0, done.err
    report = report_of(done)
    assert (report["operation"], report["read"], report["found"]) == ("scan", COUNT, COUNT)
    assert report["spark"]["tasks"] == 3
    assert len(list((tmp_path / "lines").glob("part-*"))) == 3
    good(tmp_path, "write", "lines/part-*", "--table", empty, "--target", url)
    assert items(connection, empty) == items(connection, "shop")


def test_plain_lines_are_packed_by_the_ending_of_the_name(
    spark: "SparkSession", tmp_path: Path, shop: tuple[str, Connection]
) -> None:
    how = ("--out", "plain.jsonl.gz", "--format", "plain", "--project", "pk, sk")
    done = on_spark(tmp_path, shop[0], "scan", "shop", *how)
    assert done.status == 0, done.err
    lines = [
        json.loads(line)
        for part in (tmp_path / "plain.jsonl.gz").glob("part-*.gz")
        for line in gzip.decompress(part.read_bytes()).splitlines()
    ]
    assert sorted(lines, key=lambda each: each["sk"]) == [
        {"pk": f"p{number % 50}", "sk": number} for number in range(COUNT)
    ]


def test_parquet_has_a_column_for_what_one_item_in_a_hundred_has(
    spark: "SparkSession", tmp_path: Path, shop: tuple[str, Connection], empty: str
) -> None:
    url, connection = shop
    done = on_spark(tmp_path, url, "scan", "shop", "--out", "shop.parquet", "--segments", "3",
                    "--report", "json")  # fmt: skip
    assert done.status == 0, done.err
    report = report_of(done)
    assert (report["read"], report["calls"]) == (COUNT, 3), "the table is read once"
    frame = spark.read.parquet(str(tmp_path / "shop.parquet"))
    assert frame.count() == COUNT
    assert frame.where("seldom IS NOT NULL").count() == 4
    frame.write.format("pannier").mode("append").option("target", url).save(empty)
    # A list of several types, such as `more`, is DynamoDB JSON in its column.
    assert items(connection, empty) == items(connection, "shop")


def test_a_folder_that_is_there_is_not_written_to(
    spark: "SparkSession", tmp_path: Path, shop: tuple[str, Connection]
) -> None:
    (tmp_path / "lines").mkdir()
    told = refused(tmp_path, "scan", "shop", "--target", shop[0], "--out", "lines",
                   "--spark", "active")  # fmt: skip
    assert "lines is there already" in told


def test_a_filter_that_the_service_refuses_is_told_with_advice(
    spark: "SparkSession", tmp_path: Path, shop: tuple[str, Connection]
) -> None:
    told = refused(tmp_path, "scan", "shop", "--target", shop[0], "--out", "lines",
                   "--filter", "price > :n", "--spark", "active")  # fmt: skip
    assert "--values" in told


# The session


def test_a_session_that_is_there_has_its_settings_and_is_not_begun_again(
    spark: "SparkSession", tmp_path: Path, shop: tuple[str, Connection]
) -> None:
    scan = ("scan", "shop", "--out", "lines", "--target", shop[0])
    told = refused(tmp_path, *scan, "--spark", "active", "--spark-conf", "spark.a=b")
    assert "the session that is there has its settings already" in told
    told = refused(tmp_path, *scan, "--spark", "local[2]")
    assert "Work in it: --spark active" in told
