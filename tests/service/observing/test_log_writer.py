"""Lines of the log go to a file, however slow the disk is, and never hold anybody up."""

import errno
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pannier.errors import UserError
from pannier.service.observing import log_writer
from pannier.service.observing.log_lines import json_line
from pannier.service.observing.log_writer import LogWriter


def fields(event: object) -> dict[str, Any]:
    return {"time": 0.0, "level": "info", "event": str(event)}


def events(file: Path) -> list[str]:
    return [json.loads(line)["event"] for line in file.read_text().splitlines()]


def until(condition: Callable[[], object]) -> None:
    """Wait for what the writer's thread does."""
    pause = threading.Event()
    for _ in range(5000):
        if condition():
            return
        pause.wait(0.002)
    raise AssertionError("waited in vain")


@contextmanager
def writing(path: Path, **options: Any) -> Iterator[LogWriter]:
    writer = LogWriter(path, json_line, clock=lambda: 0.0, gather_s=0.0, **options)
    try:
        yield writer
    finally:
        writer.close()


class Disk:
    """`os.write` as the writer sees it: held, or refusing, until told otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.arrived = threading.Event()
        self.refuses = False
        self.takes = 1 << 30  # bytes at most
        self.write = os.write
        monkeypatch.setattr(log_writer.os, "write", self)

    def __call__(self, file: int, text: Any) -> int:
        self.arrived.set()
        assert self.gate.wait(10)
        if self.refuses:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.write(file, text[: self.takes])


def test_lines_come_in_their_order(tmp_path: Path):
    file = tmp_path / "log"
    with writing(file) as writer:
        for number in range(1000):
            writer.say(fields(number))
    assert events(file) == [str(number) for number in range(1000)]
    assert file.stat().st_mode & 0o007 == 0, "others may not read it"


def test_an_existing_file_is_appended_to(tmp_path: Path):
    file = tmp_path / "log"
    for event in ("one", "two"):
        with writing(file) as writer:
            writer.say(fields(event))
    assert events(file) == ["one", "two"]


def test_a_slow_disk_holds_nobody_up_and_takes_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """While the disk is held: what fits waits, the rest is dropped, counted, and said."""
    disk, file = Disk(monkeypatch), tmp_path / "log"
    line_bytes = len(json_line(fields("00000")))
    with writing(file, waiting_bytes_max=100 * line_bytes) as writer:
        disk.gate.clear()
        writer.say(fields("first"))
        assert disk.arrived.wait(10)
        for number in range(10_000):  # comes back at once, although nothing is written
            writer.say(fields(f"{number:05}"))
        assert writer._waiting_bytes <= 100 * line_bytes
        assert sum(map(len, writer._lines)) <= 100 * line_bytes
        disk.gate.set()
    found = [json.loads(line) for line in file.read_text().splitlines()]
    (notice,) = [each for each in found if each["level"] == "warning"]
    assert notice["event"] == "lines of the log were dropped"
    kept = [each["event"] for each in found if each["level"] == "info"]
    assert kept == ["first", *(f"{number:05}" for number in range(len(kept) - 1))]
    assert notice["lines"] == 10_001 - len(kept)
    assert len(kept) >= 99


def test_lines_that_the_disk_refuses_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    disk, file = Disk(monkeypatch), tmp_path / "log"
    with writing(file) as writer:
        disk.refuses = True
        writer.say(fields("lost"))
        until(lambda: writer._dropped)
        disk.refuses = False
        writer.say(fields("kept"))
    assert events(file) == ["kept", "lines of the log were dropped"]
    assert json.loads(file.read_text().splitlines()[1])["lines"] == 1
    assert capfd.readouterr().err.splitlines() == [
        "pannier: the log can't be written, lines are dropped: No space left on device",
        "pannier: the log is written again",
    ]


def test_a_line_that_was_written_in_part_spoils_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    disk, file = Disk(monkeypatch), tmp_path / "log"

    def part_then_refuse(number: int, text: Any) -> int:
        if disk.refuses:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        disk.refuses = True
        return disk.write(number, text[:10])

    with writing(file) as writer:
        monkeypatch.setattr(log_writer.os, "write", part_then_refuse)
        writer.say(fields("torn"))
        until(lambda: writer._dropped)
        monkeypatch.setattr(log_writer.os, "write", disk.write)
        writer.say(fields("whole"))
    first, *others = file.read_text().splitlines()
    assert len(first) == 10
    assert [json.loads(line)["event"] for line in others] == [
        "whole",
        "lines of the log were dropped",
    ]


def test_a_disk_that_takes_little_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    disk, file = Disk(monkeypatch), tmp_path / "log"
    disk.takes = 7
    with writing(file) as writer:
        for number in range(20):
            writer.say(fields(number))
    assert events(file) == [str(number) for number in range(20)]


def test_reopened_it_goes_on_in_a_new_file(tmp_path: Path):
    """As logrotate has it: the file is moved away, then the server is told."""
    file, moved = tmp_path / "log", tmp_path / "log.1"
    with writing(file) as writer:
        writer.say(fields("before"))
        until(lambda: file.stat().st_size)
        file.rename(moved)
        writer.reopen()
        until(file.exists)
        writer.say(fields("after"))
    assert (events(moved), events(file)) == (["before"], ["after"])


def test_where_it_can_t_be_reopened_it_goes_on_in_the_old_file(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    folder = tmp_path / "logs"
    folder.mkdir()
    with writing(folder / "log") as writer:
        folder.rename(tmp_path / "moved")
        writer.reopen()
        writer.say(fields("after"))
    assert sorted(events(tmp_path / "moved" / "log")) == ["after", "the log can't be reopened"]
    assert "can't be reopened: No such file or directory" in capfd.readouterr().err


def test_a_log_that_can_t_be_opened(tmp_path: Path):
    with pytest.raises(UserError, match="can't be written: No such file or directory"):
        LogWriter(tmp_path / "nowhere" / "log", json_line)
