"""The contract of a store, kept by both of them; and what only the one on disk promises.

Rows of tables and indexes lie in a store as bytes under bytes. What the engine builds on: an
order by unsigned bytes, groups that are applied whole and in their order, and views that stand
still.
"""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pannier.errors import StorageError
from pannier.storage.memory import MemoryStore
from pannier.storage.rocks import RocksStore
from pannier.storage.store import Entry, Store

Change = tuple[str, bytes, bytes]


@pytest.fixture(params=["rocks", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store = RocksStore(tmp_path / "data") if request.param == "rocks" else MemoryStore()
    yield made
    made.close()


def write(store: Store, *changes: Change) -> None:
    """Write one group: `("put", key, value)`, `("delete", key, b"")`, `("delete_range", b, e)`."""
    group = store.new_group()
    for change, key, other in changes:
        match change:
            case "put":
                group.put(key, other)
            case "delete":
                group.delete(key)
            case "delete_range":
                group.delete_range(key, other)
    store.write(group)


def fill(store: Store, *keys: bytes) -> None:
    """Put these keys, each with itself as its value."""
    write(store, *(("put", key, key) for key in keys))


def keys(entries: Iterator[Entry]) -> list[bytes]:
    return [key for key, _ in entries]


def everything(store: Store) -> list[bytes]:
    return keys(store.range(b"", b"\xff" * 8))


# Reading


def test_a_value_is_found_under_its_key_only(store: Store) -> None:
    write(store, ("put", b"key", b"value"))
    assert store.get(b"key") == b"value"
    for other in (b"", b"ke", b"key\0", b"kez", b"KEY"):
        assert store.get(other) is None


def test_an_empty_value_is_a_value(store: Store) -> None:
    write(store, ("put", b"key", b""))
    assert store.get(b"key") == b""
    assert store.get_many([b"key", b"no"]) == [b"", None]
    assert list(store.range(b"a", b"z")) == [(b"key", b"")]


def test_keys_and_values_of_the_largest_item(store: Store) -> None:
    """Keys of 3 KB (LMDB would refuse them) and a value of 400 KB, zero bytes inside."""
    key, value = b"\0\xff" * 1536, bytes(range(256)) * 1600
    write(store, ("put", key, value))
    assert store.get(key) == value
    assert list(store.range(key, key + b"\0")) == [(key, value)]


def test_many_keys_are_answered_in_the_order_of_the_question(store: Store) -> None:
    fill(store, b"a", b"b", b"c")
    assert store.get_many([b"c", b"no", b"a", b"c"]) == [b"c", None, b"a", b"c"]
    assert store.get_many([]) == []


def test_keys_are_ordered_as_unsigned_bytes(store: Store) -> None:
    ascending = [
        b"",
        b"\0",
        b"\0\0",
        b"\0\xff",
        b"\x01",
        b"a",
        b"a\0",
        b"ab",
        b"b",
        b"\x80",
        b"\xff",
    ]
    fill(store, *reversed(ascending))
    assert everything(store) == ascending
    assert keys(store.range(b"", b"\xff\xff", reverse=True)) == ascending[::-1]


@pytest.mark.parametrize(
    ("start", "stop", "found"),
    [
        (b"b", b"d", [b"b", b"c"]),  # the start is in, the stop is out
        (b"b", b"d\0", [b"b", b"c", b"d"]),
        (b"b\0", b"d", [b"c"]),
        (b"aa", b"cc", [b"b", b"c"]),  # bounds that are no keys
        (b"", b"b", [b"a"]),
        (b"d", b"zz", [b"d", b"e"]),
        (b"f", b"z", []),
        (b"", b"a", []),
        (b"b", b"b", []),
        (b"d", b"b", []),  # nothing lies between: no error
    ],
)
def test_a_range_runs_from_its_start_up_to_its_stop(
    store: Store, start: bytes, stop: bytes, found: list[bytes]
) -> None:
    """In both directions, the bounds stay what they are."""
    fill(store, b"a", b"b", b"c", b"d", b"e")
    assert list(store.range(start, stop)) == [(key, key) for key in found]
    assert list(store.range(start, stop, reverse=True)) == [(key, key) for key in found[::-1]]
    assert list(store.values(start, stop)) == found
    assert list(store.values(start, stop, reverse=True)) == found[::-1]
    view = store.snapshot()
    assert keys(view.range(start, stop)) == found
    assert keys(view.range(start, stop, reverse=True)) == found[::-1]


def test_a_range_may_be_left_early(store: Store) -> None:
    """A page of Query ends at 1 MB; the rest of the range is never read."""
    fill(store, *(b"%04d" % number for number in range(1000)))
    entries = store.range(b"0500", b"9")
    assert [next(entries)[0] for _ in range(3)] == [b"0500", b"0501", b"0502"]


# Groups


def test_a_group_is_invisible_until_it_is_written(store: Store) -> None:
    fill(store, b"old")
    group = store.new_group()
    group.put(b"new", b"1")
    group.delete(b"old")
    assert everything(store) == [b"old"]
    store.write(group)
    assert everything(store) == [b"new"]


def test_an_empty_group_changes_nothing(store: Store) -> None:
    fill(store, b"a")
    write(store)
    assert everything(store) == [b"a"]


def test_to_delete_what_is_not_there_is_no_error(store: Store) -> None:
    write(store, ("delete", b"no", b""), ("put", b"a", b"1"), ("delete_range", b"x", b"y"))
    assert everything(store) == [b"a"]


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ([("put", b"k", b"1"), ("put", b"k", b"2")], b"2"),
        ([("put", b"k", b"1"), ("delete", b"k", b"")], None),
        ([("delete", b"k", b""), ("put", b"k", b"1")], b"1"),
        ([("put", b"k", b"1"), ("delete_range", b"k", b"l")], None),
        ([("delete_range", b"a", b"z"), ("put", b"k", b"1")], b"1"),
        ([("put", b"k", b"1"), ("delete_range", b"a", b"z"), ("put", b"k", b"2")], b"2"),
        ([("delete", b"k", b""), ("delete_range", b"a", b"z")], None),
    ],
)
def test_the_changes_of_a_group_take_effect_in_their_order(
    store: Store, changes: list[Change], value: bytes | None
) -> None:
    """Whether or not the key was there before."""
    write(store, *changes)
    assert store.get(b"k") == value
    write(store, ("put", b"k", b"before"))
    write(store, *changes)
    assert store.get(b"k") == value


