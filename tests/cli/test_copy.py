"""`pannier copy`: onto another table, another target, through a filter and a transform."""

import json
import random
import re
import shlex
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.batch.fake_server import fake_server
from tests.batch.fake_service import OTHER
from tests.batch.fake_service import TABLE as SOURCE
from tests.batch.fake_tables import FakeTables
from tests.cli.running import good, refused, run
from tests.cli.test_job_resume import interrupted
from tests.conftest import run_pannier

COUNT = 300
_CODE = """
def cents(item):
    if item["price"] == 7:
        return None
    if item["price"] == 8:
        raise ValueError("eight")
    if item["price"] == 9:
        return {"price": 9}
    return {**item, "cents": item["price"] * 100}

def rename(item):
    return [{"id": item["PK"] + item["SK"], "n": number} for number in (1, 2)]

number = 5
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with a local table, and code for transforms."""
    good(tmp_path, "create-table", "shop", "--key", "PK:S,SK:S", "--index", "GSI1=g:S")
    items = [
        {"PK": f"p{n % 7}", "SK": f"{n:04}", "price": n % 100, "g": str(n % 3), "t": [n, None]}
        for n in range(COUNT)
    ]
    (tmp_path / "items.jsonl").write_text("".join(json.dumps(each) + "\n" for each in items))
    good(tmp_path, "write", "items.jsonl", "--table", "shop", "--report", "none")
    (tmp_path / "copy_code.py").write_text(_CODE)
    return tmp_path


def items(folder: Path, table: str = "shop", *more: str) -> list[dict[str, Any]]:
    done = good(folder, "scan", table, "--format", "plain", "--report", "none", *more)
    read = [json.loads(line) for line in done.out.splitlines()]
    return sorted(read, key=lambda each: (each.get("SK", ""), each.get("id", "")))


def report_of(err: str) -> dict[str, Any]:
    report: dict[str, Any] = json.JSONDecoder().raw_decode(err[err.index("{\n") :])[0]
    assert report["balanced"]
    return report


def test_a_copy_has_the_items_keys_and_indexes(folder: Path) -> None:
    done = good(folder, "copy", "shop", "other", "--create", "--report", "json")
    assert items(folder, "other") == items(folder)
    report = report_of(done.err)
    assert (report["operation"], report["read"], report["written"]) == ("write", COUNT, COUNT)
    assert report["calls"] == COUNT / 25
    assert report["units"]["write"] == {"other": COUNT, "other/GSI1": COUNT}
    assert report["units"]["read"].keys() == {"shop"}
    assert "made the table other" in done.err
    assert f"{COUNT} items of shop were read in 1 pages" in done.err
    shown = [
        json.loads(good(folder, "describe-table", name).out)["Table"] for name in ("shop", "other")
    ]
    for member in ("KeySchema", "AttributeDefinitions"):
        assert shown[0][member] == shown[1][member]
    indexes = [each["GlobalSecondaryIndexes"][0] for each in shown]
    for member in ("IndexName", "KeySchema", "Projection"):
        assert indexes[0][member] == indexes[1][member]
    assert not (folder / ".pannier-jobs").exists()


def test_provisioned_capacity_and_local_indexes_come_along(folder: Path) -> None:
    shape = ("--key", "PK:S,SK:N", "--index", "GSI=a:S", "--local-index", "LSI=b:B")
    good(folder, "create-table", "provisioned", *shape, "--provisioned", "7,3")
    good(folder, "copy", "provisioned", "again", "--create")
    shown = json.loads(good(folder, "describe-table", "again").out)["Table"]
    for each in (shown, shown["GlobalSecondaryIndexes"][0]):
        units = each["ProvisionedThroughput"]
        assert (units["ReadCapacityUnits"], units["WriteCapacityUnits"]) == (7, 3)
    assert [each["IndexName"] for each in shown["LocalSecondaryIndexes"]] == ["LSI"]


def test_another_target_may_have_a_table_of_the_same_name(folder: Path) -> None:
    there = ("--to-target", "local:backup")
    done = good(folder, "copy", "shop", "shop", *there, "--create", "--report", "none")
    assert done.err.startswith("target: local (.pannier)\nto: local (")
    assert items(folder, "shop", "--target", "local:backup") == items(folder)


def test_a_filter_and_a_projection_copy_a_part_and_the_key(folder: Path) -> None:
    part = ("--filter", "price < :n", "--values", '{":n": 10}', "--project", "price, t[0]")
    done = good(folder, "copy", "shop", "other", "--create", *part, "--report", "json")
    report = report_of(done.err)
    assert (report["read"], report["written"], report["skipped"]) == (COUNT, 30, COUNT - 30)
    copied = items(folder, "other")
    assert len(copied) == 30
    assert {*copied[0]} == {"PK", "SK", "price", "t"}
    assert copied[0]["t"] == [0]


def test_a_transform_changes_leaves_out_and_fails(folder: Path) -> None:
    how = ("--transform", "copy_code:cents", "--failures", "failed.jsonl", "--report", "json")
    done = run(folder, "copy", "shop", "other", "--create", *how)
    assert done.status == 1
    report = report_of(done.err)
    assert (report["read"], report["skipped"], report["failed"]) == (COUNT, 3, 6)
    assert "6 not written, see failed.jsonl" in done.err
    copied = items(folder, "other")
    assert len(copied) == COUNT - 9
    assert all(each["cents"] == 100 * each["price"] for each in copied)
    failed = [json.loads(line) for line in (folder / "failed.jsonl").read_text().splitlines()]
    assert all(each["source"] == "table shop" for each in failed)
    broken = [each for each in failed if each["kind"] == "transform"]
    assert {each["reason"] for each in broken} == {"the transform raised ValueError: eight"}
    assert all(each["attributes"].keys() == {"PK", "SK"} for each in broken)
    others = [each for each in failed if each["kind"] == "put"]
    assert len(others) == 3
    assert all("Missing the key PK in the item" in each["reason"] for each in others)


