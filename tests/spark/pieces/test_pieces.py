"""Files cut into pieces: together they hold what the files do, found in the same places."""

import gzip
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest
from pyarrow import feather
from pyarrow import parquet as pq

from pannier.batch.operation import Kind, Operation
from pannier.batch.report import Failure
from pannier.errors import UserError
from pannier.files.column_types import parse_types
from pannier.files.opening import FileError
from pannier.files.reading import read_all
from pannier.files.sink import WriteOptions
from pannier.files.source import ReadOptions
from pannier.files.writing import open_sink
from pannier.spark.pieces import piece_reading
from pannier.spark.pieces.cutting import cut
from pannier.spark.pieces.piece import Piece
from pannier.spark.pieces.piece_reading import read_piece
from pannier.spark.pieces.pieces import pieces_of

SHOP = ReadOptions(table="shop")
ROWS: list[dict[str, Any]] = [{"PK": f"k{number}", "n": number} for number in range(1000)]
TABLE = pa.Table.from_pylist(ROWS)
Elements = list[Operation | Failure]


def read(pieces: list[Piece]) -> Elements:
    """What is in pieces, after they have travelled."""
    return [each for piece in pieces for each in read_piece(Piece.of_text(piece.to_text()))]


def members(element: Operation | Failure) -> tuple[Any, ...]:
    """All of an element."""
    reason = element.reason if isinstance(element, Failure) else ""
    return element.table, element.kind, element.attributes, reason, element.origin


def everything(elements: Elements) -> list[Any]:
    return [members(each) for each in elements]


def lines(*rows: Any) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


# Formats that are cut


