"""Batches that anyone can compute again, and what a database must hold after them.

Each of four clients writes its own keys, one batch after the other, so that the state after any
number of its batches is known. After a crash, the database must hold for each client the state
after the batches that were answered, or after one more: the one that was on its way. Nothing in
between: a batch is there whole or not at all.
"""

import json
import os
import random
from pathlib import Path
from typing import Any

from pannier.engine.database import Database

Json = dict[str, Any]
State = dict[str, Json]  # a client's items, by their partition key

CLIENTS = 4
KEYS = 40  # of each client: few, so that batches overwrite and delete what earlier ones put
TABLE: Json = {
    "TableName": "crash",
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": "S"} for name in ("p", "color", "batch")
    ],
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-color",
            "KeySchema": [{"AttributeName": "color", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        },
        {
            "IndexName": "by-batch",
            "KeySchema": [{"AttributeName": "batch", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        },
    ],
    "BillingMode": "PAY_PER_REQUEST",
}


def batch(seed: str, client: int, number: int) -> list[Json]:
    """The write requests of a client's n-th batch: puts with and without color, and deletes."""
    name = f"{seed}-{client}-{number}"
    chance = random.Random(name)
    requests: list[Json] = []
    for key in chance.sample(range(KEYS), chance.randint(1, 25)):
        partition = {"p": {"S": f"{client}-{key}"}}
        if chance.random() < 0.25:
            requests.append({"DeleteRequest": {"Key": partition}})
            continue
        item = {**partition, "batch": {"S": name}, "fill": {"S": "x" * chance.randint(0, 400)}}
        if chance.random() < 0.75:
            item["color"] = {"S": chance.choice(["red", "green", "blue"])}
        requests.append({"PutRequest": {"Item": item}})
    return requests


def request_body(seed: str, client: int, number: int) -> bytes:
    """The BatchWriteItem request of a batch."""
    return json.dumps({"RequestItems": {"crash": batch(seed, client, number)}}).encode()


def after(state: State, requests: list[Json]) -> State:
    """The state after a batch."""
    state = dict(state)
    for request in requests:
        if "PutRequest" in request:
            item = request["PutRequest"]["Item"]
            state[item["p"]["S"]] = item
        else:
            state.pop(request["DeleteRequest"]["Key"]["p"]["S"], None)
    return state


def check_after_crash(
    folder: Path, seed: str, states: list[State], answered: list[int]
) -> list[State]:
    """Open the database of a dead owner and check what it holds.

    Args:
        folder: the database's.
        seed: of the batches.
        states: what each client had before the first of them.
        answered: how many of its batches each client saw answered.

    Returns:
        What each client's items are now.
    """
    dead_owner = json.loads((folder / "owner.json").read_bytes())["pid"]
    with Database.open(folder) as database:
        assert json.loads((folder / "owner.json").read_bytes())["pid"] == os.getpid() != dead_owner
        items = _scanned(database)
        found = [
            {name: item for name, item in items.items() if name.startswith(f"{client}-")}
            for client in range(CLIENTS)
        ]
        for client, state in enumerate(states):
            for number in range(answered[client]):
                state = after(state, batch(seed, client, number))
            on_its_way = after(state, batch(seed, client, answered[client]))
            assert found[client] in (state, on_its_way), (
                f"client {client}: after {answered[client]} answered batches the table differs in "
                f"{_differences(found[client], state)}, and with the batch on its way in "
                f"{_differences(found[client], on_its_way)}"
            )
        _check_indexes(database, items)
    return found


def _check_indexes(database: Database, items: State) -> None:
    """Each index holds exactly the entries of the items; all counts agree."""
    colored = {name: item for name, item in items.items() if "color" in item}
    keys_only = {
        name: {member: item[member] for member in ("p", "batch")} for name, item in items.items()
    }
    assert _scanned(database, "by-color") == colored
    assert _scanned(database, "by-batch") == keys_only
    table = _call(database, "DescribeTable", TableName="crash")["Table"]
    counts = {index["IndexName"]: index["ItemCount"] for index in table["GlobalSecondaryIndexes"]}
    assert (table["ItemCount"], counts) == (
        len(items),
        {"by-color": len(colored), "by-batch": len(items)},
    )
    sizes = sum(
        len(name) + len(value["S"]) for item in items.values() for name, value in item.items()
    )
    assert table["TableSizeBytes"] == sizes


def _scanned(database: Database, index: str | None = None) -> State:
    """All items or entries; none may be there twice."""
    request: Json = {"TableName": "crash", **({"IndexName": index} if index else {})}
    answer = _call(database, "Scan", **request)
    assert "LastEvaluatedKey" not in answer  # a few hundred small items are one page
    state = {item["p"]["S"]: item for item in answer["Items"]}
    assert len(state) == answer["Count"]
    return state


def _call(database: Database, operation: str, **request: Any) -> Json:
    answer = database.submit(operation, json.dumps(request).encode())
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def _differences(one: State, two: State) -> list[str]:
    return sorted(key for key in one.keys() | two.keys() if one.get(key) != two.get(key))
