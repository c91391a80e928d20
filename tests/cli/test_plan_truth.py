"""Plans beside the truth: what `plan` says of a job, and what the job then consumed.

Each job goes through the commands as a user runs them, on the embedded engine, whose units are held
to AWS's rules by its own tests. Where nothing had to be assumed the units agree to the last one,
far within the 1 % that was promised; where something had to be, the assumption has a name.
"""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pannier.cli.main import main

INDEXES = ("--index", "by-kind=kind:S,SK:N", "--local-index", "by-price=price:N")
Item = dict[str, Any]


class Folder:
    """A working folder with a database, and the commands in it."""

    def __init__(self, path: Path, out: Callable[[], str]) -> None:
        self.path = path
        self._out = out

    def run(self, *arguments: str) -> str:
        self._out()
        assert main(list(arguments)) == 0, self._out()
        return self._out()

    def file(self, items: Iterator[Item] | list[Item], name: str = "items.jsonl") -> str:
        text = "".join(json.dumps(item) + "\n" for item in items)
        (self.path / name).write_text(text)
        return name

    def create(self, *options: str) -> None:
        self.run("create-table", "shop", "--key", "PK:S,SK:N", *options)

    def plan(self, *arguments: str) -> dict[str, Any]:
        plan: dict[str, Any] = json.loads(self.run("plan", *arguments, "--output", "json"))
        return plan

    def report(self, *arguments: str) -> dict[str, Any]:
        self.run(*arguments, "--report", "report.json")
        report: dict[str, Any] = json.loads((self.path / "report.json").read_text())
        return report


@pytest.fixture
def folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Folder:
    monkeypatch.chdir(tmp_path)
    return Folder(tmp_path, lambda: capsys.readouterr().out)


def item(number: int, chance: random.Random, size_max: int = 3000) -> Item:
    """An item that has an entry in each index, or in one, or in none."""
    made: Item = {"PK": f"p{number % 97}", "SK": number, "text": "x" * chance.randrange(size_max)}
    if chance.random() < 0.8:
        made["kind"] = f"k{chance.randrange(9)}"
    if chance.random() < 0.5:
        made["price"] = chance.randrange(10**6) / 100
    return made


def items(count: int, seed: int, size_max: int = 3000) -> list[Item]:
    chance = random.Random(seed)
    return [item(number, chance, size_max) for number in range(count)]


def keys(some: list[Item]) -> list[Item]:
    return [{"PK": each["PK"], "SK": each["SK"]} for each in some]


def unit_assumptions(plan: dict[str, Any]) -> set[str]:
    return {each["name"] for each in plan["assumptions"] if each["about"] == "units"}


def total(units: dict[str, float]) -> float:
    return sum(units.values())


def test_new_items_without_indexes(folder: Folder) -> None:
    """Of a table that is not there yet nothing has to be assumed."""
    name = folder.file(items(1000, seed=1))
    plan = folder.plan(name, "--table", "shop", "--key", "PK:S,SK:N")
    assert unit_assumptions(plan) == set()
    folder.create()
    report = folder.report("write", name, "--table", "shop")
    assert plan["units"] == report["units"]
    assert plan["calls"] == report["calls"] == 40
    assert plan["items"]["written"] == report["written"] == 1000
    assert plan["storage"]["items"] == 1000
    described = json.loads(folder.run("describe-table", "shop"))["Table"]
    assert plan["storage"]["size_bytes"] == described["TableSizeBytes"]
    assert plan["item_bytes"]["total"] == described["TableSizeBytes"]


def test_new_items_with_a_global_and_a_local_index(folder: Folder) -> None:
    """Entries are sparse, and each is rounded up for itself."""
    name = folder.file(items(1000, seed=2))
    plan = folder.plan(name, "--table", "shop", "--key", "PK:S,SK:N", *INDEXES)
    assert unit_assumptions(plan) == set()
    folder.create(*INDEXES)
    report = folder.report("write", name, "--table", "shop")
    assert plan["units"] == report["units"]
    assert len(plan["units"]["write"]) == 3
    described = json.loads(folder.run("describe-table", "shop"))["Table"]
    held = sum(
        each["IndexSizeBytes"]
        for member in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
        for each in described[member]
    )
    assert plan["storage"]["size_bytes"] == described["TableSizeBytes"] + held


