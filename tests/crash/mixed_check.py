"""What a database must hold after a crash under mixed load.

Everything is read through the API and compared with what is recomputed from the items themselves,
by `tests.engine.reference`: indexes, counts, sizes; and the streams' records, applied in their
order to nothing, must give the tables.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pannier.engine import backups
from pannier.engine.database import Database
from pannier.engine.metrics.space import POINT_PREFIX
from pannier.engine.rows import CATALOG_SPACE, SPACE_BYTES, space_prefix
from tests.crash.mixed_load import (
    CLIENTS,
    GROWING,
    NOTES,
    ORDERS,
    Json,
    Place,
    Request,
    State,
    after,
    is_mayfly,
    owner,
    place,
)
from tests.crash.table_work import BULK_ITEMS, INDEX, PASSING, RESTORED, Standing, item, standing
from tests.engine.reference import call, comparable, item_size

_NUMBER_BASE = 10**20  # of sequence numbers, as they are shown
_ROUNDING = 1e-6
_METRICS_SPACE = POINT_PREFIX[:SPACE_BYTES]


@dataclass
class Findings:
    """What was wrong, and how often."""

    lost: int = 0
    halves: int = 0
    index_differences: int = 0
    stream_differences: int = 0
    metric_differences: int = 0
    words: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.words)

    def add(self, kind: str, words: str) -> None:
        """Note a finding of a kind: one of the counts' names."""
        setattr(self, kind, getattr(self, kind) + 1)
        self.words.append(f"{kind}: {words}")


@dataclass(frozen=True)
class Asked:
    """What a client asked until the crash.

    Attributes:
        state: its items after all that was answered.
        pending: what was not answered, if anything.
    """

    state: State
    pending: Request | None


def check(
    database: Database, asked: Sequence[Asked], steps_answered: int, findings: Findings
) -> tuple[list[State], int]:
    """Check a database that was opened after a crash.

    Args:
        database: on a copy of what the dead owner left.
        asked: by client.
        steps_answered: of `table_work`.
        findings: gets whatever is wrong.

    Returns:
        What each client's items are now, and how many steps of `table_work` were taken.
    """
    while database.build_indexes():
        pass
    items = {name: _all(database, name) for name in (ORDERS, NOTES, GROWING)}
    found: list[dict[Place, Json]] = [{} for _ in range(CLIENTS)]
    for table in items.values():
        for where, each in table.items():
            if not (where[1].startswith("bulk-") or is_mayfly(where)):
                found[owner(where)][where] = each
    for client, (before, now) in enumerate(zip(asked, found, strict=True)):
        _check_client(client, before, now, findings)
    steps = _check_standing(database, steps_answered, items[GROWING], findings)
    for name in call(database, "ListTables")["TableNames"]:
        _check_table(database, name, findings)
    for name in items:
        _check_stream(database, name, items[name], findings)
    _check_spaces(database, findings)
    return list(found), steps


def check_expiry(database: Database, findings: Findings) -> None:
    """A sweep takes what has expired, and nothing else."""
    kept = {where: each for where, each in _all(database, NOTES).items() if not is_mayfly(where)}
    database.sweep()
    if _all(database, NOTES) != kept:
        findings.add("lost", "a sweep took something else than what had expired")
    _check_table(database, NOTES, findings)


def check_metrics(database: Database, sent: dict[str, float], findings: Findings) -> float:
    """No more units are in the metrics than were sent; returns how many there are.

    `kill -9` takes what was measured since the last full minute, so there may be less; but what
    was written when a server ended gently, as the first did, stays.
    """
    total = 0.0
    for name, at_most in sent.items():
        answer = database.cloudwatch.execute(
            "GetMetricStatistics",
            {
                "Namespace": "AWS/DynamoDB",
                "MetricName": "ConsumedWriteCapacityUnits",
                "Dimensions": [{"Name": "TableName", "Value": name}],
                "StartTime": 0,
                "EndTime": database.clock() // 86400 * 86400 + 2 * 86400,
                "Period": 86400 * 30,
                "Statistics": ["Sum"],
            },
        )
        units = sum(point["Sum"] for point in answer["Datapoints"])
        at_least = BULK_ITEMS if name == GROWING else 0
        if not at_least <= units <= at_most + _ROUNDING:
            findings.add("metric_differences", f"{units} units of {name}, of {at_most} sent")
        total += units
    return total


def _check_client(client: int, asked: Asked, now: State, findings: Findings) -> None:
    allowed = [asked.state]
    if asked.pending is not None:
        allowed.append(after(asked.state, asked.pending))
    if now in allowed:
        return
    wrong = {
        where for where in asked.state.keys() | now if asked.state.get(where) != now.get(where)
    }
    pending = set(asked.pending.changes) if asked.pending is not None else set()
    kind = "halves" if wrong <= pending else "lost"
    operation = asked.pending.operation if asked.pending is not None else "nothing"
    findings.add(kind, f"client {client}, {operation} under way: {sorted(wrong)[:5]}")


