"""`--spark`: what means nothing there is refused before Spark is begun, with what to do instead."""

import importlib.util
from pathlib import Path

import pytest

from tests.cli.running import refused, run

SPARK = ("--spark", "local[2]")
SCAN = ("scan", "shop", "--out", "lines", *SPARK)
COPY = ("copy", "shop", "other", *SPARK)
WRITE = ("write", "items.jsonl", "--table", "shop", *SPARK)


@pytest.mark.parametrize(
    ("command", "words", "advice"),
    [
        (COPY, ("--resume",), "give the same command again"),
        (COPY, ("--journal", "copy.journal"), "give the same command again"),
        (COPY, ("--fail-fast",), "--failures FOLDER keeps them all"),
        (WRITE, ("--resume",), "give the same command again"),
        (WRITE, ("--every-write",), "no order holds between them"),
        (WRITE, ("--fail-fast",), "do not know of each other's failures"),
        (SCAN, ("--limit", "5"), "so many items are read soon"),
        (SCAN, ("--sample", "5"), "it is read in a moment"),
        (SCAN, ("--types-header",), "CSV is not written on Spark"),
        (SCAN, ("--resume",), "no journal"),
    ],
)
def test_options_that_mean_nothing_there(
    tmp_path: Path, command: tuple[str, ...], words: tuple[str, ...], advice: str
) -> None:
    told = refused(tmp_path, *command, *words)
    assert f"{words[0]} and --spark don't go together" in told
    assert advice in told
    assert not list(tmp_path.iterdir()), "no database is made either"


@pytest.mark.parametrize(
    ("out", "more", "said"),
    [
        ("items.csv", (), "on Spark there is no csv"),
        ("items.json", (), "on Spark there is no array"),
        ("items", ("--format", "export"), "on Spark there is no export"),
        ("items.parquet", ("--numbers", "float"), "on Spark there is no --numbers float"),
        ("items.jsonl.zst", (), "on Spark nothing is packed as items.jsonl.zst asks for"),
    ],
)
def test_formats_that_are_not_written_there(
    tmp_path: Path, out: str, more: tuple[str, ...], said: str
) -> None:
    told = refused(tmp_path, "scan", "shop", "--out", out, *SPARK, *more)
    assert said in told
    assert ".jsonl" in told


def test_a_scan_needs_a_folder(tmp_path: Path) -> None:
    assert "--out FOLDER" in refused(tmp_path, "scan", "shop", *SPARK)


@pytest.mark.parametrize("command", [SCAN, COPY, WRITE])
def test_a_target_of_this_process_alone(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "items.jsonl").write_text("{}\n")
    told = refused(tmp_path, *command, "--target", "memory")
    assert "the target memory has room for one" in told
    assert "pannier serve" in told
    told = refused(tmp_path, *command)
    assert "the target local has room for one" in told


def test_standard_input_has_one_reader(tmp_path: Path) -> None:
    told = refused(tmp_path, "write", "-", "--table", "shop", *SPARK)
    assert "standard input has one reader" in told


def test_a_setting_without_a_session(tmp_path: Path) -> None:
    told = refused(tmp_path, "scan", "shop", "--spark-conf", "spark.executor.cores=2")
    assert "Name the master with --spark" in told


def test_a_setting_that_is_none(tmp_path: Path) -> None:
    done = run(tmp_path, *SCAN, "--spark-conf", "cores=2")
    assert done.status == 2
    assert "'cores=2' is no setting of Spark: write spark.executor.instances=8" in done.err


def test_spark_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "pannier.cli.spark_options.find_spec",
        lambda name: None if name == "pyspark" else importlib.util.find_spec(name),
    )
    told = refused(tmp_path, *SCAN)
    assert "--spark needs pyspark, which is not installed" in told
    assert "pip install 'pannier[spark]'" in told


def test_a_plan_needs_no_session(tmp_path: Path) -> None:
    assert run(tmp_path, "create-table", "shop", "--key", "PK:S").status == 0
    for command in (("scan", "shop"), ("copy", "shop", "other", "--create")):
        done = run(tmp_path, *command, "--dry-run", *SPARK)
        assert done.status == 0, done.err
        assert "would read" in done.out