def test_overwrites(folder: Folder) -> None:
    """Old sizes and old index keys are the table's: looked up, nothing is assumed."""
    folder.create(*INDEXES)
    folder.run("write", folder.file(items(600, seed=3), "old.jsonl"), "--table", "shop")
    name = folder.file(items(1000, seed=4))
    guessed = folder.plan(name, "--table", "shop")
    assert unit_assumptions(guessed) == {"new-items"}
    said = folder.plan(
        name,
        "--table",
        "shop",
        "--overwrites",
        "60%",
        "--index-moves",
        "90%",
        "--item-size",
        "1500",
    )
    assert unit_assumptions(said) == {"overwrites"}
    sampled = folder.plan(name, "--table", "shop", "--against-table", "200")
    assert unit_assumptions(sampled) == {"sample"}
    known = folder.plan(name, "--table", "shop", "--against-table", "all")
    assert unit_assumptions(known) == set()
    report = folder.report("write", name, "--table", "shop")
    truth = report["units"]["write"]
    assert known["units"]["write"] == truth
    assert known["margin_units"] == 0
    assert abs(total(sampled["units"]["write"]) - total(truth)) < sampled["margin_units"]
    assert total(said["units"]["write"]) == pytest.approx(total(truth), rel=0.1)
    assert total(guessed["units"]["write"]) < 0.9 * total(truth)


def test_deletes(folder: Folder) -> None:
    """A delete costs what is deleted, and its entries; one of nothing costs 1."""
    folder.create(*INDEXES)
    old = items(600, seed=5)
    folder.run("write", folder.file(old, "old.jsonl"), "--table", "shop")
    gone = [*keys(old)[:500], *({"PK": "none", "SK": n} for n in range(100))]
    requests = [
        {"DeleteRequest": {"Key": {"PK": {"S": each["PK"]}, "SK": {"N": str(each["SK"])}}}}
        for each in gone
    ]
    (folder.path / "deletes.json").write_text(json.dumps({"shop": requests}))
    guessed = folder.plan("deletes.json")
    assert unit_assumptions(guessed) == {"deletes-found"}
    known = folder.plan("deletes.json", "--against-table", "all")
    assert unit_assumptions(known) == set()
    by_keys = folder.file(gone, "gone.jsonl")
    same = folder.plan(by_keys, "--table", "shop", "--delete", "--against-table", "all")
    assert (same["units"], same["items"]) == (known["units"], known["items"])
    report = folder.report("write", "deletes.json")
    assert known["units"] == report["units"]
    assert known["items"]["deleted"] == report["deleted"] == 600
    assert total(guessed["units"]["write"]) == pytest.approx(
        total(report["units"]["write"]), rel=0.3
    )


def test_large_items(folder: Folder) -> None:
    """Up to 390 KB, and six times that as JSON: 16 MB limit the calls, not 25 items."""
    some = [
        {"PK": f"p{n}", "SK": n, "control": "\x01" * 110_000, "text": "x" * (6000 * n)}
        for n in range(47)
    ]
    name = folder.file(some)
    plan = folder.plan(name, "--table", "shop", "--key", "PK:S,SK:N")
    folder.create()
    report = folder.report("write", name, "--table", "shop")
    assert plan["units"] == report["units"]
    assert total(plan["units"]["write"]) > 40 * 100
    assert plan["calls"] == report["calls"] > 2
    assert plan["item_bytes"]["histogram"][-1]["up_to"] == 400 * 1024


