"""Tables that come and go, and an index that comes and goes, while everything else goes on.

One more client takes these steps again and again. What there must be after any number of them is
known, so that after a crash it is what the answered ones made, or those and the next.
"""

from typing import Final, NamedTuple

from tests.crash.mixed_load import GROWING, Json

PASSING: Final = "passing"
INDEX: Final = "by-color"
BULK_ITEMS: Final = 4000  # of the growing table: its index takes eight groups to fill
_BATCH: Final = 25
_KEY: Final = [{"AttributeName": "p", "KeyType": "HASH"}]
_COLOR: Final = [{"AttributeName": "color", "KeyType": "HASH"}]
_ATTRIBUTES: Final = [{"AttributeName": name, "AttributeType": "S"} for name in ("p", "color")]
_NEW_INDEX: Final = {
    "IndexName": INDEX,
    "KeySchema": _COLOR,
    "Projection": {"ProjectionType": "ALL"},
}


class Standing(NamedTuple):
    """What there is: how many items the passing table has, if it is there, and the index."""

    passing_items: int | None
    index: bool


_STEPS: Final[tuple[tuple[str, Json, Standing], ...]] = (
    (
        "CreateTable",
        {
            "TableName": PASSING,
            "AttributeDefinitions": _ATTRIBUTES,
            "KeySchema": _KEY,
            "GlobalSecondaryIndexes": [_NEW_INDEX],
            "BillingMode": "PAY_PER_REQUEST",
        },
        Standing(0, index=False),
    ),
    ("BatchWriteItem", {}, Standing(_BATCH, index=False)),
    (
        "UpdateTable",
        {
            "TableName": GROWING,
            "AttributeDefinitions": _ATTRIBUTES,
            "GlobalSecondaryIndexUpdates": [{"Create": _NEW_INDEX}],
        },
        Standing(_BATCH, index=True),
    ),
    ("BatchWriteItem", {}, Standing(2 * _BATCH, index=True)),
    ("DeleteTable", {"TableName": PASSING}, Standing(None, index=True)),
    (
        "UpdateTable",
        {
            "TableName": GROWING,
            "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": INDEX}}],
        },
        Standing(None, index=False),
    ),
)


def step(number: int) -> tuple[str, Json]:
    """The n-th request: its operation and body."""
    operation, body, standing = _STEPS[number % len(_STEPS)]
    if operation == "BatchWriteItem":
        stop = standing.passing_items or 0
        puts = [{"PutRequest": {"Item": item(n)}} for n in range(stop - _BATCH, stop)]
        body = {"RequestItems": {PASSING: puts}}
    return operation, body


def waits_for_index(number: int) -> bool:
    """Whether the n-th request is refused as long as the index is being filled."""
    return number % len(_STEPS) == len(_STEPS) - 1


def standing(steps: int) -> Standing:
    """What there is after so many requests."""
    return _STEPS[(steps - 1) % len(_STEPS)][2]


def item(number: int) -> Json:
    """An item of the passing table, or of those that the growing one has from the beginning."""
    made: Json = {"p": {"S": f"bulk-{number}"}, "fill": {"S": "y" * (number % 90)}}
    if number % 5:
        made["color"] = {"S": ("red", "green", "blue")[number % 3]}
    return made