def test_a_transform_may_give_several_items_of_other_keys(folder: Path) -> None:
    good(folder, "create-table", "other", "--key", "id:S,n:N")
    how = ("--transform", "copy_code:rename", "--report", "json")
    report = report_of(good(folder, "copy", "shop", "other", *how).err)
    assert (report["read"], report["written"]) == (2 * COUNT, 2 * COUNT)
    assert len(items(folder, "other")) == 2 * COUNT


def test_a_table_is_changed_in_its_place_only_when_that_is_meant(folder: Path) -> None:
    before = items(folder)
    same = ("--to-target", "local:./.pannier")
    assert "onto itself Name another table" in refused(folder, "copy", "shop", "shop", *same)
    how = ("copy", "shop", "shop", "--transform", "copy_code:cents")
    said = refused(folder, *how)
    assert "Add --yes" in said
    assert items(folder) == before
    assert run(folder, *how, "--yes", "--report", "none").status == 1
    changed = [each for each in items(folder) if "cents" in each]
    assert len(changed) == COUNT - 9


def test_a_dry_run_says_what_would_be_done_and_does_nothing(folder: Path) -> None:
    done = good(folder, "copy", "shop", "other", "--create", "--dry-run")
    said = " ".join(done.out.split())
    assert "would read shop it has 300 items" in said
    assert "would write other, which would be made write units about 300" in said
    assert "no writes to global indexes; there are 1" in said
    done = good(folder, "copy", "shop", "shop", "--transform", "copy_code:cents", "--dry-run",
                "--report", "json")  # fmt: skip
    plan = json.loads(done.out)
    assert (plan["destination"], plan["creates"], plan["write_units"]) == ("shop", False, 300)
    assert "other" not in good(folder, "tables").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere", "other"], "there is no table nowhere here"),
        (["shop", "other"], "there is no table other at local (.pannier) Add --create"),
        (["shop", "x", "--create"], "x can't be made: ValidationException"),
        (["shop", "other", "--transform", "cents"], "--transform: 'cents' names no function"),
        (["shop", "other", "--transform", "nowhere:f"], "nowhere can't be imported"),
        (["shop", "other", "--transform", "copy_code:f"], "copy_code has no function f"),
        (["shop", "other", "--transform", "copy_code:number"], "has no function number"),
        (["shop", "other", "--create", "--filter", "price >"], "Syntax error"),
        (["shop", "other", "--create", "--resume"], "there is nothing to go on with"),
        (
            ["shop", "other", "--create", "--to-target", "memory", "--journal", "j"],
            "from or to memory can't go on later",
        ),
        (
            ["shop", "other", "--create", "--write-units", "50%"],
            "on demand",
        ),
    ],
)
def test_what_cant_be_done_is_told(folder: Path, arguments: list[str], words: str) -> None:
    assert words in refused(folder, "copy", *arguments)


def test_a_copy_that_was_ended_goes_on(folder: Path) -> None:
    (folder / "stop.toml").write_text(
        '[[rules]]\nskip = 2\noperations = "BatchWriteItem"\nthrottle = true\n'
    )
    good(folder, "create-table", "other", "--key", "PK:S,SK:S")
    command = ("copy", "shop", "other", "--journal", "j", "--report", "report.json")
    stop = ("--target", "local?faults=stop.toml", "--parallel", "1", "--give-up-after", "0.1")
    done = run(folder, *command, *stop, "--read-units", "100")
    assert done.status == 1
    assert re.search(r"[1-9]\d* items are copied for good. To go on:", done.err)
    done = good(folder, *command, "--resume")
    assert items(folder, "other") == items(folder)
    report = json.loads((folder / "report.json").read_text())
    assert (report["read"], report["written"], report["runs"]) == (COUNT, COUNT, 2)
    assert "is complete; nothing is left" in good(folder, *command, "--resume").err
    (folder / "copy_code.py").write_text(_CODE + "\n")
    other = ("copy", "shop", "other", "--transform", "copy_code:cents", "--journal", "j")
    assert "the job of j" in refused(folder, *other, "--resume")


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_copy_goes_on_with_the_command_that_it_shows(
    tmp_path: Path, by: signal.Signals
) -> None:
    service = FakeTables(3000, random.Random(by), 0.0)
    with fake_server(service, random.Random(1), 0.02) as server:
        options = ("--target", server.url, "--segments", "3", "--report", "report.json")
        done = interrupted(tmp_path, server, "copy", SOURCE, OTHER, *options, by=by)
        assert done.returncode == 130, done.stderr
        assert "Traceback" not in done.stderr
        report = json.loads((tmp_path / "report.json").read_text())
        assert report["balanced"]
        assert 0 < report["written"] < 3000
        assert "are copied for good. To go on:" in done.stderr
        server.delay_s_max = 0.0
        again = run_pannier(*shlex.split(done.stderr.strip().splitlines()[-1])[1:], cwd=tmp_path)
        assert again.returncode == 0, again.stderr
    assert sorted(service.copied) == [each["PK"]["S"] for each in service.source.items]
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["written"], report["runs"], report["balanced"]) == (3000, 2, True)
    assert not (tmp_path / ".pannier-jobs").exists()
