"""A folder that is opened again is tuned as it was when it was new."""

import re
from pathlib import Path

import pytest

from pannier.storage.rocks import RocksStore


def _settings(path: Path) -> dict[str, str]:
    """What RocksDB wrote down of the column family and its tables when it was last opened."""
    newest = max(path.glob("OPTIONS-*"), key=lambda file: int(file.name.partition("-")[2]))
    family = newest.read_text("utf-8").partition('[CFOptions "default"]')[2]
    return dict(re.findall(r"^ *(\w+)=(.*)$", family, re.MULTILINE))


def test_filters_and_compression_are_there_each_time(tmp_path: Path) -> None:
    seen = []
    for _ in range(3):
        store = RocksStore(tmp_path)
        group = store.new_group()
        group.put(b"a", b"1")
        store.write(group)
        store.close()
        seen.append(_settings(tmp_path))
    assert seen[0]["filter_policy"].startswith("bloom")
    assert seen[0] == seen[1] == seen[2]


def test_folders_of_the_same_relative_name_are_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RocksDB keeps its locks by name: `data` here and `data` there are not the same."""
    stores = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        stores.append(RocksStore(Path("data")))
    for store in stores:
        store.close()
