"""Damage done to a database's files, one bit or one end at a time, and what comes of it.

The law: whoever opens a damaged folder is refused with words that say what to do, or reads what was
written, or is answered an error that names the damage. Never something else, never less.

    python -m tests.storage.damage --rounds 1000 --seed 1
"""

import argparse
import json
import logging
import random
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pannier.engine.database import Database
from pannier.engine.keeping.checked import check_folder
from pannier.engine.keeping.repairing import repair
from pannier.errors import StorageError
from pannier.storage.rocks import RocksStore

Json = dict[str, Any]

TABLE: Final = "kept"
_ITEMS: Final = 240
_DAMAGES: Final = ("flip", "truncate", "remove")
# They hold nothing that is answered.
_HARMLESS: Final = frozenset({"lock", "LOCK", "LOG"})


@dataclass(frozen=True)
class Original:
    """A database's folder, and what it answers.

    Attributes:
        folder: the folder, as it is when its process was killed.
        items: what a scan answers, by key.
        written: all versions of items that there ever were, as JSON.
    """

    folder: Path
    items: dict[str, Json]
    written: frozenset[str]


def call(database: Database, operation: str, **request: Any) -> Json:
    """Call an operation that must succeed."""
    answer = database.execute(operation, json.dumps(request).encode())
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def make(folder: Path) -> Original:
    """Write a database with an index, a stream and expiry times, in several files and a log."""
    live = folder / "live"
    database = Database.open(live)
    call(
        database,
        "CreateTable",
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in "pg"],
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-g",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    call(
        database,
        "UpdateTimeToLive",
        TableName=TABLE,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"},
    )
    items: dict[str, Json] = {}
    written: set[str] = set()
    for number in range(_ITEMS):
        key = f"item-{number % (_ITEMS * 3 // 4):04d}"  # a quarter is written twice
        item = {
            "p": {"S": key},
            "g": {"S": f"group-{number % 7}"},
            "until": {"N": str(9_000_000_000 + number)},
            "text": {"S": f"{number} " * 30},
        }
        call(database, "PutItem", TableName=TABLE, Item=item)
        items[key] = item
        written.add(json.dumps(item, sort_keys=True))
        if number in (_ITEMS // 3, _ITEMS // 2):
            assert isinstance(database.store, RocksStore)
            database.store.flush()
    # As it lies there at this moment, when the process might be killed.
    original = folder / "original"
    shutil.copytree(live, original)
    database.close()
    return Original(original, items, frozenset(written))


def files_of(original: Original) -> list[Path]:
    """The files that can be damaged, relative to the folder."""
    found = sorted(path for path in original.folder.rglob("*") if path.is_file())
    return [path.relative_to(original.folder) for path in found if path.name not in _HARMLESS]


def damage(path: Path, kind: str, chance: random.Random) -> str:
    """Damage a file; returns what was done."""
    content = bytearray(path.read_bytes())
    place = chance.randrange(max(1, len(content)))
    if kind == "flip" and content:
        content[place] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        return f"a bit of byte {place:,} of {path.name}"
    if kind == "truncate":
        path.write_bytes(content[:place])
        return f"{path.name} ends after {place:,} bytes"
    path.unlink()
    return f"{path.name} is missing"


def outcome(folder: Path, original: Original) -> str:
    """Open a folder and read everything in every way; returns how that ended.

    Raises:
        AssertionError: something else was answered than what was written.
    """
    try:
        database = Database.open(folder)
    except StorageError as error:
        advised(error)
        return "refused"
    with database:
        answers = [_scan(database, original), _index(database, original), _gets(database, original)]
        answers.append(_batch(database, original))
    return "an error" if "an error" in answers else "unharmed"


def advised(error: StorageError) -> None:
    """See that an error says what to do next.

    Raises:
        AssertionError: it does not.
    """
    assert error.advice, error.message


def _answer(database: Database, operation: str, **request: Any) -> Json | None:
    """An answer, or None for an error that names the damage."""
    answer = database.submit(operation, json.dumps(request).encode())
    body: Json = json.loads(answer.body)
    if answer.status == 200:
        return body
    assert answer.status == 500, body
    assert "is damaged" in body["message"], body
    assert "pannier check" in body["message"], body
    return None


def _scan(database: Database, original: Original) -> str:
    answer = _answer(database, "Scan", TableName=TABLE)
    if answer is None:
        return "an error"
    assert {item["p"]["S"]: item for item in answer["Items"]} == original.items
    return "unharmed"


def _index(database: Database, original: Original) -> str:
    answer = _answer(database, "Scan", TableName=TABLE, IndexName="by-g")
    if answer is None:
        return "an error"
    found = {item["p"]["S"]: item["g"] for item in answer["Items"]}
    assert found == {key: item["g"] for key, item in original.items.items()}
    return "unharmed"


def _gets(database: Database, original: Original) -> str:
    ended = "unharmed"
    for key, item in original.items.items():
        answer = _answer(database, "GetItem", TableName=TABLE, Key={"p": {"S": key}})
        if answer is None:
            ended = "an error"
        else:
            assert answer.get("Item") == item
    return ended


def _batch(database: Database, original: Original) -> str:
    keys = [{"p": {"S": key}} for key in original.items][:100]
    answer = _answer(database, "BatchGetItem", RequestItems={TABLE: {"Keys": keys}})
    if answer is None:
        return "an error"
    found = {item["p"]["S"]: item for item in answer["Responses"][TABLE]}
    assert found == {key["p"]["S"]: original.items[key["p"]["S"]] for key in keys}
    return "unharmed"


def saved(folder: Path, target: Path, original: Original) -> int:
    """Repair a folder; returns how many items were saved.

    Raises:
        AssertionError: the new folder is not sound, or holds what was never written.
    """
    repaired = repair(folder, target)
    assert repaired.findings.sound, repaired.findings.listed
    with Database.open(target) as database:
        if TABLE in call(database, "ListTables")["TableNames"]:
            items = call(database, "Scan", TableName=TABLE)["Items"]
        else:  # the record of the table is lost, and its items are beside it
            items = _strays(target)
    for item in items:
        assert json.dumps(item, sort_keys=True) in original.written, item
    return len(items)


def _strays(folder: Path) -> list[Json]:
    lines = [path.read_text("utf-8").splitlines() for path in folder.glob("strays/*.jsonl")]
    items = [json.loads(line)["Item"] for each in lines for line in each]
    return [item for item in items if "text" in item]  # the rest are entries of the index


def round_of(original: Original, work: Path, name: Path, kind: str, chance: random.Random) -> str:
    """Damage one file of a copy in one way, and see that the law holds; returns the outcome.

    Raises:
        AssertionError: it does not; the text says what was done.
    """
    folder, target = work / "damaged", work / "repaired"
    for each in (folder, target):
        shutil.rmtree(each, ignore_errors=True)
    shutil.copytree(original.folder, folder)
    done = damage(folder / name, kind, chance)
    try:
        try:
            sound = check_folder(folder).sound
        except StorageError as error:
            advised(error)
            sound = False
        try:
            count = saved(folder, target, original)
        except StorageError as error:
            advised(error)
            count = -1
        ended = outcome(folder, original)  # the last, since it writes
        assert ended == "unharmed" or not sound, "a check found nothing"
        assert not sound or count == len(original.items), f"only {count} items were saved"
    except AssertionError as error:
        raise AssertionError(f"{done}: {error}") from error
    if count < 0:
        return f"{ended}, not to be repaired"
    return (
        f"{ended}, {'all' if count == len(original.items) else 'some' if count else 'none'} saved"
    )


def main() -> int:
    """Damage files for so many rounds; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.storage.damage")
    parser.add_argument("--rounds", type=int, default=200, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    logging.disable()  # each error is an outcome
    ended: Counter[tuple[str, str, str]] = Counter()
    broken = []
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        original = make(work)
        names = files_of(original)
        for number in range(options.rounds):
            chance = random.Random(f"{options.seed} {number}")
            name, kind = names[number % len(names)], _DAMAGES[number // len(names) % 3]
            try:
                ended[name.name, kind, round_of(original, work, name, kind, chance)] += 1
            except Exception as error:  # whatever it is, it is what the run is for
                broken.append(f"round {number}: {name} {kind}: {error!r}")
    for (name_of_file, kind, how), count in sorted(ended.items()):
        sys.stdout.write(f"{name_of_file:24} {kind:9} {count:6,}  {how}\n")
    for each in broken:
        sys.stdout.write(each + "\n")
    sys.stdout.write(f"{options.rounds:,} rounds, {len(broken):,} broke the law\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
