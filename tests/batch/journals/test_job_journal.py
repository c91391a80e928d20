"""A job with its journal: written behind, there when it must be, gone when it is not needed."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pannier.batch.calls import Schemas
from pannier.batch.journals import job_journal
from pannier.batch.journals.job_journal import JobJournal
from pannier.batch.journals.journal_file import JournalError, read_journal
from pannier.batch.operation import Operation
from pannier.batch.options import Options
from pannier.batch.reads.read import Key, Reading, TableOptions
from pannier.batch.report import Failure, Report
from pannier.batch.writes.write import Writing
from pannier.clock import ManualClock
from tests.batch.driving import FOREVER_S
from tests.batch.fake_service import (
    DONE,
    HOPELESS,
    SILENCE_AFTER,
    TABLE,
    FakeService,
    delete,
    leave,
    put,
)
from tests.batch.test_journal_law import run_until

CLOCK = ManualClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs" / "the.journal"


@pytest.fixture
def named(path: Path) -> Path:
    """A path for a journal that the user named: its folder is there."""
    path.parent.mkdir()
    return path


def operations(count: int) -> list[Operation]:
    return [put(f"k{number}", str(number)) for number in range(count)]


async def feed(
    service: FakeService,
    journal: JobJournal,
    source: list[Operation | Failure],
    *,
    pause_s: float = 0.0,
    give_up_after_s: float = FOREVER_S,
    on_failure: Callable[[Failure], None] | None = None,
) -> Report:
    """Write 25 at a time, with a pause after each."""
    options = Options(parallel=4, give_up_after_s=give_up_after_s)
    writing = Writing(service, Schemas(service), options, on_failure, journal=journal)
    for start in range(0, len(source), 25):
        await writing.feed(source[start : start + 25])
        await asyncio.sleep(pause_s)
        if not writing.wants_more:
            break
    return await writing.finish()


def run(work: Any) -> Report:
    report = run_until(work, FOREVER_S)
    assert isinstance(report, Report)
    return report


def record_in(path: Path) -> dict[str, Any]:
    record = read_journal(path).record
    assert record is not None
    return record


def test_a_journal_that_was_named_stays_and_says_that_the_job_is_complete(named: Path) -> None:
    report = run(feed(FakeService(), JobJournal.begin(named), [*operations(60), delete("k59")]))
    record = record_in(named)
    assert record["complete"] is record["closed"] is True
    assert record["state"]["counts"] == {"written": 59, "deleted": 1, "superseded": 1}
    assert record["state"]["open"] == ""
    again = JobJournal.go_on(named)
    again.close()
    assert again.complete
    earlier = again.earlier_report("write")
    assert (earlier.read, earlier.calls, earlier.runs) == (report.read, report.calls, 1)
    assert earlier.balanced


def test_a_temporary_journal_of_a_quick_job_is_never_made(path: Path) -> None:
    run(feed(FakeService(), JobJournal.begin(path, temporary=True), operations(60)))
    assert not path.parent.exists()


def test_a_temporary_journal_is_made_after_a_second_and_removed_when_the_job_is_complete(
    path: Path,
) -> None:
    there: list[tuple[float, bool]] = []

    async def watched() -> Report:
        job = asyncio.ensure_future(
            feed(
                FakeService(), JobJournal.begin(path, temporary=True), operations(500), pause_s=0.2
            )
        )
        while not job.done():
            is_there = path.exists()  # noqa: ASYNC240  # nobody waits for it
            there.append((asyncio.get_running_loop().time(), is_there))
            await asyncio.sleep(0.05)
        return job.result()

    report = run(watched())
    assert report.written == 500
    assert [is_there for now_s, is_there in there if now_s < 0.95] == [False] * 19
    assert all(is_there for now_s, is_there in there if 1.2 < now_s < 3.9)
    assert not path.exists()


def test_a_temporary_journal_of_a_job_that_did_not_end_well_stays(path: Path) -> None:
    """However short the job was: it can go on."""
    journal = JobJournal.begin(path, temporary=True)
    service = FakeService([DONE, HOPELESS])
    report = run(feed(service, journal, operations(100), pause_s=0.1))
    assert report.stopped
    assert (report.written, report.failed) == (25, 0)
    assert journal.can_go_on
    assert record_in(path)["complete"] is False
    again = JobJournal.go_on(path, temporary=True)
    assert run(feed(service, again, operations(100))).written == 100
    assert len(service.items()) == 100
    assert not path.exists()


def test_a_job_of_which_nothing_was_done_leaves_no_temporary_journal(path: Path) -> None:
    journal = JobJournal.begin(path, temporary=True)
    report = run(feed(FakeService([HOPELESS]), journal, operations(10)))
    assert report.unresolved == 10
    assert not journal.can_go_on
    assert not path.exists()


def test_what_the_hopeless_call_held_is_sent_again_by_the_next_run(named: Path) -> None:
    """Permissions are mended, and the job goes on: nothing may be missing for that."""
    service = FakeService([DONE, HOPELESS])
    seen: list[Failure] = []
    journal = JobJournal.begin(named)
    report = run(feed(service, journal, operations(75), pause_s=0.1, on_failure=seen.append))
    assert (report.written, report.failed) == (25, 0)
    assert seen == [], "they are not in the failures file: the next run sends them"
    report = run(feed(service, JobJournal.go_on(named), operations(75), on_failure=seen.append))
    assert (report.read, report.written, report.runs) == (75, 75, 2)
    assert seen == []


def test_a_record_is_a_tenth_of_a_second_behind_and_comes_each_second_if_nothing_happens(
    named: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_s: list[tuple[float, int]] = []
    write = JobJournal._write

    def noted(self: JobJournal, record: Any, files: Any, *, sync: bool = False) -> None:
        done = sum(record["state"]["counts"].values())
        written_s.append((asyncio.get_running_loop().time(), done))
        write(self, record, files, sync=sync)

    monkeypatch.setattr(JobJournal, "_write", noted)

    async def slow() -> Report:
        service = FakeService()
        journal = JobJournal.begin(named)
        writing = Writing(service, Schemas(service), Options(), journal=journal)
        await writing.feed(operations(25))
        await asyncio.sleep(3.5)
        await writing.feed(operations(50)[25:])
        await asyncio.sleep(1.0)
        return await writing.finish()

    run(slow())
    done_at = [(round(now_s, 1), done) for now_s, done in written_s]
    assert done_at[:5] == [(0.1, 25), (1.1, 25), (2.1, 25), (3.1, 25), (3.6, 50)]


def test_a_source_that_became_shorter_is_noticed(named: Path) -> None:
    service = FakeService([DONE, DONE, HOPELESS])
    run(feed(service, JobJournal.begin(named), operations(100), pause_s=0.1))
    with pytest.raises(JournalError, match="ends after 10 elements, but an earlier run"):
        run(feed(service, JobJournal.go_on(named), operations(10)))
    assert record_in(named)["complete"] is False


def test_what_was_passed_by_is_not_taken(named: Path) -> None:
    """A source that can begin later is given to the job without its first elements."""
    service = FakeService([DONE, DONE, HOPELESS])
    source = operations(100)
    run(feed(service, JobJournal.begin(named), source, pause_s=0.1))
    journal = JobJournal.go_on(named)
    passed = journal.pass_by()
    assert passed == 50
    report = run(feed(service, journal, source[passed:]))
    assert (report.read, report.written) == (100, 100)
    assert len(service.items()) == 100


def test_a_named_journal_that_cant_be_written_stops_the_job(
    named: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Going on without it would break the promise that was asked for."""
    journal = JobJournal.begin(named)
    seen: list[Failure] = []

    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    report = run(
        feed(FakeService(), journal, operations(500), pause_s=0.05, on_failure=seen.append)
    )
    assert "can't be written: No space left on device" in report.stopped
    assert report.balanced
    assert 0 < report.written < 500
    assert "No space left" in journal.trouble


