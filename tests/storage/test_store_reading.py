"""A store that is only read: it writes nothing, and goes on behind what can't be read."""

from pathlib import Path

import pytest

from pannier.storage.reading import StoreReader
from pannier.storage.rocks import RocksStore

ENTRIES = {b"%08d" % (number * 7919 % 100_000): b"%0150d" % number for number in range(3000)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    store = RocksStore(tmp_path / "data")
    group = store.new_group()
    for key, value in ENTRIES.items():
        group.put(key, value)
    store.write(group)
    store.flush()
    group = store.new_group()
    group.put(b"newest", b"in the log")
    store.write(group)
    store.close()
    return tmp_path / "data"


def files(path: Path) -> dict[str, tuple[bytes, int]]:
    return {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in path.iterdir()}


def test_reading_leaves_the_folder_as_it_was(path: Path) -> None:
    before = files(path)
    reader = StoreReader(path)
    assert dict(reader.range(b"", b"\xff")) == {**ENTRIES, b"newest": b"in the log"}
    assert reader.get(b"newest") == b"in the log"
    assert reader.get_many([b"newest", b"none"]) == [b"in the log", None]
    assert next(iter(reader.range(b"", b"\xff", reverse=True)))[0] == b"newest"
    reader.close()
    assert files(path) == before


def test_it_can_be_read_where_nothing_may_be_written(path: Path) -> None:
    path.chmod(0o500)
    try:
        reader = StoreReader(path)
        assert reader.get(b"newest") == b"in the log"
        reader.close()
    finally:
        path.chmod(0o700)


def test_it_refuses_to_write(path: Path) -> None:
    reader = StoreReader(path)
    with pytest.raises(TypeError, match="can't be written"):
        reader.new_group()
    reader.close()


def flip(path: Path, *places: int) -> None:
    table = max(path.glob("*.sst"), key=lambda each: each.stat().st_size)
    content = bytearray(table.read_bytes())
    for place in places:
        content[place] ^= 4
    table.write_bytes(content)


@pytest.mark.parametrize("places", [(0,), (20_000,), (20_000, 24_500), (5_000, 40_000)])
def test_what_lies_between_damaged_blocks_is_read(path: Path, places: tuple[int, ...]) -> None:
    flip(path, *places)
    lost: list[tuple[bytes, bytes, str]] = []
    reader = StoreReader(path, lambda *stretch: lost.append(stretch))
    found = dict(reader.range(b"", b"\xff"))
    reader.close()
    assert found.items() <= {**ENTRIES, b"newest": b"in the log"}.items()
    assert lost
    missing = ENTRIES.keys() - found.keys()
    assert 0 < len(missing) < 60 * len(places), "a block has about 25 entries"
    for key in missing:
        assert any(before <= key < behind for before, behind, _ in lost)
    assert all("checksum mismatch" in why for _, _, why in lost)


def test_damage_is_an_error_where_nobody_is_told(path: Path) -> None:
    flip(path, 20_000)
    reader = StoreReader(path)
    with pytest.raises(Exception, match="checksum mismatch"):
        list(reader.range(b"", b"\xff"))
    reader.close()