def _check_standing(
    database: Database, steps: int, growing: dict[Place, Json], findings: Findings
) -> int:
    bulk = [item(n) for n in range(BULK_ITEMS)]
    if _bulk(growing) != {place(GROWING, each): each for each in bulk}:
        findings.add("lost", "items of the growing table")
    passing = None
    names = call(database, "ListTables")["TableNames"]
    if PASSING in names:
        passing = _all(database, PASSING)
        if passing != {place(PASSING, item(n)): item(n) for n in range(len(passing))}:
            findings.add("halves", f"{PASSING} has other items than its batches put")
    described = call(database, "DescribeTable", TableName=GROWING)["Table"]
    now = Standing(
        None if passing is None else len(passing),
        index=any(each["IndexName"] == INDEX for each in _indexes(described)),
        backup=bool(call(database, "ListBackups")["BackupSummaries"]),
        restored=RESTORED in names,
    )
    if now.restored and _bulk(_all(database, RESTORED)) != {
        place(RESTORED, each): each for each in bulk
    }:
        findings.add("halves", "the restored table")
    for number in (steps, steps + 1):
        if now == standing(number):
            return number
    findings.add("lost", f"after {steps} steps there is {now}, not {standing(steps)}")
    return steps


def _bulk(items: dict[Place, Json]) -> dict[Place, Json]:
    return {where: each for where, each in items.items() if where[1].startswith("bulk-")}


def _check_spaces(database: Database, findings: Findings) -> None:
    """No row belongs to a table, index, stream or backup that is not there any more."""
    tables = database.catalog._tables.values()
    known = {CATALOG_SPACE, _METRICS_SPACE}
    known |= {space.prefix for table in tables for space in table.spaces()}
    known |= {table.expiry.prefix for table in tables if table.expiry is not None}
    known |= {stream._prefix for stream in database.catalog.streams._streams.values()}
    known |= {space_prefix(record["space"]) for record in backups.every(database)}
    prefix = b""
    while True:
        found = next(database.store.range(prefix, b"\xff" * SPACE_BYTES), None)
        if found is None:
            return
        space = found[0][:SPACE_BYTES]
        if space not in known:
            findings.add("halves", f"rows of nobody in the space {space.hex()}")
        prefix = space_prefix(int.from_bytes(space, "big") + 1)


def _check_table(database: Database, name: str, findings: Findings) -> None:
    described = call(database, "DescribeTable", TableName=name)["Table"]
    items = list(_all(database, name).values())
    counted = (described["ItemCount"], described["TableSizeBytes"])
    if counted != (len(items), sum(map(item_size, items))):
        findings.add("index_differences", f"{name} is described as {counted}")
    keys = [each["AttributeName"] for each in described["KeySchema"]]
    for index in _indexes(described):
        mine = [each["AttributeName"] for each in index["KeySchema"]]
        wanted = [_projected(each, keys, mine, index) for each in items]
        entries = [each for each in wanted if all(key in each for key in mine)]
        there = list(_pages(database, TableName=name, IndexName=index["IndexName"]))
        if _sorted(there, keys) != _sorted(entries, keys):
            findings.add("index_differences", f"{name}/{index['IndexName']} is not of its table")
        counted = (index["ItemCount"], index["IndexSizeBytes"])
        if counted != (len(entries), sum(map(item_size, entries))):
            findings.add("index_differences", f"{name}/{index['IndexName']} counts {counted}")


def _projected(each: Json, keys: list[str], mine: list[str], index: Json) -> Json:
    projection = index["Projection"]
    if projection["ProjectionType"] == "ALL":
        return each
    names = {*keys, *mine, *projection.get("NonKeyAttributes", ())}
    return {name: value for name, value in each.items() if name in names}


def _check_stream(
    database: Database, name: str, items: dict[Place, Json], findings: Findings
) -> None:
    state: dict[Place, Json] = {}
    last = 0
    for record in _records(database, name):
        change = record["dynamodb"]
        number = int(change["SequenceNumber"]) - _NUMBER_BASE
        if number != last + 1:
            findings.add("stream_differences", f"{name}: {number} follows {last}")
        last = number
        where = place(name, change["Keys"])
        if change.get("OldImage") != state.get(where):
            findings.add("stream_differences", f"{name}: the old image of {number} at {where}")
        if record["eventName"] == "REMOVE":
            state.pop(where, None)
        else:
            state[where] = change["NewImage"]
    if state != items:
        findings.add("stream_differences", f"{name}: its {last} records give another table")


def _records(database: Database, name: str) -> Iterator[Json]:
    arn = call(database, "DescribeTable", TableName=name)["Table"]["LatestStreamArn"]
    (shard,) = call(database, "DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = call(
        database,
        "GetShardIterator",
        StreamArn=arn,
        ShardId=shard["ShardId"],
        ShardIteratorType="TRIM_HORIZON",
    )["ShardIterator"]
    while True:
        answer = call(database, "GetRecords", ShardIterator=iterator)
        if not answer["Records"]:
            return
        yield from answer["Records"]
        iterator = answer["NextShardIterator"]


def _indexes(described: Json) -> list[Json]:
    return [
        each
        for member in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes")
        for each in described.get(member, ())
    ]


def _all(database: Database, name: str) -> dict[Place, Json]:
    items = list(_pages(database, TableName=name))
    by_place = {place(name, each): each for each in items}
    assert len(by_place) == len(items), f"{name} shows an item twice"
    return by_place


def _pages(database: Database, **request: Any) -> Iterator[Json]:
    while True:
        answer = call(database, "Scan", **request)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _sorted(items: list[Json], keys: list[str]) -> list[str]:
    ordered = sorted(items, key=lambda each: [comparable(each[name]) for name in keys])
    return [json.dumps(each, sort_keys=True) for each in ordered]
