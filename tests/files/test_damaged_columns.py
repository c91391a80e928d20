"""Parquet and Arrow files that are damaged: what can be read goes in, the rest has its place."""

import gzip
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pannier.files import formats
from pannier.files.opening import FileError
from tests.files.elements import elements, failures, items, puts, skipped_one_by_one

TABLE = pa.table({"PK": [f"item#{number}" for number in range(400)], "n": list(range(400))})
EXPECTED = [{"PK": {"S": f"item#{number}"}, "n": {"N": str(number)}} for number in range(400)]


def parquet(path: Path) -> bytes:
    """Four row groups, uncompressed, with page checksums."""
    pq.write_table(
        TABLE, path, row_group_size=100, compression="none", use_dictionary=False,
        write_page_checksum=True,
    )  # fmt: skip
    return path.read_bytes()


def arrow(path: Path, *, stream: bool = False) -> bytes:
    with (ipc.new_stream if stream else ipc.new_file)(path, TABLE.schema) as writer:
        writer.write_table(TABLE, 100)
    return path.read_bytes()


def test_a_row_group_that_is_damaged_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    content = bytearray(parquet(path))
    start = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    content[start : start + 12] = b"\xff" * 12  # the header of its first page
    path.write_bytes(content)
    found = elements(path)
    assert puts(found) == EXPECTED[:100] + EXPECTED[200:]
    ((place, reason),) = failures(found)
    assert place == "x.parquet, row 101"
    skipped_one_by_one(path, step=37)
    assert reason.startswith(
        "row group 2 is damaged from row 101 on, rows up to 200 are not read: "
    )


@pytest.mark.parametrize("kept", [4, 100, -10])
def test_a_parquet_file_without_its_footer_is_one_failure(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(parquet(path)[:kept])
    ((place, reason),) = failures(elements(path))
    assert place == "x.parquet, row 1"
    assert reason.startswith("the Parquet file can't be read: ")
    assert "\n" not in reason


def test_an_arrow_file_that_breaks_off_is_read_up_to_there(tmp_path: Path) -> None:
    """Its index is at the end, but its batches stand in a row from the beginning."""
    path = tmp_path / "x.arrow"
    content = arrow(path)
    path.write_bytes(content[: len(content) * 6 // 10])
    found = elements(path)
    assert puts(found) == EXPECTED[:200]
    ((place, reason),) = failures(found)
    assert place == "x.arrow, row 201"
    assert reason.startswith("the Arrow data is damaged from here on: ")


def test_a_stream_that_breaks_off_is_read_up_to_there(tmp_path: Path) -> None:
    path = tmp_path / "x"
    content = arrow(path, stream=True)
    path.write_bytes(content[: len(content) * 6 // 10])
    assert puts(elements(path)) == EXPECTED[:200]
    assert len(failures(elements(path))) == 1


def test_a_batch_with_impossible_offsets_is_a_failure(tmp_path: Path) -> None:
    """Read unchecked, it would read anywhere in memory."""
    path = tmp_path / "x.arrow"
    content = bytearray(arrow(path))
    offsets = pa.array([f"item#{number}" for number in range(100, 200)]).buffers()[1].to_pybytes()
    at = content.index(offsets[:400], content.index(b"item#99"))
    content[at + 40 : at + 44] = b"\xff\xff\xff\x7f"
    path.write_bytes(content)
    found = elements(path)
    assert puts(found) == EXPECTED[:100] + EXPECTED[200:]
    ((place, reason),) = failures(found)
    assert place == "x.arrow, row 101"
    skipped_one_by_one(path, step=37)
    assert reason.startswith("rows 101 to 200 are damaged: ")


def test_a_batch_whose_description_is_damaged_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "x.arrow"
    content = bytearray(arrow(path))
    starts = [at for at in range(8, len(content), 8) if content[at : at + 4] == b"\xff" * 4]
    content[starts[2] + 8 : starts[2] + 40] = b"\xff" * 32  # schema, first batch, second batch
    path.write_bytes(content)
    found = elements(path)
    assert puts(found) == EXPECTED[:100] + EXPECTED[200:]
    ((_, reason),) = failures(found)
    assert reason.startswith("batch 2 is damaged, its rows are not read: ")


@pytest.mark.parametrize("name", ["x.parquet", "x.arrow", "x.ion"])
def test_what_is_not_what_its_name_says_stops(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00\x01\x02")
    with pytest.raises(FileError, match="whatever its name says"):
        elements(tmp_path / name)


@pytest.mark.parametrize("form", ["parquet", "arrow", "stream"])
def test_files_that_can_t_be_jumped_about_in(
    tmp_path: Path, form: str, piped: Callable[..., None]
) -> None:
    """Compressed, or through a pipe: Parquet has its index at its end, so it is copied."""
    content = (
        parquet(tmp_path / "x")
        if form == "parquet"
        else arrow(tmp_path / "x", stream=form == "stream")
    )
    (tmp_path / "y").write_bytes(gzip.compress(content, mtime=0))
    assert items(tmp_path / "y") == EXPECTED
    piped(content[:3], content[3:5000], content[5000:])
    assert items("-") == EXPECTED


def test_a_compressed_file_of_columns_that_breaks_off(tmp_path: Path) -> None:
    packed = gzip.compress(parquet(tmp_path / "x"), mtime=0)
    (tmp_path / "y").write_bytes(packed[:-30])
    assert [reason for _, reason in failures(elements(tmp_path / "y"))] == [
        "the compressed data breaks off: the end of the file is missing"
    ]
    packed = gzip.compress(arrow(tmp_path / "x", stream=True), mtime=0)
    (tmp_path / "y").write_bytes(packed[: len(packed) * 7 // 10])
    found = elements(tmp_path / "y")
    assert puts(found) == EXPECTED[: len(puts(found))]
    assert len(failures(found)) == 1


@pytest.mark.parametrize("nested", [False, True])
def test_a_name_that_is_not_utf8_stops(tmp_path: Path, nested: bool) -> None:
    table = pa.table({"a": [{"column": 1}]} if nested else {"column": [1]})
    with ipc.new_stream(tmp_path / "x", table.schema) as writer:
        writer.write_table(table)
    content = (tmp_path / "x").read_bytes()
    (tmp_path / "x").write_bytes(content.replace(b"column", b"\xff\xfeumn\xff"))
    with pytest.raises(FileError, match="the name of a column is not UTF-8"):
        elements(tmp_path / "x")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data(), st.sampled_from(["parquet", "arrow", "stream"]))
def test_flipped_bytes_end_no_job(tmp_path: Path, data: st.DataObject, form: str) -> None:
    """Whatever is damaged: items, failures, or one error that names the file."""
    path = tmp_path / "x"
    content = bytearray(
        parquet(path) if form == "parquet" else arrow(path, stream=form == "stream")
    )
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(8, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    with suppress(FileError):
        assert len(elements(path)) <= 400 + 5


def test_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet(tmp_path / "x.parquet")
    for name in list(sys.modules):
        if name.startswith("pannier.files.") and ("arrow" in name or "parquet" in name):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(Exception, match=r"this format needs pyarrow") as caught:
        elements(tmp_path / "x.parquet")
    assert caught.value.advice == "Install it: pip install 'pannier[arrow]'"  # type: ignore[attr-defined]
    assert formats.needs("ion", "amazon.ion").advice == "Install it: pip install 'pannier[ion]'"
