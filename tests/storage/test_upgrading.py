"""Steps from one format to the next: in order, each once, taken up again where one was ended."""

import json
from pathlib import Path

import pytest

from pannier.errors import StorageError
from pannier.storage.folder import FORMAT, FORMAT_FIRST, DatabaseFolder, replace_file
from pannier.storage.rocks import RocksStore
from pannier.storage.upgrading import UPGRADES, Upgrade, upgrade


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = DatabaseFolder(tmp_path)
    store = RocksStore(folder.data)
    group = store.new_group()
    group.put(b"key", b"value")
    store.write(group)
    store.close()
    folder.close()
    return tmp_path


def format_of(path: Path) -> int:
    number: int = json.loads((path / "format.json").read_bytes())["format"]
    return number


def steps(done: list[str], failing: str = "") -> dict[int, Upgrade]:
    """Two steps that note that they were taken."""

    def step(name: str) -> Upgrade:
        def take(_: Path) -> None:
            done.append(name)
            if name == failing:
                raise OSError("No space left on device")

        return take

    return {1: step("1 to 2"), 2: step("2 to 3")}


def test_steps_are_taken_in_order_and_noted(path: Path) -> None:
    done: list[str] = []
    upgrade(path, 1, 3, replace_file, steps(done))
    assert done == ["1 to 2", "2 to 3"]
    assert format_of(path) == 3
    upgrade(path, 3, 3, replace_file, steps(done))
    assert len(done) == 2


def test_what_was_there_is_put_aside_and_can_be_opened(path: Path) -> None:
    upgrade(path, 1, 3, replace_file, steps([]))
    aside = path / "before-format-3"
    assert format_of(aside) == 1
    folder = DatabaseFolder(aside)
    store = RocksStore(folder.data)
    assert store.get(b"key") == b"value"
    store.close()
    folder.close()


def test_a_step_that_fails_is_taken_again_and_those_before_it_are_not(path: Path) -> None:
    done: list[str] = []
    with pytest.raises(StorageError, match="No space left on device") as caught:
        upgrade(path, 1, 3, replace_file, steps(done, failing="2 to 3"))
    assert "before-format-3" in caught.value.advice
    assert format_of(path) == 2
    upgrade(path, 2, 3, replace_file, steps(done))
    assert done == ["1 to 2", "2 to 3", "2 to 3"]
    assert format_of(path / "before-format-3") == 1, "the first copy is kept"


def test_a_copy_that_was_not_finished_is_made_anew(path: Path) -> None:
    (path / "before-format-3.unfinished").mkdir()
    upgrade(path, 1, 3, replace_file, steps([]))
    assert format_of(path / "before-format-3") == 1
    assert not (path / "before-format-3.unfinished").exists()


def test_a_format_without_a_way_is_refused_untouched(path: Path) -> None:
    before = sorted(each.name for each in path.iterdir())
    with pytest.raises(StorageError, match="can't read any more") as caught:
        upgrade(path, 1, 3, replace_file, {2: lambda _: None})
    assert "knows format 2" in caught.value.advice
    assert sorted(each.name for each in path.iterdir()) == before


def test_opening_a_folder_takes_the_steps(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr("pannier.storage.folder.FORMAT", 3)
    with pytest.raises(StorageError, match="can't read any more"):
        DatabaseFolder(path)
    monkeypatch.setattr("pannier.storage.folder.UPGRADES", steps(done))
    DatabaseFolder(path).close()
    assert done == ["1 to 2", "2 to 3"]
    assert format_of(path) == 3


def test_every_older_format_has_a_way() -> None:
    assert set(UPGRADES) == set(range(FORMAT_FIRST, FORMAT))
