"""A table that is not there: the request that would make it, for what should go into it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pannier.console.pages.batch.examples import TABLE
from pannier.library.guessed_keys import INDEX, guessed_keys, key_types


def guessed_table(name: str, sample: Mapping[str, Any], *, is_key: bool) -> dict[str, Any] | None:
    """The request that creates a table, on demand, into which such an item fits.

    Args:
        name: of the table.
        sample: an item or key in the API's JSON form.
        is_key: whether the sample is nothing but a key.

    Returns:
        None where nothing in the sample can be a key.
    """
    types = key_types(sample)
    keys = guessed_keys(types, is_key=is_key)
    if not keys:
        return None
    # The workshop's table has an index that not all of its requests show.
    has_index = keys == ["PK", "SK"] and (name == TABLE or types.keys() >= set(INDEX))
    request: dict[str, Any] = {
        "TableName": name,
        "KeySchema": _schema(keys),
        "BillingMode": "PAY_PER_REQUEST",
    }
    used = {each: types[each] for each in keys}
    if has_index:
        used |= {each: types.get(each, "S") for each in INDEX}
        request["GlobalSecondaryIndexes"] = [
            {
                "IndexName": "GSI1",
                "KeySchema": _schema(INDEX),
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


def _schema(names: Sequence[str]) -> list[dict[str, str]]:
    roles = ("HASH", "RANGE")
    return [
        {"AttributeName": name, "KeyType": role} for name, role in zip(names, roles, strict=False)
    ]
