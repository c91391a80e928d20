"""What is written is whole or not there; what can't be written is said without a traceback."""

import gzip
from pathlib import Path

import pytest

from pannier.errors import UserError
from pannier.files import spool
from pannier.files.opening import names_in
from pannier.files.output import Output
from pannier.files.sink import WriteOptions
from pannier.files.writing import open_sink
from tests.files.elements import broken_off, items, written

ITEM = {"PK": {"S": "a"}}
HALF = {"PK": {"S": "\ud83d"}}  # of a surrogate pair, which no UTF-8 has
NAMES = ["x.jsonl", "x.json", "x.csv", "x.parquet", "x.arrow", "x.jsonl.gz", "x.csv.zst"]


@pytest.mark.parametrize("name", NAMES)
def test_an_exception_leaves_the_older_file_as_it_was(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"older")
    with pytest.raises(KeyError):
        broken_off(tmp_path / name, ITEM)
    assert (tmp_path / name).read_bytes() == b"older"
    assert names_in(str(tmp_path)) == [name]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_takes_its_name_when_it_is_complete(tmp_path: Path, name: str) -> None:
    with open_sink(str(tmp_path / name)) as sink:
        sink.add(ITEM)
        assert not (tmp_path / name).exists()
    assert names_in(str(tmp_path)) == [name]
    assert items(tmp_path / name) == [ITEM]


@pytest.mark.parametrize(
    "form", ["dynamodb", "array", "request", "csv", "parquet", "arrow", "plain"]
)
def test_a_text_that_is_no_unicode_is_refused(tmp_path: Path, form: str) -> None:
    with pytest.raises(UserError, match="can't be written"):
        written(tmp_path / "x", [ITEM, HALF], format=form)
    assert names_in(str(tmp_path)) == []


@pytest.mark.parametrize("name", ["missing/x.jsonl", "file/x.jsonl", "x" * 300 + ".jsonl"])
def test_a_place_that_can_t_be_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="can't be written"):
        written(tmp_path / name, [ITEM])
    assert names_in(str(tmp_path)) == ["file"]


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    """Linux has a device that is always full."""
    device = Path("/dev/full")
    if not device.exists():
        pytest.skip("no such device here")
    with pytest.raises(UserError, match="/dev/full can't be written: No space left on device"):
        written(device, [ITEM] * 100_000)
    for form in ("csv", "parquet", "arrow", "array"):
        with pytest.raises(UserError, match="/dev/full can't be written: "):
            written(device, [ITEM] * 100_000, format=form)


def test_no_room_for_what_must_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CSV and Parquet say first which columns follow, so items wait on disk."""

    class Full:
        def write(self, _: bytes) -> None:
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            pass

    monkeypatch.setattr(spool.tempfile, "SpooledTemporaryFile", lambda *_, **__: Full())
    with pytest.raises(UserError) as caught:
        written(tmp_path / "x.csv", [ITEM])
    assert caught.value.message.endswith(": No space left on device")
    assert "TMPDIR" in caught.value.advice
    assert names_in(str(tmp_path)) == []


def test_large_items_are_written_some_at_a_time(tmp_path: Path) -> None:
    """The bytes in memory are bounded, not the number of items alone."""
    kept = spool.Spool()
    for number in range(100):
        kept.add({"PK": {"S": f"{number}"}, "x": {"S": "x" * 400_000}})
    sizes = [len(batch) for batch in kept.batches()]
    assert sum(sizes) == 100
    assert max(sizes) == 6
    kept.close()


def test_requests_for_several_tables(tmp_path: Path) -> None:
    with open_sink(str(tmp_path / "x.json"), WriteOptions("request", "one")) as sink:
        sink.add(ITEM)
        sink.add(ITEM, "two")
        sink.add(ITEM, "two")
        sink.add(ITEM)
    assert (tmp_path / "x.json").read_text().count('"two"') == 1
    assert items(tmp_path / "x.json", table=None) == [ITEM] * 4


def test_the_permissions_and_links_of_the_target(tmp_path: Path) -> None:
    """A link stays one: what it points to is replaced."""
    (tmp_path / "real.jsonl").touch()
    (tmp_path / "link.jsonl").symlink_to("real.jsonl")
    written(tmp_path / "link.jsonl", [ITEM])
    assert (tmp_path / "link.jsonl").is_symlink()
    assert items(tmp_path / "real.jsonl") == [ITEM]


def test_standard_output_is_left_open(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    for name in (None, "-"):
        with Output(name) as output:
            output.write(b"x")
    assert capfdbinary.readouterr().out == b"xx"


def test_gzip_without_an_item_is_a_good_file(tmp_path: Path) -> None:
    assert gzip.decompress(written(tmp_path / "x.jsonl.gz", []).read_bytes()) == b""


@pytest.mark.parametrize("name", ["x.parquet", "x.arrow"])
def test_what_the_user_should_know_of_columns(tmp_path: Path, name: str) -> None:
    content = [{"a": {"N": "1"}, "f": {"N": "0.5"}}, {"a": {"S": "x"}}]
    with open_sink(str(tmp_path / name), WriteOptions(numbers="float")) as sink:
        for item in content:
            sink.add(item)
    assert sink.notes == [
        "floating-point columns, sure of 15 digits: f",
        "no column type holds all their values, so these are DynamoDB JSON: a",
    ]
    assert items(tmp_path / name) == content
