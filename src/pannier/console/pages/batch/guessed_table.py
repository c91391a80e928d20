"""A table that is not there: what it could look like, guessed from what should go into it."""

from collections.abc import Mapping
from typing import Any, Final

from pannier.console.pages.batch.examples import TABLE

_KEY_TYPES: Final = ("S", "N", "B")


def guessed_table(name: str, sample: Mapping[str, Any], *, is_key: bool) -> dict[str, Any] | None:
    """The request that creates a table, on demand, into which such an item fits.

    Args:
        name: of the table.
        sample: an item or key in the API's JSON form.
        is_key: whether the sample is nothing but a key.

    Returns:
        None where nothing in the sample can be a key.
    """
    kinds = {
        attribute: next(iter(value))
        for attribute, value in sample.items()
        if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _KEY_TYPES
    }
    if is_key:
        keys = list(kinds)[:2]
    elif "PK" in kinds:
        keys = [each for each in ("PK", "SK") if each in kinds]
    else:
        keys = list(kinds)[:1]
    if not keys:
        return None
    # The chapters of the workshop share one table, whose reads do not show its index.
    # The workshop's table has an index that not all of its requests show.
    has_index = keys == ["PK", "SK"] and (name == TABLE or {"GSI1PK", "GSI1SK"} <= kinds.keys())
    request: dict[str, Any] = {
        "TableName": name,
        "KeySchema": _schema(keys),
        "BillingMode": "PAY_PER_REQUEST",
    }
    used = {each: kinds[each] for each in keys}
    if has_index:
        used |= {each: kinds.get(each, "S") for each in ("GSI1PK", "GSI1SK")}
        request["GlobalSecondaryIndexes"] = [
            {
                "IndexName": "GSI1",
                "KeySchema": _schema(["GSI1PK", "GSI1SK"]),
                "Projection": {"ProjectionType": "ALL"},
            }
        ]
    request["AttributeDefinitions"] = [
        {"AttributeName": each, "AttributeType": kind} for each, kind in used.items()
    ]
    return request


def words_of(request: Mapping[str, Any]) -> str:
    """What such a request makes, in short."""
    keys = ", ".join(each["AttributeName"] for each in request["KeySchema"])
    indexes = "".join(
        f", index {each['IndexName']} ({', '.join(k['AttributeName'] for k in each['KeySchema'])})"
        for each in request.get("GlobalSecondaryIndexes", ())
    )
    return f"key {keys}{indexes}, on demand"


def _schema(names: list[str]) -> list[dict[str, str]]:
    roles = ("HASH", "RANGE")
    return [
        {"AttributeName": name, "KeyType": role} for name, role in zip(names, roles, strict=False)
    ]