def test_a_temporary_journal_that_cant_be_written_does_not_disturb_the_job(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = JobJournal.begin(path, temporary=True)
    monkeypatch.setattr(job_journal, "_TEMPORARY_AFTER_S", 0.0)
    path.parent.write_text("a file where the folder should be")
    report = run(feed(FakeService(), journal, operations(100), pause_s=0.1))
    assert report.ok
    assert report.written == 100


def test_where_no_journal_can_be_made_unresolved_operations_are_listed_again(
    path: Path,
) -> None:
    path.parent.write_text("a file where the folder should be")
    journal = JobJournal.begin(path, temporary=True)
    assert not journal.usable
    seen: list[Failure] = []
    report = run(feed(FakeService([HOPELESS]), journal, operations(10), on_failure=seen.append))
    assert len(seen) == report.unresolved == 10
    assert not journal.can_go_on


def test_a_job_that_goes_on_waits_until_lost_calls_can_have_no_effect_any_more(
    named: Path,
) -> None:
    """A call may outlive the process that sent it, and must not overtake what is sent now."""
    clock = ManualClock()
    JobJournal.begin(named, clock=clock).close()
    os.utime(named, (clock(), clock()))
    clock.advance(10)
    journal = JobJournal.go_on(named, clock=clock)
    assert journal.grace_s(30.0) == pytest.approx(21.0)
    assert journal.grace_s(0.0) == 0.0
    clock.advance(30)
    assert journal.grace_s(30.0) == 0.0
    journal.close()


def test_a_clock_that_was_put_back_makes_nobody_wait_longer(named: Path) -> None:
    """The last sign of life seems to come from tomorrow: the whole wait, and no more than that."""
    clock = ManualClock()
    JobJournal.begin(named, clock=clock).close()
    tomorrow_s = clock() + 86_400
    os.utime(named, (tomorrow_s, tomorrow_s))
    journal = JobJournal.go_on(named, clock=clock)
    assert journal.grace_s(30.0) == pytest.approx(31.0)
    journal.close()


def test_after_an_orderly_end_nobody_waits_unless_an_outcome_was_unknown(tmp_path: Path) -> None:
    for fates, waits in (([DONE, HOPELESS], False), ([SILENCE_AFTER, DONE, HOPELESS], True)):
        named = tmp_path / f"{waits}.journal"
        clock = ManualClock()
        service = FakeService(fates)
        run(feed(service, JobJournal.begin(named, clock=clock), operations(60), pause_s=0.2))
        journal = JobJournal.go_on(named, clock=clock)
        journal.close()
        assert bool(journal.grace_s(30.0)) is waits


def test_a_job_that_gave_up_goes_on_later(named: Path) -> None:
    service = FakeService([DONE] + [leave(25)] * 500)
    report = run(
        feed(service, JobJournal.begin(named), operations(200), pause_s=0.1, give_up_after_s=20)
    )
    assert "no progress" in report.stopped
    assert report.balanced
    service.fates.clear()
    again = run(feed(service, JobJournal.go_on(named), operations(200)))
    assert (again.read, again.written, again.unresolved, again.stopped) == (200, 200, 0, "")
    assert again.balanced
    assert len(service.items()) == 200
    assert again.calls > report.calls


def test_the_journal_is_json_lines_behind_a_checksum(named: Path) -> None:
    """Whoever must look into one can."""
    run(feed(FakeService(), JobJournal.begin(named), operations(3)))
    lines = [json.loads(line[9:]) for line in named.read_text().splitlines()]
    assert lines[0]["pannier_journal"] == 1
    assert lines[-1]["state"]["counts"] == {"written": 3}


def test_a_read_that_met_an_error_without_hope_goes_on_later(named: Path) -> None:
    """Keys that could not be read because a table or a permission was missing are not failures."""

    async def read(service: FakeService, journal: JobJournal) -> Report:
        reading = Reading(service, Schemas(service), Options(), {}, TableOptions(), journal=journal)
        keys = [Key(TABLE, {"PK": {"S": f"k{number}"}}) for number in range(250)]
        await reading.exchange(keys, last=False)
        while not reading.done:
            await reading.exchange((), last=True)
        await reading.finish()
        return reading.report

    service = FakeService([DONE, HOPELESS])
    first = run(read(service, JobJournal.begin(named)))
    assert (first.missing, first.failed) == (100, 0)
    assert first.unresolved > 0
    again = run(read(service, JobJournal.go_on(named)))
    assert (again.read, again.missing, again.failed, again.unresolved) == (250, 250, 0, 0)
    assert again.balanced