@pytest.mark.parametrize("consistent", [True, False])
def test_reads(folder: Folder, *, consistent: bool) -> None:
    """Each item is rounded up to 4 KB; a missing key costs the minimum."""
    folder.create()
    old = items(400, seed=6, size_max=20_000)
    folder.run("write", folder.file(old, "old.jsonl"), "--table", "shop")
    wanted = [*keys(old), *({"PK": "none", "SK": n} for n in range(50))]
    name = folder.file(wanted, "keys.jsonl")
    options = ("--consistent",) if consistent else ()
    guessed = folder.plan(name, "--table", "shop", "--get", *options)
    assert unit_assumptions(guessed) == {"item-size", "missing-keys"}
    known = folder.plan(name, "--table", "shop", "--get", "--against-table", "all", *options)
    assert unit_assumptions(known) == set()
    assert known["looked_up_units"] > 0
    report = folder.report("get", name, "--table", "shop", "--out", "found.jsonl", *options)
    assert known["units"] == report["units"]
    assert known["calls"] == report["calls"] == 5
    assert (known["items"]["found"], known["items"]["missing"]) == (400, 50)
    assert (report["found"], report["missing"]) == (400, 50)
    assert total(guessed["units"]["read"]) == pytest.approx(
        total(report["units"]["read"]), rel=0.25
    )


def test_keys_that_the_input_writes_again_and_again(folder: Folder) -> None:
    """Puts and deletes of few keys: what each finds is what the one before has left."""
    chance = random.Random(7)
    requests = []
    for _ in range(3000):
        number = chance.randrange(300)
        if chance.random() < 0.3:
            key = {"PK": {"S": f"p{number % 97}"}, "SK": {"N": str(number)}}
            requests.append({"DeleteRequest": {"Key": key}})
            continue
        plain = item(number, chance, 5000)
        api = {
            name: {"S": value} if isinstance(value, str) else {"N": str(value)}
            for name, value in plain.items()
        }
        requests.append({"PutRequest": {"Item": api}})
    (folder.path / "writes.json").write_text(json.dumps({"shop": requests}))
    options = ("--every-write", "--target", "local:db")
    plan = folder.plan("writes.json", "--key", "PK:S,SK:N", *INDEXES, *options)
    assert unit_assumptions(plan) == set()
    folder.create(*INDEXES, "--target", "local:db")
    report = folder.report("write", "writes.json", *options)
    assert plan["units"] == report["units"]
    assert plan["items"]["written"] == report["written"]
    # Not all of them need be sent; how many, depends on how fast the target is.
    shorter = folder.plan("writes.json", "--key", "PK:S,SK:N", *INDEXES)
    assert unit_assumptions(shorter) == {"superseded"}
    assert total(shorter["units"]["write"]) < total(plan["units"]["write"])


def test_a_scan(folder: Folder) -> None:
    """A page is 1 MB and rounded up as a whole."""
    folder.create()
    folder.run("write", folder.file(items(3000, seed=8)), "--table", "shop")
    plan = folder.plan("--scan", "shop")
    assert unit_assumptions(plan) == {"table-counts", "pages"}
    sampled = folder.plan("--scan", "shop", "--sample", "500")
    assert sampled["item_bytes"]["items"] == 500
    assert sampled["units"] == plan["units"]
    from pannier import connect

    reports: list[Any] = []
    with connect("local") as db:
        count = sum(1 for _ in db.scan("shop", segments=1, report=reports.append))
    assert count == plan["items"]["read"] == 3000
    assert plan["units"]["read"]["shop"] == pytest.approx(reports[0].units.read_total, rel=0.01)
    assert plan["calls"] == reports[0].calls


def test_against_a_report_shows_both_and_the_difference(folder: Folder) -> None:
    name = folder.file(items(500, seed=9))
    folder.create(*INDEXES)
    folder.report("write", name, "--table", "shop")
    plan = folder.plan(name, "--table", "shop", "--against", "report.json")
    beside = {each["what"]: each for each in plan["against"]}
    assert beside["write units"]["percent"] == 0
    assert beside["calls"]["estimate"] == beside["calls"]["truth"] == 20
    assert beside["write units of shop/by-kind"]["percent"] == 0
    shown = folder.run("plan", name, "--table", "shop", "--against", "report.json")
    assert "+0.00 %" in shown
    assert "new-items" in shown
