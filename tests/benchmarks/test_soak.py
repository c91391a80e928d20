"""The soak: a short one ends well, and what would fail a long one is found."""

import json
from pathlib import Path

import pytest

from benchmarks.soak.calling import Tally
from benchmarks.soak.comparing import compare
from benchmarks.soak.judging import Sample, judge_growth
from benchmarks.soak.owned_items import INDEX, TABLE, OwnedItems
from benchmarks.soak.running import Plan, run
from benchmarks.soak.serving import State
from benchmarks.soak.visitors import BRIEF
from pannier.engine.database import Database
from pannier.testing.loop_thread import LoopThread
from pannier.testing.serving import Server
from tests.engine.reference import call

HOUR_S = 3600
MB = 1_000_000


def test_a_short_one(tmp_path: Path):
    """All that goes on in an hour, but for the waiting: no error, every item as it was written."""
    plan = Plan(seconds=6, warm_up_s=1, rate=80, clients=2, keys=200, sample_s=0.5)
    outcome = run(plan, tmp_path)
    assert outcome.examples == []
    assert outcome.passed
    assert {"batch write", "transact write", "batch of expiring items"} <= outcome.calls.keys()
    found = {finding.what: finding for finding in outcome.findings}
    assert found["resident memory"].passed is None  # too short for that
    for what in ("items", "items after a restart"):
        assert found[what].figures.endswith(" compared, 0 wrong")
        assert not found[what].figures.startswith("0 ")
    samples = [json.loads(line) for line in (tmp_path / "samples.jsonl").read_text().splitlines()]
    assert samples[-1]["resident"] > 10 * MB
    assert samples[-1]["items"][TABLE] > 0
    assert len(outcome.latencies) == 5  # warming up, and the quarters


def samples(**grows: int) -> list[Sample]:
    """An hour, and what grows within it; of ten megabytes and ten of everything else."""
    state = dict.fromkeys(State.__annotations__, 10)
    state |= dict.fromkeys(("resident", "anonymous", "folder"), 100 * MB)
    made = []
    for at_s in range(-600, HOUR_S, 10):
        grown = {name: state[name] + by * max(0, at_s) // HOUR_S for name, by in grows.items()}
        made.append(Sample(at_s, State(**state | grown)))
    return made


@pytest.mark.parametrize(
    ("grows", "failed"),
    [
        ({}, []),
        ({"resident": 5 * MB}, []),
        ({"resident": 10 * MB}, ["resident memory"]),
        ({"anonymous": 10 * MB}, ["anonymous memory"]),
        ({"open_files": 20}, ["open files"]),
        ({"open_files": 20, "folder_open": 20}, []),
        ({"threads": 4}, ["threads"]),
        ({"folder": 30 * MB}, ["folder"]),
    ],
)
def test_growth(grows: dict[str, int], failed: list[str]):
    """Three quarters of what grows within an hour lie between the first quarter and the last."""
    findings = judge_growth(samples(**grows))
    assert [each.what for each in findings if each.passed is False] == failed


def test_growth_while_warming_up_is_none():
    """Caches fill then."""
    made = samples()
    cold = [
        Sample(each.at_s, State(**{**each.state.__dict__, "resident": MB}))
        if each.at_s < 0
        else each
        for each in made
    ]
    assert all(each.passed for each in judge_growth(cold))


def test_differences_are_found():
    """A wrong item, one that is missing, one that nobody wrote, a wrong entry of the index."""

    class Nothing:
        put: list[tuple[str, int]] = []  # noqa: RUF012

    owner = OwnedItems(0, 10)
    with Database.in_memory() as database:
        for table, keys in ((TABLE, "ps"), (BRIEF, "p")):
            request = {
                "TableName": table,
                "KeySchema": [
                    {"AttributeName": name, "KeyType": kind}
                    for name, kind in zip(keys, ("HASH", "RANGE"), strict=False)
                ],
                "AttributeDefinitions": [
                    {"AttributeName": name, "AttributeType": "S"}
                    for name in (*keys, *(["color"] if table == TABLE else []))
                ],
                "BillingMode": "PAY_PER_REQUEST",
            }
            if table == TABLE:
                request["GlobalSecondaryIndexes"] = [
                    {
                        "IndexName": INDEX,
                        "KeySchema": [{"AttributeName": "color", "KeyType": "HASH"}],
                        "Projection": {"ProjectionType": "KEYS_ONLY"},
                    }
                ]
            call(database, "CreateTable", **request)
        for number in range(4):
            version, item = owner.fresh(number)
            owner.put(number, version)
            if number == 1:
                item["color"] = {"S": "other"}
            if number != 2:
                call(database, "PutItem", TableName=TABLE, Item=item)
        call(database, "PutItem", TableName=TABLE, Item={"p": {"S": "?"}, "s": {"S": "?"}})
        thread = LoopThread()
        server = Server(database, thread)
        tally = Tally()
        compared = compare(int(server.url.rpartition(":")[2]), tally, [owner], Nothing())
        server.close()
        thread.close()
    assert compared == 4
    assert tally.wrong == {
        "compared: another item": 1,
        "compared: an item is missing": 1,
        "compared: an entry of the index is wrong or missing": 2,
        "compared: an item that nobody wrote": 1,
    }
