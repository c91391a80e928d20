"""The folder where jobs leave word: made closed, and never anybody else's."""

import os
import tempfile
from pathlib import Path

import pytest

from pannier.errors import UserError
from pannier.monitoring.job_folder import (
    FILE_BYTES_MAX,
    check_folder,
    job_folder,
    open_folder,
    read_file,
    replace_file,
)


def test_it_is_the_user_s_runtime_folder_or_a_temporary_one(tmp_path: Path) -> None:
    assert job_folder({"XDG_RUNTIME_DIR": str(tmp_path)}) == tmp_path / "pannier" / "jobs"
    temporary = Path(tempfile.gettempdir()) / f"pannier-{os.getuid()}" / "jobs"
    (tmp_path / "link").symlink_to(tmp_path)
    for given in ("", "relative", str(tmp_path / "none"), str(tmp_path / "link")):
        assert job_folder({"XDG_RUNTIME_DIR": given}) == temporary
    assert job_folder({}) == temporary


def test_it_is_made_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "pannier" / "jobs"
    assert not check_folder(folder)
    open_folder(folder)
    assert check_folder(folder)
    for each in (folder, folder.parent):
        assert each.stat().st_mode & 0o777 == 0o700
    replace_file(folder / "1.json", b"{}")
    assert (folder / "1.json").stat().st_mode & 0o777 == 0o600
    assert [each.name for each in folder.iterdir()] == ["1.json"]


@pytest.mark.parametrize("which", ["pannier", "pannier/jobs"])
def test_a_link_is_not_followed(tmp_path: Path, which: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "jobs").mkdir(parents=True, mode=0o700)
    link = tmp_path / which
    link.parent.mkdir(exist_ok=True, mode=0o700)
    link.parent.chmod(0o700)
    link.symlink_to(elsewhere)
    for act in (open_folder, check_folder):
        with pytest.raises(UserError, match="not a folder of yours") as caught:
            act(tmp_path / "pannier" / "jobs")
        assert "XDG_RUNTIME_DIR" in caught.value.advice


@pytest.mark.parametrize(
    ("outer", "inner", "good"),
    [
        (0o700, 0o770, False), (0o700, 0o705, False), (0o702, 0o700, False),
        (0o720, 0o700, False), (0o755, 0o700, True),
    ],
)  # fmt: skip
def test_what_others_can_write_to_or_read_is_refused(
    tmp_path: Path, outer: int, inner: int, good: bool
) -> None:
    folder = tmp_path / "pannier" / "jobs"
    open_folder(folder)
    folder.chmod(inner)
    folder.parent.chmod(outer)
    for act in (open_folder, check_folder):
        if good:
            act(folder)
            continue
        with pytest.raises(UserError, match="open to others") as caught:
            act(folder)
        assert "chmod 700" in caught.value.advice


def test_somebody_else_s_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "pannier" / "jobs"
    open_folder(folder)
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    with pytest.raises(UserError, match="not a folder of yours"):
        check_folder(folder)


def test_only_plain_files_of_ours_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tmp_path / "1.json"
    plain.write_bytes(b"{}")
    assert read_file(plain) == b"{}"
    (tmp_path / "2.json").symlink_to(plain)
    os.mkfifo(tmp_path / "3.json")
    (tmp_path / "4.json").mkdir()
    (tmp_path / "5.json").write_bytes(b" " * (FILE_BYTES_MAX + 1))
    for number in (2, 3, 4, 5, 6):
        assert read_file(tmp_path / f"{number}.json") is None
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    assert read_file(plain) is None


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"mine")
    (tmp_path / "1.tmp").symlink_to(kept)
    with pytest.raises(OSError, match=r"symbolic|1\.tmp"):
        replace_file(tmp_path / "1.json", b"{}")
    assert kept.read_bytes() == b"mine"
