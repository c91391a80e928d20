"""Each law of a database is broken by hand, and the check says which, of what, and where."""

import json
from collections.abc import Callable, Iterator

import orjson
import pytest

from pannier.clock import ManualClock
from pannier.engine.backups import BACKUP_PREFIX, UNFINISHED_PREFIX
from pannier.engine.catalog import COUNT_PREFIX, NEXT_SPACE_KEY, TABLE_PREFIX
from pannier.engine.checking import Findings, check_store
from pannier.engine.checking.findings import LISTED_MAX
from pannier.engine.database import Database
from pannier.engine.expiry import expiry_space
from pannier.engine.metrics.space import POINT_PREFIX
from pannier.engine.rows import CATALOG_SPACE, row_item, space_prefix, to_row
from pannier.engine.streams.stream import stream_space
from pannier.storage.store import Entry, Store
from tests.engine.reference import call
from tests.storage.formats.making import ITEMS, fill


@pytest.fixture
def database() -> Iterator[Database]:
    clock = ManualClock(1_790_000_000.0)
    with Database.in_memory(clock=clock, sweep_interval_s=None) as database:
        fill(database)
        yield database


@pytest.fixture
def store(database: Database) -> Store:
    return database.store


def space_of(store: Store, part: str) -> bytes:
    """The prefix of the space of a table, an index, or what belongs to them."""
    record = orjson.loads(store.get(TABLE_PREFIX + b"everything") or b"")
    numbers = {
        "table": record["space"],
        **record["index_spaces"],
        "times": expiry_space(record["space"]),
        "stream": stream_space(1),
    }
    return space_prefix(numbers[part])


def rows(store: Store, part: str) -> list[Entry]:
    prefix = space_of(store, part)
    return list(store.range(prefix, prefix + b"\xff" * 40))


def put(store: Store, key: bytes, value: bytes) -> None:
    group = store.new_group()
    group.put(key, value)
    store.write(group)


def delete(store: Store, key: bytes) -> None:
    group = store.new_group()
    group.delete(key)
    store.write(group)


def test_a_database_that_nobody_harmed_is_sound(store: Store) -> None:
    told: list[int] = []
    findings = check_store(store, told.append)
    assert findings.sound
    assert findings.listed == []
    assert findings.tables == {"everything": (12, sum(len_of(row) for row in rows(store, "table")))}
    assert told == sorted(told)
    assert findings.rows == told[-1] == len(list(store.range(b"", b"\xff" * 5)))


def len_of(entry: Entry) -> int:
    return int.from_bytes(entry[1][:4], "little")


def other_item(store: Store) -> None:
    key, row = rows(store, "table")[3]
    put(store, key, to_row({**row_item(row), "p": {"S": "another"}}, 200))


def wrong_size(store: Store) -> None:
    key, row = rows(store, "table")[3]
    put(store, key, (len_of((key, row)) + 1).to_bytes(4, "little") + row[4:])


def not_json(store: Store) -> None:
    key, row = rows(store, "table")[3]
    put(store, key, row[:-1])


def not_canonical(store: Store) -> None:
    key, row = rows(store, "table")[3]
    put(store, key, row[:4] + json.dumps(row_item(row)).encode())


def item_gone(store: Store) -> None:
    delete(store, rows(store, "table")[3][0])


def entry_gone(store: Store) -> None:
    delete(store, rows(store, "by-g")[3][0])


def entry_changed(store: Store) -> None:
    key, row = rows(store, "by-g")[3]
    put(store, key, to_row({**row_item(row), "all": {"S": "x"}}, len_of((key, row))))


def entry_too_many(store: Store) -> None:
    key, row = rows(store, "by-until")[3]
    put(store, key + b"more", row)


def counts_gone(store: Store) -> None:
    delete(store, COUNT_PREFIX + space_of(store, "table"))


def time_gone(store: Store) -> None:
    delete(store, rows(store, "times")[3][0])


def time_too_many(store: Store) -> None:
    key, value = rows(store, "times")[3]
    put(store, key + b"more", value)


def stream_gap(store: Store) -> None:
    delete(store, rows(store, "stream")[3][0])


def stream_swapped(store: Store) -> None:
    (first, value), (second, _) = rows(store, "stream")[2:4]
    put(store, second, value)
    assert first != second


def stream_broken(store: Store) -> None:
    key, value = rows(store, "stream")[3]
    put(store, key, value[:-3])


def backup_row_gone(store: Store) -> None:
    ((_, record),) = store.range(BACKUP_PREFIX, BACKUP_PREFIX + b"\xff")
    prefix = space_prefix(orjson.loads(record)["space"])
    delete(store, next(iter(store.range(prefix, prefix + b"\xff" * 40)))[0])


