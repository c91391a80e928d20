"""`pannier check`, `backup`, `restore` and `repair`, as they are typed."""

import json
from pathlib import Path

import pytest

from tests.cli.running import good, run
from tests.conftest import serving


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    good(tmp_path, "create-table", "shop", "--key", "PK:S,SK:S", "--index", "GSI1=GSI1PK:S")
    items = "".join(
        json.dumps({"PK": f"USER#{n % 9}", "SK": f"{n:04}", "GSI1PK": "BOOKS"}) + "\n"
        for n in range(300)
    )
    (tmp_path / "items.jsonl").write_text(items)
    good(tmp_path, "write", "items.jsonl", "--table", "shop", "--report", "none")
    return tmp_path


def break_table_file(folder: Path) -> None:
    """Flip a bit in the middle of the largest table file."""
    path = max((folder / ".pannier" / "data").glob("*.sst"), key=lambda each: each.stat().st_size)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)


def test_a_sound_database(folder: Path) -> None:
    assert "shop: 300 items\nall is well" in good(folder, "check").out
    document = json.loads(good(folder, "check", ".pannier", "--json").out)
    assert document["sound"] is True
    assert document["tables"]["shop"]["items"] == 300


def test_damage_ends_with_status_1_and_words(folder: Path) -> None:
    break_table_file(folder)
    done = run(folder, "check")
    assert done.status == 1
    assert "stretches that can't be read" in done.out
    assert "pannier repair .pannier" in done.out
    done = run(folder, "check", "--json")
    assert done.status == 1
    assert json.loads(done.out)["counts"]["lost"] >= 1


def test_a_damaged_database_is_repaired_beside_itself(folder: Path) -> None:
    break_table_file(folder)
    done = good(folder, "repair", ".pannier")
    assert "damaged or lost" in done.out
    assert "mv .pannier .pannier.damaged && mv .pannier.repaired .pannier" in done.out
    assert "all is well" in good(folder, "check", ".pannier.repaired").out
    assert run(folder, "check").status == 1, "the old one is as it was"
    again = run(folder, "repair", ".pannier")
    assert again.status == 1
    assert "not empty" in again.err


def test_a_backup_while_nobody_is_there(folder: Path) -> None:
    assert "shop: 300 items" in good(folder, "backup", "kept").out
    assert "all is well" in good(folder, "check", "kept").out
    good(folder, "delete-table", "shop", "--yes")
    assert "shop: 300 items" in good(folder, "restore", "kept", "again").out
    counted = good(folder, "count", "shop", "--target", "local:again", "--report", "none")
    assert "300 items" in counted.out


def test_a_backup_while_a_server_holds_the_folder(folder: Path) -> None:
    with serving("--path", str(folder / ".pannier"), "--no-console"):
        held = run(folder, "check")
        assert held.status == 1
        assert "pannier backup" in held.err
        document = json.loads(good(folder, "backup", "kept", "--json").out)
        assert document["tables"]["shop"]["items"] == 300
        assert not (folder / ".pannier" / "checkpoints").exists()
        assert "all is well" in good(folder, "check", "kept").out
        refused = run(folder, "repair", ".pannier")
        assert refused.status == 1
        assert "is held by" in refused.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check", "nothing"), "nothing is not a Pannier database"),
        (("check", "--target", "aws"), "aws is no folder of this machine"),
        (("check", ".pannier", "--target", "local"), "are two"),
        (("backup", "there"), "there is there already, and not empty"),
        (("backup", "kept", "--target", "local:nothing"), "nothing is not a Pannier database"),
        (("backup", "kept", "--target", "http://127.0.0.1:9"), "is no folder of this machine"),
        (("restore", "there", "new"), "there is not a backup"),
        (("restore", "nothing", "new"), "nothing is not a backup"),
        (("repair", "nothing"), "nothing is not a Pannier database"),
    ],
)
def test_what_cannot_be_done_is_said(folder: Path, words: tuple[str, ...], said: str) -> None:
    (folder / "there").mkdir()
    (folder / "there" / "file").touch()
    done = run(folder, *words)
    assert done.status == 1
    assert said in done.err
    assert "Traceback" not in done.err
    assert not (folder / "new").exists()
    assert not (folder / "nothing").exists()
    assert not (folder / "kept").exists()
