"""Faults of a server that runs, as its admin API puts them in force."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SLOW: list[dict[str, Any]] = [
    {
        "operations": ["BatchWriteItem", "BatchGetItem", "Scan"],
        "slow": {"distribution": "uniform", "from_ms": 20, "to_ms": 60},
    },
    {
        "operations": ["BatchGetItem", "Scan"],
        "slow": {"distribution": "uniform", "from_ms": 100, "to_ms": 300},
    },
]
_EFFECTS: list[dict[str, Any]] = [
    {"throttle": True},
    {"error": "InternalServerError"},
    {"error": "ServiceUnavailable"},
    {"drop": "before"},
    {"drop": "after"},
]


def asked(url: str, method: str, body: object = None) -> Any:
    """What the server says of its faults."""
    content = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/_pannier/faults", content, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


@contextmanager
def faults(url: str, operation: str) -> Iterator[None]:
    """Everything that can go wrong with an operation does, while the block runs."""
    rules = [
        {"operations": operation, "skip": 1 + number, "times": 5, **effect}
        for number, effect in enumerate(_EFFECTS)
    ]
    if operation != "Scan":
        leave = {"share": 0.4, "pass_one": True}
        rules.append({"operations": operation, "probability": 0.2, "leave": leave})
    asked(url, "PUT", {"seed": 7, "rules": [*SLOW, *rules]})
    yield
    struck = [rule["counts"]["struck"] for rule in asked(url, "GET")["rules"]]
    asked(url, "DELETE")
    assert len(struck) == len(SLOW) + len(rules)
    assert all(struck[len(SLOW) :]), "each of them came to pass"
