"""A log ends when this store says so, and what is in it is on disk before the next one begins.

RocksDB's own way leaves a gap to a power cut: `tests/crash/test_power_cut.py` shows it.
"""

import threading
from pathlib import Path
from typing import Any

import pytest

from pannier.errors import StorageError
from pannier.storage import rocks
from pannier.storage.rocks import RocksStore

BUFFER_BYTES = 64 * 1024


class Told:
    """RocksDB, with a list of what it was told to do."""

    def __init__(self, db: Any) -> None:
        self._db = db
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        told = getattr(self._db, name)
        if name not in ("write", "flush_wal", "flush"):
            return told

        def call(*arguments: object, **more: object) -> object:
            self.calls.append(name)
            return told(*arguments, **more)

        return call


def logs(path: Path) -> set[str]:
    return {each.name for each in path.glob("*.log")}


@pytest.mark.parametrize("size_bytes", [500, 20_000, 300_000])
def test_a_log_is_synced_before_the_next_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size_bytes: int
) -> None:
    monkeypatch.setattr(rocks, "_WRITE_BUFFER_BYTES", BUFFER_BYTES)
    store = RocksStore(tmp_path)
    told = store._db = Told(store._db)  # type: ignore[assignment]
    seen = logs(tmp_path)
    ended = 0
    for number in range(2_000_000 // size_bytes):
        wait_for_the_disk(store)
        group = store.new_group()
        group.put(b"%06d" % number, bytes(size_bytes))
        told.calls.clear()
        store.write(group)
        new = logs(tmp_path) - seen
        seen |= new
        if new:
            assert told.calls == ["write", "flush_wal", "flush"]
            ended += 1
        else:
            assert told.calls in (["write"], ["write", "flush_wal", "flush"])
    assert ended >= 5
    store.close()


def wait_for_the_disk(store: RocksStore) -> None:
    pause = threading.Event()
    for _ in range(10_000):
        if not store._is_flushing():
            return
        pause.wait(0.001)
    raise AssertionError("buffers do not get to the disk")


def test_a_log_that_the_disk_is_behind_with_is_synced_at_each_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then RocksDB itself may begin the next one before any write, and nobody waits for a flush."""
    monkeypatch.setattr(rocks, "_WRITE_BUFFER_BYTES", BUFFER_BYTES)
    monkeypatch.setattr(RocksStore, "_is_flushing", lambda _: True)
    store = RocksStore(tmp_path)
    told = store._db = Told(store._db)  # type: ignore[assignment]
    seen = logs(tmp_path)
    begun, before = 0, ["write"]
    for number in range(40):
        group = store.new_group()
        group.put(b"%06d" % number, bytes(20_000))
        told.calls.clear()
        store.write(group)
        assert "flush" not in told.calls
        new = logs(tmp_path) - seen
        seen |= new
        if new:
            assert before == ["write", "flush_wal"]
            begun += 1
        before = list(told.calls)
    assert begun
    store.close()


def test_a_group_that_is_refused_is_a_storage_error(tmp_path: Path) -> None:
    store = RocksStore(tmp_path)
    store.close()
    group = store.new_group()
    group.put(b"a", b"1")
    with pytest.raises(StorageError):
        store.write(group)
