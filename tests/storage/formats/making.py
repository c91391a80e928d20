"""Makes a database's folder of the current format, small, with something of everything in it.

    python -m tests.storage.formats.making tests/storage/formats/1/database.tar.gz

What a released format's folder holds must never change: this is run once for each format, by the
program that writes it. As it was made, it must be opened and found sound by all that follow.
"""

import gzip
import json
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Final

from pannier.clock import ManualClock
from pannier.engine.database import Database
from pannier.storage.rocks import RocksStore

Json = dict[str, Any]

ITEMS: Final[list[Json]] = [
    {
        "p": {"S": f"partition-{number % 3}"},
        "s": {"N": str(number - 5)},
        "g": {"B": "AAE="},
        "until": {"N": str(4_000_000_000 + number)},
        "all": {
            "M": {
                "list": {"L": [{"NULL": True}, {"BOOL": number % 2 == 0}, {"N": "-12.5"}]},
                "sets": {"M": {"ss": {"SS": ["ä", "b"]}, "ns": {"NS": ["1", "2.5"]}}},
                "bytes": {"BS": ["AA==", "AQ=="]},
            }
        },
    }
    for number in range(12)
]
_START_S: Final = 1_790_000_000.0


def fill(database: Database) -> None:
    """A table with both kinds of index, a stream, expiry times, a backup, tags, and a token."""

    def call(operation: str, **request: Any) -> Json:
        answer = database.execute(operation, json.dumps(request).encode())
        if answer.status != 200:
            raise RuntimeError(answer.body)
        made: Json = json.loads(answer.body)
        return made

    def key(*names: str) -> list[Json]:
        kinds = ("HASH", "RANGE")
        return [
            {"AttributeName": name, "KeyType": kind}
            for name, kind in zip(names, kinds, strict=False)
        ]

    types = {"p": "S", "s": "N", "g": "B", "until": "N"}
    call(
        "CreateTable",
        TableName="everything",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind} for name, kind in types.items()
        ],
        KeySchema=key("p", "s"),
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-g",
                "KeySchema": key("g", "until"),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["all"]},
                "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
            }
        ],
        LocalSecondaryIndexes=[
            {
                "IndexName": "by-until",
                "KeySchema": key("p", "until"),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        Tags=[{"Key": "kept", "Value": "for ever"}],
    )
    call(
        "UpdateTimeToLive",
        TableName="everything",
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"},
    )
    for item in ITEMS[:8]:
        call("PutItem", TableName="everything", Item=item)
    call("CreateBackup", TableName="everything", BackupName="eight")
    if isinstance(database.store, RocksStore):
        database.store.flush()
    call(
        "TransactWriteItems",
        TransactItems=[{"Put": {"TableName": "everything", "Item": item}} for item in ITEMS[8:]],
        ClientRequestToken="kept-for-ten-minutes",
    )
    call("DeleteItem", TableName="everything", Key={"p": {"S": "nothing"}, "s": {"N": "1"}})


def main() -> int:
    """Make the archive that is named; returns the exit status."""
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as temporary:
        live, left = Path(temporary, "live"), Path(temporary, "left")
        with Database.open(live, clock=ManualClock(_START_S)) as database:
            fill(database)
            # With a log that is not empty, as most folders have one.
            shutil.copytree(live, left)
        for name in ("lock", "owner.json", "data/LOCK", "data/LOG"):
            (left / name).unlink(missing_ok=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            target.open("wb") as file,
            gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as zipped,
            tarfile.open(fileobj=zipped, mode="w") as archive,
        ):
            for each in sorted(left.rglob("*")):
                entry = archive.gettarinfo(each, str(each.relative_to(left)))
                entry.uid = entry.gid = 0
                entry.uname = entry.gname = ""
                if each.is_file():
                    with each.open("rb") as content:
                        archive.addfile(entry, content)
                else:
                    archive.addfile(entry)
    return 0


if __name__ == "__main__":
    sys.exit(main())
