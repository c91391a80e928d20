"""Two answers to one request: the same, or how they differ."""

import json
from decimal import Decimal
from typing import Any

Answered = tuple[int, dict[str, Any]]

_UNORDERED = ("Items", "Responses")


def difference(operation: str, ours: Answered, theirs: Answered) -> str | None:
    """A line that says how two answers differ, or None."""
    if ours[0] != theirs[0]:
        return f"status {ours[0]} / {theirs[0]}: {_error(ours)} / {_error(theirs)}"
    if ours[0] != 200:
        mine, other = _error(ours), _error(theirs)
        return None if mine == other else f"error: {mine} / {other}"
    mine, other = _normal(operation, ours[1]), _normal(operation, theirs[1])
    for member in sorted(set(mine) | set(other)):
        if mine.get(member) != other.get(member):
            return f"{member}: {_short(mine.get(member))} / {_short(other.get(member))}"
    return None


def _error(answered: Answered) -> str:
    status, body = answered
    if status == 200:
        return "ok"
    code = str(body.get("__type", "")).rpartition("#")[2]
    text = body.get("message") or body.get("Message") or ""
    reasons = body.get("CancellationReasons")
    shown = f"{code}: {text}"
    return f"{shown} {json.dumps(_canonical(reasons), sort_keys=True)}" if reasons else shown


def _short(value: Any) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) < 400 else text[:400] + "..."


def _normal(operation: str, body: dict[str, Any]) -> dict[str, Any]:
    body = _canonical(body)
    if operation == "Scan" and "Items" in body:
        body["Items"] = sorted(body["Items"], key=lambda item: json.dumps(item, sort_keys=True))
    if operation == "BatchGetItem":
        for table, items in body["Responses"].items():
            body["Responses"][table] = sorted(items, key=lambda i: json.dumps(i, sort_keys=True))
    capacity = body.get("ConsumedCapacity")
    if isinstance(capacity, list):
        body["ConsumedCapacity"] = sorted(capacity, key=lambda each: str(each.get("TableName")))
    return body


def _canonical(value: Any) -> Any:
    """Sets in order and numbers by value; everything else as it is."""
    if isinstance(value, dict):
        if len(value) == 1:
            ((kind, content),) = value.items()
            if kind == "N" and isinstance(content, str):
                return {kind: str(Decimal(content).normalize())}
            if kind == "NS" and isinstance(content, list):
                content = [str(Decimal(member).normalize()) for member in content]
            if kind in ("SS", "NS", "BS") and isinstance(content, list):
                return {kind: sorted(content)}
        return {name: _canonical(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_canonical(member) for member in value]
    return value
