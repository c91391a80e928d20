"""Which code of the user's own is sent to the tasks, and in which form."""

import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pannier.spark.jobs.own_modules import send_module


class Context:
    """Notes what is sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def addPyFile(self, path: str) -> None:  # noqa: N802  # Spark's name
        self.sent.append(path)


@pytest.fixture
def session() -> Any:
    return SimpleNamespace(sparkContext=Context())


def test_a_module_of_one_file_is_sent_as_it_is(
    tmp_path: Path, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "sent_alone.py").write_text("def same(item):\n    return item\n")
    send_module(session, "sent_alone:same", tmp_path)
    assert session.sparkContext.sent == [str(tmp_path / "sent_alone.py")]


def test_a_package_is_sent_as_an_archive_of_its_modules(
    tmp_path: Path, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    inner = tmp_path / "sent_whole" / "inner"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent):
        (folder / "__init__.py").touch()
    (inner / "code.py").write_text("def same(item):\n    return item\n")
    (inner / "data.txt").touch()
    send_module(session, "sent_whole.inner.code:same", tmp_path)
    assert session.sparkContext.sent == [str(tmp_path / "sent_whole.zip")]
    with zipfile.ZipFile(tmp_path / "sent_whole.zip") as archive:
        assert sorted(archive.namelist()) == [
            "sent_whole/__init__.py", "sent_whole/inner/__init__.py", "sent_whole/inner/code.py",
        ]  # fmt: skip


@pytest.mark.parametrize("name", ["json:loads", "math:sqrt", "orjson:loads"])
def test_what_is_installed_is_not_sent(tmp_path: Path, session: Any, name: str) -> None:
    send_module(session, name, tmp_path)
    assert session.sparkContext.sent == []
