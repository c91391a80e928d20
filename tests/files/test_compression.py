"""Compressed files: recognised by their bytes, read to the last whole line before any damage."""

import gzip
import io
import lzma
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd

from pannier.errors import UserError
from pannier.files import compression
from pannier.files.opening import FileError
from tests.files.elements import elements, failures, items, puts, written

LINES = b"".join(b'{"PK": {"S": "item#%d"}}\n' % number for number in range(3000))


def zstd_with_checksum(content: bytes) -> bytes:
    return zstd.compress(content, options={zstd.CompressionParameter.checksum_flag: 1})


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstd_with_checksum,
}


def keys(*names: Path) -> list[str]:
    return [item["PK"]["S"] for item in items(*names)]


ALL = [f"item#{number}" for number in range(3000)]


@pytest.mark.parametrize("kind", COMPRESS)
@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.jsonl.zst", "x.jsonl", "x"])
def test_the_bytes_say_how_a_file_is_compressed(tmp_path: Path, kind: str, name: str) -> None:
    (tmp_path / name).write_bytes(COMPRESS[kind](LINES))
    assert keys(tmp_path / name) == ALL


@pytest.mark.parametrize("kind", COMPRESS)
def test_several_members_are_one_file(tmp_path: Path, kind: str) -> None:
    """As `cat a.gz b.gz` makes it, cut anywhere."""
    half = len(LINES) // 2 + 7
    packed = COMPRESS[kind](LINES[:half]) + COMPRESS[kind](b"") + COMPRESS[kind](LINES[half:])
    (tmp_path / "x").write_bytes(packed)
    assert keys(tmp_path / "x") == ALL


@pytest.mark.parametrize("kind", COMPRESS)
def test_a_pipe_is_unpacked_too(kind: str, piped: Callable[..., None]) -> None:
    packed = COMPRESS[kind](LINES)
    piped(packed[:1], packed[1:3], packed[3:50], packed[50:])
    assert keys(Path("-")) == ALL


@pytest.mark.parametrize("kind", COMPRESS)
@pytest.mark.parametrize("name", ["x.jsonl", "x.json", "x.csv"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.999])
def test_of_a_file_that_breaks_off_the_good_lines_go_in(
    tmp_path: Path, kind: str, name: str, share: float
) -> None:
    content = [{"PK": {"S": f"item#{number}"}, "n": {"N": "7"}} for number in range(20_000)]
    plain = written(tmp_path / name, content).read_bytes()
    packed = COMPRESS[kind](plain)
    (tmp_path / name).write_bytes(packed[: int(len(packed) * share)])
    found = elements(tmp_path / name)
    ((place, reason),) = failures(found)
    assert reason == "the compressed data breaks off: the end of the file is missing"
    assert puts(found) == content[: len(found) - 1]
    assert place.startswith(name)
    if share > 0.9 and kind == "gzip":
        assert len(found) > 15_000


def test_a_wrong_checksum_is_a_failure_behind_the_items(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(LINES, mtime=0))
    packed[-8] ^= 1
    (tmp_path / "x.jsonl.gz").write_bytes(packed)
    found = elements(tmp_path / "x.jsonl.gz")
    assert len(puts(found)) == 3000
    ((place, reason),) = failures(found)
    assert place == "x.jsonl.gz, line 3001"
    assert reason.startswith("the gzip data is damaged: CRC check failed")


@pytest.mark.parametrize("kind", COMPRESS)
def test_a_flipped_byte_in_the_middle(tmp_path: Path, kind: str) -> None:
    packed = bytearray(COMPRESS[kind](LINES))
    packed[len(packed) // 2] ^= 0xFF
    (tmp_path / "x").write_bytes(packed)
    found = elements(tmp_path / "x")
    assert f"the {kind} data is damaged: " in failures(found)[-1][1]


@pytest.mark.parametrize("kind", COMPRESS)
def test_what_stands_behind_the_compressed_data_is_told(tmp_path: Path, kind: str) -> None:
    (tmp_path / "x").write_bytes(COMPRESS[kind](LINES) + b"and something else")
    found = elements(tmp_path / "x")
    assert len(puts(found)) == 3000
    assert "damaged" in failures(found)[0][1]


@pytest.mark.parametrize("kind", COMPRESS)
def test_a_file_that_breaks_off_at_once(tmp_path: Path, kind: str) -> None:
    (tmp_path / "x.jsonl").write_bytes(COMPRESS[kind](LINES)[:12])
    assert failures(elements(tmp_path / "x.jsonl")) == [
        ("x.jsonl, line 1", "the compressed data breaks off: the end of the file is missing")
    ]


@pytest.mark.parametrize(
    ("content", "name", "command"),
    [
        (b"BZh91AY&SY", "bzip2", "bzip2 -dc FILE | pannier write -"),
        (lzma.compress(b"x"), "xz", "xz -dc FILE | pannier write -"),
        (b"PK\x03\x04....", "zip", "unzip -p FILE | pannier write -"),
    ],
)
def test_other_compressions_say_how_to_unpack_them(
    tmp_path: Path, content: bytes, name: str, command: str
) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(FileError) as caught:
        elements(tmp_path / "x")
    assert caught.value.message == f"{tmp_path}/x: it is packed with {name}, which is not read here"
    assert command in caught.value.advice


@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.jsonl.zst", "X.JSONL.GZ"])
def test_the_ending_of_a_name_compresses_what_is_written(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, [{"PK": {"S": "a"}}])
    unpack = zstd.decompress if name.endswith("zst") else gzip.decompress
    assert unpack(path.read_bytes()) == b'{"PK":{"S":"a"}}\n'


def test_the_same_items_give_the_same_bytes(tmp_path: Path) -> None:
    """No time and no name is inside, so that copies can be compared."""
    first = written(tmp_path / "x.jsonl.gz", [{"PK": {"S": "a"}}]).read_bytes()
    assert written(tmp_path / "y.jsonl.gz", [{"PK": {"S": "a"}}]).read_bytes() == first


def test_without_the_library_for_zstd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    monkeypatch.setitem(sys.modules, "backports.zstd", None)
    (tmp_path / "x").write_bytes(zstd.compress(LINES))
    with pytest.raises(FileError) as caught:
        elements(tmp_path / "x")
    assert caught.value.advice == "Install it: pip install 'pannier[zstd]'"
    with pytest.raises(UserError, match="zstd files need one more library"):
        written(tmp_path / "y.zst", [])
    assert not list(tmp_path.glob("*y*"))


def test_a_disk_that_fails_in_the_middle_is_a_damage() -> None:
    """An error of the machine or of an address is told as one of the file, with its place."""

    class Broken(io.RawIOBase):
        def read1(self, size: int) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(compression.DamagedError) as caught:
        compression.guarded(Broken().read1, 10)
    assert str(caught.value) == "it can't be read any further: Input/output error"