def orphan(store: Store) -> None:
    put(store, space_prefix(777) + b"hash" + b"key", b"row")


def strange_record(store: Store) -> None:
    put(store, CATALOG_SPACE + b"strange", b"1")


def broken_table(store: Store) -> None:
    put(store, TABLE_PREFIX + b"everything", b'{"description": {')


def space_taken_twice(store: Store) -> None:
    record = orjson.loads(store.get(TABLE_PREFIX + b"everything") or b"")
    record["index_spaces"]["by-g"] = record["index_spaces"]["by-until"]
    put(store, TABLE_PREFIX + b"everything", orjson.dumps(record))


def next_space_too_low(store: Store) -> None:
    put(store, NEXT_SPACE_KEY, b"2")


def broken_point(store: Store) -> None:
    put(store, POINT_PREFIX + b"\0\1\0\0\0\1\0\0\0", b"short")


BREAKS: list[tuple[Callable[[Store], None], str, str]] = [
    (other_item, "row", "lies under a key that is not its own"),
    (wrong_size, "row", "says that it has"),
    (not_json, "row", "can't be read"),
    (not_canonical, "row", "is not in the form"),
    (item_gone, "count", "says 12 items, and has 11"),
    (item_gone, "index", "an entry that belongs to no item"),
    (item_gone, "expiry", "1 expiry times belong to no item"),
    (entry_gone, "index", "has no entry"),
    (entry_changed, "index", "has an entry that is not its projection"),
    (entry_too_many, "index", "an entry that belongs to no item"),
    (entry_too_many, "count", "says 12 items, and has 13"),
    (counts_gone, "count", "says 0 items, and has 12"),
    (time_gone, "expiry", "has no expiry time"),
    (time_too_many, "expiry", "1 expiry times belong to no item"),
    (stream_gap, "stream", "records 4 to 4 are missing"),
    (stream_swapped, "stream", "record 4 says that it is"),
    (stream_broken, "stream", "record 4 can't be read"),
    (backup_row_gone, "backup", "says 8 items, and has 7"),
    (orphan, "orphan", "1 rows belong to no table"),
    (strange_record, "record", "'strange' is of no known kind"),
    (broken_table, "record", "'table/everything' can't be read"),
    (space_taken_twice, "record", "shares space"),
    (next_space_too_low, "record", "is not below the next one"),
    (broken_point, "metrics", "a point can't be read"),
]


@pytest.mark.parametrize(("harm", "kind", "words"), BREAKS)
def test_what_is_broken_is_found(
    store: Store, harm: Callable[[Store], None], kind: str, words: str
) -> None:
    harm(store)
    findings = check_store(store)
    assert not findings.sound
    assert any(each.kind == kind and words in each.what for each in findings.listed), [
        (each.kind, each.place, each.what) for each in findings.listed
    ]


def test_an_item_is_named_by_its_table_and_its_key(store: Store) -> None:
    wrong_size(store)
    (finding,) = [each for each in check_store(store).listed if each.kind == "row"]
    assert finding.place == "everything"
    assert finding.what.startswith('{"p":{"S":"partition-')


def test_the_first_of_each_kind_are_listed_and_all_are_counted(store: Store) -> None:
    for key, _ in rows(store, "by-g"):
        delete(store, key)
    findings = check_store(store)
    assert findings.counts["index"] == len(ITEMS)
    assert sum(each.kind == "index" for each in findings.listed) == LISTED_MAX


def test_a_backfill_under_way_is_no_fault(database: Database) -> None:
    """An index that is being filled has entries up to a row, and none behind it."""
    for number in range(1200):
        item = {**ITEMS[0], "s": {"N": str(number)}, "h": {"S": str(number)}}
        call(database, "PutItem", TableName="everything", Item=item)
    call(
        database,
        "UpdateTable",
        TableName="everything",
        AttributeDefinitions=[{"AttributeName": "h", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "by-h",
                    "KeySchema": [{"AttributeName": "h", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                    "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
                }
            }
        ],
    )
    assert database.catalog.building()
    assert check_store(database.store).listed == []
    while database.build_indexes():
        assert check_store(database.store).listed == []
    assert not database.catalog.building()
    assert check_store(database.store).listed == []


def test_a_copy_that_was_not_finished_is_a_note(store: Store) -> None:
    put(store, UNFINISHED_PREFIX + space_prefix(50), b"[50]")
    put(store, space_prefix(50) + b"hashkey", b"row")
    findings = check_store(store)
    assert findings.sound
    assert "not finished" in findings.notes[0]


def test_progress_is_told(store: Store) -> None:
    findings = Findings()
    findings.looked_at(3)
    assert findings.rows == 3
    assert check_store(store).to_document()["sound"] is True
