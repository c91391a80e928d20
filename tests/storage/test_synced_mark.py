"""The note of what was synced: what it finds missing, and that it is never ahead of the disk."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from pannier.storage.damage import DamagedStoreError
from pannier.storage.rocks import RocksStore
from pannier.storage.synced_mark import NAME, read_mark


def put(store: RocksStore, *numbers: int) -> None:
    """Write a group for each number."""
    for number in numbers:
        group = store.new_group()
        group.put(b"%05d" % number, b"%0100d" % number)
        store.write(group)


def held(path: Path) -> int:
    """How many keys a store has when it is opened."""
    store = RocksStore(path)
    try:
        return len(list(store.range(b"", b"\xff")))
    finally:
        store.close()


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A store with 100 synced changes and 10 that are not, as its process is killed."""
    store = RocksStore(tmp_path / "live")
    put(store, *range(100))
    store.sync()
    put(store, *range(100, 110))
    shutil.copytree(tmp_path / "live", tmp_path / "killed")
    store.close()
    return tmp_path / "killed"


def log_of(path: Path) -> Path:
    (log,) = path.glob("*.log")
    return log


def record_bytes(path: Path) -> int:
    """How long a record of the log is; all are alike, and the first has nothing before it."""
    return log_of(path).stat().st_size // 110


def test_a_torn_end_that_was_never_synced_is_tolerated(killed: Path) -> None:
    """That is what a power cut leaves, and nobody was told that it would be there."""
    log = log_of(killed)
    log.write_bytes(log.read_bytes()[: -record_bytes(killed) * 5 - 7])
    assert held(killed) == 104


def test_an_end_that_was_synced_is_missed(killed: Path) -> None:
    log = log_of(killed)
    log.write_bytes(log.read_bytes()[: record_bytes(killed) * 99])
    before = log.read_bytes()
    with pytest.raises(
        DamagedStoreError, match=r"ends at change \d+, but 100 had been written"
    ) as caught:
        RocksStore(killed)
    assert log.name in caught.value.message
    assert "pannier repair" in caught.value.advice
    assert log.read_bytes() == before, "what can still be saved is there"


def test_damage_in_the_middle_of_a_log_does_not_drop_what_follows_silently(killed: Path) -> None:
    log = log_of(killed)
    content = bytearray(log.read_bytes())
    content[record_bytes(killed) * 40] ^= 1
    log.write_bytes(content)
    for _ in range(2):
        with pytest.raises(DamagedStoreError):
            RocksStore(killed)


def test_a_log_that_is_missing_is_missed(killed: Path) -> None:
    log_of(killed).unlink()
    with pytest.raises(DamagedStoreError, match="which is missing"):
        RocksStore(killed)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\0" * 36])
def test_a_note_that_cannot_be_read_says_nothing(killed: Path, content: bytes) -> None:
    (killed / NAME).write_bytes(content)
    assert read_mark(killed) is None
    assert held(killed) == 110


@pytest.fixture
def flushed(tmp_path: Path) -> Path:
    """A store with 50 rows in a table file and one in its log, as its process is killed.

    The last record of its manifest is the one that names the table file. Without it the log alone
    would show the newest change, and nothing else would be missed.
    """
    store = RocksStore(tmp_path / "live")
    put(store, *range(50))
    store.flush()
    put(store, 50)
    store.sync()
    shutil.copytree(tmp_path / "live", tmp_path / "killed")
    store.close()
    return tmp_path / "killed"


def last_record(manifest: Path) -> int:
    """Where the last record of a manifest begins."""
    content = manifest.read_bytes()
    place = last = 0
    while place < len(content):
        last = place
        place += 7 + int.from_bytes(content[place + 4 : place + 6], "little")
    assert place == len(content)
    return last


def test_a_manifest_that_lost_its_last_record_is_missed(flushed: Path) -> None:
    """RocksDB takes a shorter one for an older one: the rows of a table file would be gone."""
    (manifest,) = flushed.glob("MANIFEST-*")
    manifest.write_bytes(manifest.read_bytes()[: last_record(manifest)])
    with pytest.raises(DamagedStoreError, match=manifest.name):
        RocksStore(flushed)


def test_a_manifest_whose_last_record_grew_beyond_its_end_is_missed(flushed: Path) -> None:
    """RocksDB takes a record that is longer than what is left for one that was being written."""
    (manifest,) = flushed.glob("MANIFEST-*")
    content = bytearray(manifest.read_bytes())
    content[last_record(manifest) + 5] ^= 0x10  # the higher byte of its length
    manifest.write_bytes(content)
    with pytest.raises(DamagedStoreError, match=manifest.name):
        RocksStore(flushed)


def test_a_manifest_is_known_as_soon_as_it_is_begun(flushed: Path, tmp_path: Path) -> None:
    """Each opening begins one, and its process may be killed before it writes anything."""
    store = RocksStore(flushed)
    shutil.copytree(flushed, tmp_path / "again")
    store.close()
    (manifest,) = (tmp_path / "again").glob("MANIFEST-*")
    mark = read_mark(tmp_path / "again")
    assert mark is not None
    assert manifest.name == f"MANIFEST-{mark.manifest:06d}"
    assert mark.manifest_bytes == manifest.stat().st_size
    assert mark.sequence == 51
    assert held(tmp_path / "again") == 51


def test_a_manifest_that_is_whole_is_no_reason(flushed: Path) -> None:
    assert held(flushed) == 51


@pytest.mark.parametrize("with_note", [True, False])
def test_a_store_without_its_current_is_not_begun_anew(killed: Path, with_note: bool) -> None:
    (killed / "CURRENT").unlink()
    if not with_note:
        (killed / NAME).unlink()
    with pytest.raises(DamagedStoreError, match="CURRENT"):
        RocksStore(killed)
    assert log_of(killed).stat().st_size


class FailingSync:
    """RocksDB, whose log can't be synced."""

    def __init__(self, db: Any) -> None:
        self._db = db

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    def flush_wal(self, _: bool) -> None:
        raise OSError("Input/output error")


def test_what_was_not_synced_is_not_noted(tmp_path: Path) -> None:
    """Nor anything later: after a failed sync nobody knows what is on the disk."""
    store = RocksStore(tmp_path)
    put(store, 1)
    store.sync()
    whole, store._db = store._db, FailingSync(store._db)  # type: ignore[assignment]
    put(store, 2)
    with pytest.raises(OSError, match="Input/output"):
        store.sync()
    store._db = whole
    put(store, 3)
    store.sync()
    mark = read_mark(tmp_path)
    assert mark is not None
    assert mark.sequence == 1
    store.close()


def test_a_store_that_was_closed_has_noted_everything(tmp_path: Path) -> None:
    store = RocksStore(tmp_path)
    put(store, *range(7))
    store.close()
    mark = read_mark(tmp_path)
    assert mark is not None
    assert mark.sequence == 7
    assert (tmp_path / f"MANIFEST-{mark.manifest:06d}").stat().st_size == mark.manifest_bytes
    assert held(tmp_path) == 7


def test_a_store_whose_making_was_ended_is_made_anew(killed: Path, tmp_path: Path) -> None:
    """The manifest is written first; before `CURRENT` names it nothing else can have been."""
    begun = tmp_path / "begun"
    begun.mkdir()
    for each in killed.iterdir():
        if each.name.startswith("MANIFEST-") or each.name in ("IDENTITY", "LOCK"):
            shutil.copy(each, begun)
    assert any(begun.glob("MANIFEST-*"))
    assert held(begun) == 0
