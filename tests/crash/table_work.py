"""Tables, an index and a backup that come and go, while everything else goes on.

One more client takes these steps again and again. What there must be after any number of them is
known, so that after a crash it is what the answered ones made, or those and the next.
"""

from typing import Final, NamedTuple

from tests.crash.mixed_load import GROWING, Json

PASSING: Final = "passing"
RESTORED: Final = "restored"
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
    """What there is: how many items the passing table has, if it is there, and what else."""

    passing_items: int | None = None
    index: bool = False
    backup: bool = False
    restored: bool = False


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
        Standing(0),
    ),
    ("BatchWriteItem", {}, Standing(_BATCH)),
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
    ("DeleteTable", {"TableName": PASSING}, Standing(index=True)),
    (
        "CreateBackup",
        {"TableName": GROWING, "BackupName": "growing"},
        Standing(index=True, backup=True),
    ),
    (
        "UpdateTable",
        {
            "TableName": GROWING,
            "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": INDEX}}],
        },
        Standing(backup=True),
    ),
    (
        "RestoreTableFromBackup",
        {"TargetTableName": RESTORED},
        Standing(backup=True, restored=True),
    ),
    ("DeleteBackup", {}, Standing(restored=True)),
    ("DeleteTable", {"TableName": RESTORED}, Standing()),
)


def step(number: int) -> tuple[str, Json]:
    """The n-th request: its operation and body."""
    operation, body, standing = _STEPS[number % len(_STEPS)]
    if operation == "BatchWriteItem":
        stop = standing.passing_items or 0
        puts = [{"PutRequest": {"Item": item(n)}} for n in range(stop - _BATCH, stop)]
        body = {"RequestItems": {PASSING: puts}}
    return operation, body


def wants_backup(number: int) -> bool:
    """Whether the body of the n-th request lacks the `BackupArn`, which nobody knows beforehand."""
    return _STEPS[number % len(_STEPS)][0] in ("RestoreTableFromBackup", "DeleteBackup")


def waits_for_index(number: int) -> bool:
    """Whether the n-th request is refused as long as an index is being filled."""
    _, body, _ = _STEPS[number % len(_STEPS)]
    updates = body.get("GlobalSecondaryIndexUpdates", ({},))
    return "Delete" in updates[0]


def standing(steps: int) -> Standing:
    """What there is after so many requests."""
    return _STEPS[(steps - 1) % len(_STEPS)][2]


def item(number: int) -> Json:
    """An item of the passing table, or of those that the growing one has from the beginning."""
    made: Json = {"p": {"S": f"bulk-{number}"}, "fill": {"S": "y" * (number % 90)}}
    if number % 5:
        made["color"] = {"S": ("red", "green", "blue")[number % 3]}
    return made
