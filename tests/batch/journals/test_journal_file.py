"""The journal on disk: it survives being torn, stays small, and overwrites nothing else."""

import os
import random
from pathlib import Path
from typing import Any

import pytest

from pannier.batch.journals import journal_file
from pannier.batch.journals.journal_file import RING_BYTES, JournalError, JournalFile, read_journal

HEAD = {"job": {"command": "write"}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "the.journal"


def written(path: Path, count: int) -> JournalFile:
    """A journal with records 1 to `count`, which this process holds."""
    file = JournalFile.create(path, HEAD)
    for number in range(1, count + 1):
        file.write({"number": number}, sync=False)
    return file


def number_in(path: Path) -> int | None:
    record = read_journal(path).record
    return None if record is None else int(record["number"])


def test_the_newest_record_counts(path: Path) -> None:
    written(path, 3).close()
    content = read_journal(path)
    assert content.head == HEAD
    assert content.record == {"sequence": 3, "number": 3}


def test_a_job_that_goes_on_writes_behind_the_newest_record(path: Path) -> None:
    written(path, 2).close()
    file = JournalFile.reopen(path)
    assert file.content.record == {"sequence": 2, "number": 2}
    file.write({"number": 3}, sync=True)
    file.close()
    assert number_in(path) == 3


def test_a_journal_that_was_begun_and_no_more_has_no_record(path: Path) -> None:
    written(path, 0).close()
    assert number_in(path) is None


@pytest.mark.parametrize("filling", ["zeros", "garbage", "blocks"])
def test_whatever_a_power_cut_leaves_of_the_last_record(path: Path, filling: str) -> None:
    """Its first part, then zeros or what the disk held before; or its end without its beginning."""
    written(path, 3).close()
    whole = path.read_bytes()
    content = read_journal(path)
    start, stop = content.start_bytes, content.end_bytes
    chance = random.Random(1)
    for cut in range(start, stop):
        lost = bytes(stop - cut) if filling == "zeros" else chance.randbytes(stop - cut)
        left = whole[:cut] + lost
        if filling == "blocks":
            left = whole[:start] + bytes(cut + 1 - start) + whole[cut + 1 :]
        path.write_bytes(left)
        assert number_in(path) == (3 if left == whole else 2)
        file = JournalFile.reopen(path)
        file.write({"number": 4}, sync=True)
        file.close()
        assert number_in(path) == 4


def test_wherever_the_last_record_is_torn_the_one_before_it_counts(path: Path) -> None:
    """Every byte at which a crash can stop the writing; then the next run writes over the rest."""
    written(path, 3).close()
    whole = path.read_bytes()
    content = read_journal(path)
    for end in range(content.start_bytes, content.end_bytes):
        path.write_bytes(whole[:end])
        assert number_in(path) == 2
        file = JournalFile.reopen(path)
        file.write({"number": 4}, sync=False)
        file.close()
        assert number_in(path) == 4


def test_a_byte_that_is_wrong_anywhere_is_noticed(path: Path) -> None:
    written(path, 3).close()
    whole = path.read_bytes()
    content = read_journal(path)
    for place in range(content.start_bytes, content.end_bytes):
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        path.write_bytes(damaged)
        assert number_in(path) == 2
    for place in range(whole.index(b"\n")):
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        path.write_bytes(damaged)
        with pytest.raises(JournalError, match="is no journal"):
            read_journal(path)


def test_the_file_is_a_ring_and_its_newest_record_is_always_found(path: Path) -> None:
    """Records of many sizes, several rounds; after each, the file says what was written last."""
    chance = random.Random(3)
    file = JournalFile.create(path, HEAD)
    for number in range(1, 400):
        size = chance.choice([10, 3_000, 30_000, 300_000])
        file.write({"number": number, "fill": "x" * chance.randrange(size)}, sync=False)
        if number % 7 == 0:
            assert number_in(path) == number
        if number % 50 == 0:
            file.close()
            file = JournalFile.reopen(path)
    file.close()
    assert number_in(path) == 399
    assert path.stat().st_size < RING_BYTES + 2 * 300_000


def test_a_torn_record_at_the_start_of_the_ring_leaves_the_newest(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where one record alone is larger than the ring: it is not written over by the next."""
    for sizes in ([400_000] * 4, [2_000_000, 10], [10, 2_000_000, 2_000_000]):
        path.unlink(missing_ok=True)
        file = JournalFile.create(path, HEAD)
        for number, size in enumerate(sizes, start=1):
            file.write({"number": number, "fill": "x" * size}, sync=False)
        with monkeypatch.context() as patch:
            patch.setattr(journal_file, "_write", half)
            file.write({"number": 99, "fill": "y" * 300_000}, sync=False)
        file.close()
        assert number_in(path) == len(sizes)


def half(descriptor: int, text: bytes, start_bytes: int) -> None:
    os.pwrite(descriptor, text[: len(text) // 2], start_bytes)


def test_one_process_at_a_time(path: Path) -> None:
    file = written(path, 1)
    with pytest.raises(JournalError, match="another process is at work"):
        JournalFile.reopen(path)
    with pytest.raises(JournalError, match="another process is at work"):
        JournalFile.create(path, HEAD)
    file.close()
    JournalFile.reopen(path).close()


def test_a_journal_of_a_job_that_is_not_complete_is_not_written_over(path: Path) -> None:
    written(path, 1).close()
    with pytest.raises(JournalError, match="not complete") as caught:
        JournalFile.create(path, HEAD)
    assert "--resume" in caught.value.advice
    JournalFile.create(path, HEAD, replace_unfinished=True).close()
    assert number_in(path) is None


def test_a_journal_of_a_complete_job_is_replaced(path: Path) -> None:
    file = written(path, 1)
    file.write({"number": 2, "complete": True}, sync=True)
    file.close()
    JournalFile.create(path, {"job": "another"}).close()
    assert read_journal(path).head == {"job": "another"}


@pytest.mark.parametrize("text", [b'{"PK": 1}\n', b"\0" * 100, b"PAR1", b"12345678 {}\n"])
def test_another_file_is_never_written_over(path: Path, text: bytes) -> None:
    """A slip of the hand, `--journal items.jsonl`, must not cost the items."""
    path.write_bytes(text)
    for use in (
        lambda: JournalFile.create(path, HEAD),
        lambda: JournalFile.create(path, HEAD, replace_unfinished=True),
        lambda: JournalFile.reopen(path),
    ):
        with pytest.raises(JournalError, match="is no journal"):
            use()
    assert path.read_bytes() == text


def test_a_journal_of_a_newer_pannier_is_refused(path: Path) -> None:
    path.write_bytes(journal_file._line({"pannier_journal": 2}))
    with pytest.raises(JournalError, match="has form 2, this Pannier writes form 1"):
        JournalFile.reopen(path)


def test_a_journal_that_is_not_there(path: Path) -> None:
    with pytest.raises(JournalError, match="there is no journal"):
        JournalFile.reopen(path)
    with pytest.raises(JournalError, match="there is no folder"):
        JournalFile.create(path / "x" / "y", HEAD)


def test_a_full_disk_is_told_and_the_record_before_is_there(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(path, 2)

    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(JournalError, match="No space left"):
            file.write({"number": 3}, sync=False)
    file.close()
    assert number_in(path) == 2


def test_files_that_a_record_tells_of_are_synced_before_it_is_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a loss of power the journal must not know of failures that are not in their file."""
    file = written(path, 1)
    done: list[object] = []
    monkeypatch.setattr(os, "fsync", done.append)
    monkeypatch.setattr(journal_file, "_write", lambda *_: done.append("record"))
    file.write({"number": 2}, before=[77], sync=True)
    assert done[:2] == [77, "record"]
    assert len(done) == 3
    file.close()


def test_a_synced_record_is_never_far_behind(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else all that is in the ring could be lost with the power."""
    file = JournalFile.create(path, HEAD)
    file.write({"number": 0}, sync=True)
    unsynced = 0

    def synced(_: int) -> None:
        nonlocal unsynced
        unsynced = 0

    monkeypatch.setattr(os, "fsync", synced)
    for number in range(1, 60):
        unsynced += 50_000
        file.write({"number": number, "fill": "x" * 50_000}, sync=False)
        assert unsynced <= RING_BYTES // 2 + 50_000
    file.close()
