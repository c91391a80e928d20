import os
from pathlib import Path

import pytest

from pannier.console.pages.shell.files import Files
from pannier.errors import UserError


def test_a_file_is_written_added_to_shown_listed_and_removed(tmp_path: Path) -> None:
    files = Files(tmp_path)
    assert files.write("a.json", "1\n", add=False) == "a.json: 1 line written\n"
    assert files.write("a.json", "2\n3\n", add=True) == "a.json: 2 lines added\n"
    assert files.read("a.json") == "1\n2\n3\n"
    (tmp_path / "folder").mkdir()
    assert files.listed().split() == ["6", "a.json", "folder/"]
    assert files.names() == ["a.json", "folder"]
    files.remove("a.json")
    assert files.names() == ["folder"]


def test_a_file_is_replaced_by_a_shorter_one(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.write("a", "long\nlong\n", add=False)
    files.write("a", "x\n", add=False)
    assert files.read("a") == "x\n"


@pytest.mark.parametrize("name", ["/etc/passwd", "../a", "b/../../a", "..", "", ".", "a\0b"])
def test_names_that_lead_out_of_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "a").write_text("outside")
    files = Files(folder)
    with pytest.raises(UserError):
        files.read(name)
    with pytest.raises(UserError):
        files.write(name, "x", add=False)
    with pytest.raises(UserError):
        files.remove(name)
    assert (tmp_path / "a").read_text() == "outside"
    assert not list(folder.iterdir())


def test_links_are_not_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "inside", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "a").write_text("outside")
    (folder / "file").symlink_to(outside / "a")
    (folder / "folder").symlink_to(outside)
    files = Files(folder)
    for name in ("file", "folder/a", "folder/new"):
        with pytest.raises(UserError, match="is a link"):
            files.write(name, "x", add=False)
        with pytest.raises(UserError, match="is a link"):
            files.read(name)
        with pytest.raises(UserError, match="is a link"):
            files.remove(name)
    assert list(outside.iterdir()) == [outside / "a"]


def test_what_is_hidden_is_not_changed(tmp_path: Path) -> None:
    (tmp_path / ".pannier").mkdir()
    (tmp_path / ".pannier" / "data").write_text("x")
    files = Files(tmp_path)
    for name in (".bashrc", ".pannier/data"):
        with pytest.raises(UserError, match="hidden"):
            files.write(name, "x", add=True)
        with pytest.raises(UserError, match="hidden"):
            files.remove(name)
    assert files.listed() == "no files here\n"


def test_what_is_no_file_is_not_read_and_not_removed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    files = Files(tmp_path)
    for name in ("folder", "pipe", "missing"):
        with pytest.raises(UserError):
            files.read(name)
        with pytest.raises(UserError):
            files.remove(name)
    assert files.names() == ["folder", "pipe"]


def test_a_long_file_is_shown_in_part(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"x" * (1 << 21))
    found = Files(tmp_path).read("long")
    assert len(found) < (1 << 20) + 100
    assert "only its first 1 MB" in found
