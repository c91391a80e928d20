"""What may be named: paths, patterns, `-`, and addresses that `fsspec` opens."""

import gzip
import io
import json
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from pannier.errors import UserError
from pannier.files.opening import FileError, exists, expand, is_folder, joined, names_in
from pannier.files.reading import check
from tests.files.elements import broken_off, elements, failures, items, puts, written

ITEMS: list[Any] = [{"PK": {"S": f"item#{number}"}} for number in range(5)]


@pytest.fixture
def memory() -> Iterator[Any]:
    """The file system at `memory://`, as empty as it was."""
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


def put(name: str, content: bytes) -> None:
    with fsspec.open(name, "wb") as file:
        file.write(content)


LINES = b"".join(json.dumps(item).encode() + b"\n" for item in ITEMS)


@pytest.mark.usefixtures("memory")
@pytest.mark.parametrize(
    "name", ["x.jsonl", "x.jsonl.gz", "x.json", "x.csv", "x.parquet", "x.arrow", "x.parquet.gz"]
)
def test_every_format_goes_to_an_address_and_comes_back(name: str) -> None:
    address = f"memory://bucket/{name}"
    written(address, ITEMS)  # type: ignore[arg-type]  # an address in place of a path
    check(address)
    assert items(address) == ITEMS


def test_what_is_written_to_an_address_is_whole_or_not_there(tmp_path: Path) -> None:
    """Where the file system can do that: S3 and the like can, and local ones through fsspec."""
    address = f"local://{tmp_path}/x.jsonl"
    (tmp_path / "x.jsonl").write_bytes(b"older")
    with pytest.raises(KeyError):
        broken_off(address, ITEMS[0])
    assert (tmp_path / "x.jsonl").read_bytes() == b"older"
    written(address, ITEMS)  # type: ignore[arg-type]
    assert items(address) == ITEMS


@pytest.mark.usefixtures("memory")
def test_an_export_at_an_address(tmp_path: Path) -> None:
    written(tmp_path / "e", ITEMS, format="export", table="shop")
    for file in (tmp_path / "e").rglob("*.*"):
        if file.is_file():
            put(f"memory://bucket/e/{file.relative_to(tmp_path / 'e')}", file.read_bytes())
    check("memory://bucket/e")
    found = elements("memory://bucket/e", table=None)
    assert puts(found) == ITEMS
    assert {each.table for each in found} == {"shop"}
    assert names_in("memory://bucket/e") == ["AWSDynamoDB"]


@pytest.mark.usefixtures("memory")
def test_patterns_at_an_address() -> None:
    put("memory://bucket/b.jsonl", LINES)
    put("memory://bucket/a.jsonl", LINES[:20])
    put("memory://bucket/c.csv", b"")
    assert expand(["memory://bucket/*.jsonl"]) == [
        "memory:///bucket/a.jsonl",
        "memory:///bucket/b.jsonl",
    ]
    with pytest.raises(FileError, match="no file fits memory://bucket/"):
        expand(["memory://bucket/*.parquet"])
    assert exists("memory://bucket/c.csv")
    assert is_folder("memory://bucket")
    assert not exists("memory://bucket/d")


@pytest.mark.usefixtures("memory")
def test_an_address_where_nothing_is() -> None:
    with pytest.raises(FileError, match="there is no file memory://bucket/x"):
        elements("memory://bucket/x")


def test_an_address_that_makes_no_sense() -> None:
    with pytest.raises(FileError, match="can't be opened"):
        elements("nonsense://bucket/x")
    with pytest.raises(UserError, match="can't be opened"):
        written("nonsense://bucket/x", [])  # type: ignore[arg-type]


def test_without_fsspec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(FileError) as caught:
        elements("s3://bucket/x")
    assert "pip install 'pannier[fsspec]'" in caught.value.advice


class _Failing(io.BytesIO):
    """A file at an address whose connection breaks."""

    def __init__(self, content: bytes, good_bytes: int) -> None:
        super().__init__(content)
        self._good_bytes = good_bytes

    def _checked(self, data: bytes) -> bytes:
        if self.tell() > self._good_bytes:
            raise RuntimeError("connection lost")  # libraries have errors of their own
        return data

    def read(self, size: int | None = -1) -> bytes:
        return self._checked(super().read(size))

    def read1(self, size: int | None = -1) -> bytes:
        return self._checked(super().read1(min(size or 100, 100)))


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.json", "x.jsonl.gz", "x.parquet"])
def test_a_connection_that_breaks_is_a_failure_with_its_place(
    memory: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    chance = random.Random(1)  # what can't be compressed, so that there is something to break
    content = [{"PK": {"S": chance.randbytes(50).hex()}} for _ in range(3000)]
    address = f"memory://bucket/{name}"
    written(address, content)  # type: ignore[arg-type]
    raw = memory.cat(address)

    def failing(path: str, mode: str) -> io.BytesIO:
        return _Failing(raw, len(raw) // 2 if name != "x.parquet" else 100)

    monkeypatch.setattr(memory, "open", failing)
    found = elements(address)
    ((_, reason),) = failures(found)
    assert "connection lost" in reason
    if name != "x.parquet":
        assert 1000 < len(puts(found)) < 2000
        assert puts(found) == content[: len(puts(found))]


# Patterns and pipes


def test_patterns_stand_for_files_in_sorted_order(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "deep/c.jsonl", "x[1].jsonl", "d.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(LINES)
    folder = str(tmp_path)
    assert expand([f"{folder}/?.jsonl", "-", f"{folder}/d.csv"]) == [
        f"{folder}/a.jsonl",
        f"{folder}/b.jsonl",
        "-",
        f"{folder}/d.csv",
    ]
    assert expand([f"{folder}/**/c.jsonl"]) == [f"{folder}/deep/c.jsonl"]
    assert expand([f"{folder}/x[1].jsonl"]) == [f"{folder}/x[1].jsonl"]  # there is such a file
    with pytest.raises(FileError, match="no file fits"):
        expand([f"{folder}/*.parquet"])


def test_a_name_without_a_pattern_is_not_looked_for() -> None:
    """Whether it is there is told when it is opened."""
    assert expand(["no/such/file"]) == ["no/such/file"]
    assert joined("folder/", "a", "b") == "folder/a/b"


@pytest.mark.parametrize("content", [LINES, gzip.compress(LINES, mtime=0), b"PK,n\nitem#0,\n"])
def test_a_pipe_is_read_whatever_is_in_it(content: bytes, piped: Callable[..., None]) -> None:
    piped(*(content[at : at + 1] for at in range(len(content))))
    assert items("-")[0] == ITEMS[0]


def test_a_file_as_standard_input_is_read_from_where_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind `read` in a shell script, which has taken the first line."""
    (tmp_path / "x").write_bytes(b"a heading\n" + LINES)
    with (tmp_path / "x").open("rb", buffering=0) as file:
        file.seek(10)
        monkeypatch.setattr("sys.stdin", file)
        assert items("-") == ITEMS