def test_json_lines_are_cut_by_bytes_and_keep_the_form_of_the_first_item(tmp_path: Path) -> None:
    """A later item that would pass for DynamoDB JSON is a plain one, as the first was."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(*ROWS, {"PK": {"S": "a map"}}))
    pieces = cut(str(path), SHOP, 4096)
    assert len(pieces) > 3
    assert {piece.how.format for piece in pieces} == {"plain"}
    found, wanted = read(pieces), list(read_all([str(path)], SHOP))
    assert [members(each)[:4] for each in found] == [members(each)[:4] for each in wanted]
    assert found[-1].attributes == {"PK": {"M": {"S": {"S": "a map"}}}}
    first = [each.origin for each in read(pieces[:1])]
    assert first == [each.origin for each in wanted[: len(first)]]
    at = found[-1].origin
    assert (at.source, at.unit) == (str(path), "byte")
    assert path.read_bytes()[at.position - 1 :] == lines({"PK": {"S": "a map"}})


def test_parquet_is_cut_by_row_groups_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(TABLE, path, row_group_size=100)
    pieces = cut(str(path), SHOP, 5000)
    assert 1 < len(pieces) < 10
    assert everything(read(pieces)) == everything(list(read_all([str(path)], SHOP)))


@pytest.mark.parametrize("compression", ["uncompressed", "lz4"])
def test_arrow_is_cut_by_batches_and_rows_keep_their_numbers(
    tmp_path: Path, compression: str
) -> None:
    path = tmp_path / "a.arrow"
    feather.write_feather(TABLE, str(path), chunksize=100, compression=compression)
    pieces = cut(str(path), SHOP, 5000)
    assert 1 < len(pieces) < 10
    assert everything(read(pieces)) == everything(list(read_all([str(path)], SHOP)))


def test_exports_are_cut_by_data_file_and_say_their_table_themselves(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with open_sink(str(folder), WriteOptions("export", "Orders")) as sink:
        for row in ROWS:
            sink.add({"PK": {"S": row["PK"]}})
    pieces = pieces_of([str(folder)], ReadOptions())
    assert {piece.cut for piece in pieces} == {"exported"}
    found = read(pieces)
    assert everything(found) == everything(list(read_all([str(folder)])))
    assert {each.table for each in found} == {"Orders"}


def test_a_data_file_of_an_export_that_was_never_there_is_a_failure_as_ever(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with open_sink(str(folder), WriteOptions("export", "Orders")) as sink:
        sink.add({"PK": {"S": "a"}})
    (path,) = folder.glob("AWSDynamoDB/*/data/*")
    path.unlink()
    found = read(pieces_of([str(folder)], ReadOptions()))
    assert everything(found) == everything(list(read_all([str(folder)])))
    assert [type(each) for each in found] == [Failure]


# Files that stay whole


def _csv(path: Path) -> None:
    path.write_text("PK,n\n" + "".join(f"k{number},{number}\n" for number in range(1000)))


def _packed(path: Path) -> None:
    path.write_bytes(gzip.compress(lines(*ROWS)))


def _array(path: Path) -> None:
    path.write_bytes(orjson.dumps(ROWS))


def _stream(path: Path) -> None:
    with pa.ipc.new_stream(str(path), TABLE.schema) as writer:
        writer.write_table(TABLE, 100)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.csv", _csv),
        ("a.jsonl.gz", _packed),
        ("a.json", _array),
        ("a.arrows", _stream),
        ("empty.jsonl", Path.touch),
    ],
)
def test_what_can_not_be_cut_is_one_piece(
    tmp_path: Path, name: str, write: Callable[[Path], object]
) -> None:
    path = tmp_path / name
    write(path)
    pieces = cut(str(path), SHOP, 1000)
    assert [piece.cut for piece in pieces] == ["whole"]
    assert everything(read(pieces)) == everything(list(read_all([str(path)], SHOP)))


def test_options_of_files_travel_with_the_pieces(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("PK;n;tags;no\nk1;007;a|b;x\nk2;;;\n")
    options = ReadOptions(
        table="shop",
        types=parse_types("n:S,tags:SS(|)"),
        empty="null",
        columns=("PK", "n", "tags"),
        delimiter=";",
    )
    found = read(pieces_of([str(path)], options))
    assert everything(found) == everything(list(read_all([str(path)], options)))
    assert found[0].attributes["tags"] == {"SS": ["a", "b"]}


def test_what_was_decided_by_looking_at_a_file_is_told_where_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("PK,n\nk1,7\n")
    here: list[str] = []
    (piece,) = pieces_of([str(path)], replace(SHOP, notice=here.append))
    there: list[str] = []
    assert list(read_piece(piece, there.append))
    assert there == here != []


# What is wrong with files


def test_damage_is_told_in_its_place_and_the_rest_is_read(tmp_path: Path) -> None:
    whole = tmp_path / "a.parquet"
    pq.write_table(TABLE, whole, row_group_size=100, compression="gzip")
    content = bytearray(whole.read_bytes())
    content[len(content) // 3 : len(content) // 3 + 64] = b"\xff" * 64
    whole.write_bytes(content)
    cuts = cut(str(whole), SHOP, 5000)
    assert len(cuts) > 1
    found = read(cuts)
    assert everything(found) == everything(list(read_all([str(whole)], SHOP)))
    assert any(isinstance(each, Failure) for each in found)


@pytest.mark.parametrize("name", ["no.parquet", "b.jsonl", "c.csv"])
def test_a_later_file_that_is_no_good_is_a_failure(tmp_path: Path, name: str) -> None:
    first, later = tmp_path / "a.jsonl", tmp_path / name
    first.write_bytes(lines(*ROWS))
    later.write_bytes("PK,n\nä,1\n".encode("utf-16"))
    names = [str(first), str(later)]
    found = read(pieces_of(names, SHOP))
    assert everything(found) == everything(list(read_all(names, SHOP)))
    assert isinstance(found[-1], Failure)


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (lines({"PK": "a"}), ReadOptions(), "is JSON, but no write request"),
        (b"PK,n\na,1\n", ReadOptions(), "does not say where its items go"),
        ("PK,n\nä,1\n".encode("utf-16"), SHOP, "not UTF-8"),
        (b"PK,n\na,1\n", ReadOptions(table="shop", columns=("x",)), "no column x"),
    ],
)
def test_a_first_file_that_is_no_good_is_an_error_at_once(
    tmp_path: Path, content: bytes, options: ReadOptions, message: str
) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(FileError, match=message):
        pieces_of([str(path)], options)


def test_missing_files_and_pipes_are_errors_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines({"PK": "a"}))
    with pytest.raises(FileError, match="there is no file"):
        pieces_of([str(path), str(tmp_path / "no.jsonl")], SHOP)
    with pytest.raises(FileError, match="no file fits"):
        pieces_of([str(tmp_path / "*.csv")], SHOP)
    with pytest.raises(UserError, match="standard input has one reader"):
        pieces_of(["-"], SHOP)


def test_a_file_that_executors_do_not_find_is_an_error_and_no_failure(tmp_path: Path) -> None:
    """Else a cluster without a shared disk would end with an empty table and a report."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines({"PK": "a"}))
    pieces = pieces_of([str(path)], SHOP)
    path.unlink()
    with pytest.raises(UserError, match=r"an executor on .* can't open a file: there is no file"):
        read(pieces)