def test_a_deleted_range_loses_its_start_and_keeps_its_end(store: Store) -> None:
    fill(store, b"a", b"b", b"b\0", b"c", b"c\0", b"d")
    write(store, ("delete_range", b"b", b"c"))
    assert everything(store) == [b"a", b"c", b"c\0", b"d"]
    assert store.get(b"b\0") is None
    assert store.get_many([b"b", b"c"]) == [None, b"c"]
    assert keys(store.range(b"", b"z", reverse=True)) == [b"d", b"c\0", b"c", b"a"]
    fill(store, b"b")  # what comes later is not touched
    assert store.get(b"b") == b"b"


@pytest.mark.parametrize(("begin", "end"), [(b"b", b"b"), (b"c", b"a"), (b"", b"")])
def test_a_range_that_is_empty_deletes_nothing_and_harms_nothing(
    store: Store, begin: bytes, end: bytes
) -> None:
    """RocksDB by itself applies half of such a group and then refuses every later write."""
    fill(store, b"a", b"b", b"c")
    write(store, ("put", b"x", b"1"), ("delete_range", begin, end), ("put", b"y", b"2"))
    assert everything(store) == [b"a", b"b", b"c", b"x", b"y"]
    fill(store, b"z")
    assert store.get(b"z") == b"z"


# Snapshots


def test_a_snapshot_stands_still(store: Store) -> None:
    fill(store, b"a", b"b", b"c", b"d")
    view = store.snapshot()
    write(store, ("put", b"a", b"changed"), ("put", b"aa", b"new"), ("delete", b"b", b""))
    write(store, ("delete_range", b"c", b"z"))
    assert everything(store) == [b"a", b"aa"]

    assert view.get(b"a") == b"a"
    assert view.get(b"b") == b"b"
    assert view.get(b"aa") is None
    assert list(view.range(b"", b"z")) == [(key, key) for key in (b"a", b"b", b"c", b"d")]
    assert keys(view.range(b"b", b"d", reverse=True)) == [b"c", b"b"]


def test_what_is_not_in_a_snapshot_is_none(store: Store) -> None:
    fill(store, b"a")
    view = store.snapshot()
    for key in (b"", b"A", b"a\0", b"b"):
        assert view.get(key) is None


def test_a_range_of_a_snapshot_goes_on_while_others_write(store: Store) -> None:
    fill(store, b"a", b"b", b"c")
    entries = store.snapshot().range(b"", b"z")
    assert next(entries) == (b"a", b"a")
    write(store, ("delete_range", b"", b"z"), ("put", b"bb", b"new"))
    assert keys(entries) == [b"b", b"c"]


def test_snapshots_are_independent_of_each_other(store: Store) -> None:
    views = []
    for key in (b"a", b"b", b"c"):
        fill(store, key)
        views.append(store.snapshot())
    assert [keys(view.range(b"", b"z")) for view in views] == [
        [b"a"],
        [b"a", b"b"],
        [b"a", b"b", b"c"],
    ]