def test_a_disk_that_stops_answering_is_an_error_and_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spark tries the task again, and the next attempt may read what this one could not."""

    class Failing(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            if self.tell() > 4000:
                raise OSError(5, "Input/output error")
            return super().read1(100)

    @contextmanager
    def opened(name: str) -> Iterator[io.BytesIO]:
        yield Failing(Path(name).read_bytes())

    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(*ROWS))
    first, *_ = cut(str(path), SHOP, 8000)
    monkeypatch.setattr(piece_reading, "opened", opened)
    found: Elements = []
    with pytest.raises(UserError, match="can't be read any further: Input/output error"):
        found.extend(read_piece(first))
    assert found
    assert all(isinstance(each, Operation) for each in found), "what came before is written"


def test_names_are_those_of_the_user_and_places_are_good_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("PK\na\n")
    pieces = pieces_of(["a.csv"], SHOP)
    monkeypatch.chdir("/")
    (found,) = read(pieces)
    assert found.origin.source == "a.csv"


def test_credentials_in_an_address_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="credentials are no part of a place"):
        cut("memory://me:secret@bucket/a.jsonl", SHOP, 1000)


# How large pieces are


def test_small_files_are_one_piece_each_and_large_ones_keep_all_slots_busy(tmp_path: Path) -> None:
    small, large = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    small.write_bytes(lines({"PK": "a"}))
    large.write_bytes(lines({"PK": "a", "text": "x" * 1000}) * 20_000)  # 20 MB
    names = [str(small), str(large)]
    assert len(pieces_of(names, SHOP)) == 2
    assert len(pieces_of(names, SHOP, slots=2)) == 1 + 8
    assert len(pieces_of(names, SHOP, slots=100)) == 1 + 10


# Addresses


def test_files_at_an_address_are_cut_too(tmp_path: Path) -> None:
    import fsspec

    with fsspec.open("memory://pieces/a.jsonl", "wb") as file:
        file.write(lines(*ROWS))
    with fsspec.open("memory://pieces/b.parquet", "wb") as file:
        pq.write_table(TABLE, file, row_group_size=100)
    for name in ("memory://pieces/a.jsonl", "memory://pieces/b.parquet"):
        pieces = cut(name, SHOP, 5000)
        assert len(pieces) > 1
        assert [each.attributes for each in read(pieces)] == [
            each.attributes for each in read_all([name], SHOP)
        ]


def test_deletes_of_requests_stay_deletes(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    request = {"DeleteRequest": {"Key": {"PK": {"S": "a"}}}}
    path.write_bytes(lines(*[request] * 100))
    pieces = cut(str(path), SHOP, 1000)
    assert len(pieces) > 1
    assert {each.kind for each in read(pieces)} == {Kind.DELETE}