def test_ranges_of_one_snapshot_do_not_disturb_each_other(store: Store) -> None:
    fill(store, b"a", b"b", b"c", b"d")
    view = store.snapshot()
    fill(store, b"bb")
    seen = []
    for up, down in zip(view.range(b"", b"z"), view.range(b"", b"z", reverse=True), strict=True):
        assert view.get(b"d") == b"d"
        assert view.get(b"bb") is None
        seen.append((up[0], down[0]))
    assert seen == [(b"a", b"d"), (b"b", b"c"), (b"c", b"b"), (b"d", b"a")]


# Syncing


def test_a_sync_may_run_beside_reads_and_writes(store: Store) -> None:
    """It has a thread of its own, and it must not hold up the one that serves requests."""
    ended = threading.Event()
    failures: list[BaseException] = []

    def sync() -> None:
        try:
            while not ended.is_set():
                store.sync()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=sync)
    thread.start()
    try:
        for number in range(100):
            fill(store, b"%03d" % number)
            assert store.get(b"%03d" % number) is not None
    finally:
        ended.set()
        thread.join()
    assert not failures
    assert len(everything(store)) == 100


# What only the store on disk promises


def test_what_was_written_is_there_after_the_store_is_opened_again(tmp_path: Path) -> None:
    """Synced or not: closing loses nothing."""
    path = tmp_path / "not" / "there" / "yet"
    store = RocksStore(path)
    fill(store, b"a", b"b", b"c", b"d")
    store.sync()
    write(store, ("delete", b"b", b""), ("put", b"c", b"changed"), ("delete_range", b"d", b"e"))
    store.close()
    store = RocksStore(path)
    assert list(store.range(b"", b"z")) == [(b"a", b"a"), (b"c", b"changed")]
    store.close()


_WRITER = """
import sys
from pathlib import Path
from pannier.storage.rocks import RocksStore
store = RocksStore(Path(sys.argv[1]))
for number in range(1000):
    group = store.new_group()
    group.put(b"row %d" % number, b"x" * 100)
    group.put(b"index %d" % number, b"")
    store.write(group)
    print(number, flush=True)
sys.stdin.read()
"""


def test_written_groups_survive_kill_9_without_a_sync(tmp_path: Path) -> None:
    """Their records are with the operating system; a sync is what a power cut needs.

    The writer is killed while it writes: all that it has reported must be there, nothing may be
    there in half, and no group without those before it.
    """
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path / "data")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert writer.stdout is not None
    for _ in range(200):
        writer.stdout.readline()
    writer.send_signal(signal.SIGKILL)
    rest, _ = writer.communicate(timeout=20)
    reported = 200 + rest.count(b"\n")
    assert writer.returncode == -signal.SIGKILL

    store = RocksStore(tmp_path / "data")
    rows = {int(key.split()[1]) for key in keys(store.range(b"row", b"rox"))}
    index = {int(key.split()[1]) for key in keys(store.range(b"index", b"indey"))}
    store.close()
    assert rows == index == set(range(len(rows)))
    assert len(rows) >= reported


def test_a_store_that_is_open_already_is_refused(tmp_path: Path) -> None:
    store = RocksStore(tmp_path)
    with pytest.raises(StorageError, match="can't be opened") as caught:
        RocksStore(tmp_path)
    assert caught.value.advice
    store.close()


def test_a_damaged_store_is_refused_with_advice(tmp_path: Path) -> None:
    store = RocksStore(tmp_path)
    fill(store, b"a")
    store.close()
    (tmp_path / "CURRENT").write_text("nonsense")
    with pytest.raises(StorageError, match="is damaged") as caught:
        RocksStore(tmp_path)
    assert "pannier restore" in caught.value.advice


@pytest.mark.parametrize("reverse", [False, True])
def test_a_damaged_block_is_an_error_and_not_the_end_of_a_range(
    tmp_path: Path, reverse: bool
) -> None:
    """Otherwise half a table would be answered as if it were all."""
    store = RocksStore(tmp_path)
    write(store, *(("put", b"%05d" % number, b"%0100d" % number) for number in range(5000)))
    store._db.flush()
    store.close()
    (table,) = tmp_path.glob("*.sst")
    content = bytearray(table.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 16] = bytes(255 - byte for byte in content[middle : middle + 16])
    table.write_bytes(content)

    store = RocksStore(tmp_path)
    with pytest.raises(Exception, match="Corruption"):
        list(store.range(b"", b"z", reverse=reverse))
    with pytest.raises(Exception, match="Corruption"):
        list(store.values(b"", b"z", reverse=reverse))
    with pytest.raises(Exception, match="Corruption"):
        list(store.snapshot().range(b"", b"z", reverse=reverse))
    store.close()


def test_a_store_in_memory_ends_with_its_close() -> None:
    store = MemoryStore()
    fill(store, b"a")
    store.close()
    assert store.get(b"a") is None
