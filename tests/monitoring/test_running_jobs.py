"""Jobs leave word, and are listed and followed by it; whatever is in the folder."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from pannier.batch.report import Report
from pannier.errors import UserError
from pannier.monitoring.job_folder import open_folder
from pannier.monitoring.job_status import BROKEN, DIED, FINISHED, INTERRUPTED, JobStatus
from pannier.monitoring.running_jobs import follow, job_of, leave, running_jobs
from tests.monitoring.job_statuses import a_good_end, a_status, dead_pid
from tests.publishing.a_report import a_report


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pannier" / "jobs"
    open_folder(made)
    return made


def test_a_status_there_and_back() -> None:
    status = a_status(write_units="50%")
    again = JobStatus.decoded(status.encoded())
    assert again.report.to_json() == status.report.to_json()
    assert replace(again, report=status.report) == status
    shown = again.to_json()
    assert shown["report"]["latency_s"] == a_report().to_json()["latency_s"]
    assert shown["success_rate"] == again.success_rate
    assert orjson.loads(orjson.dumps(shown)) == shown


@pytest.mark.parametrize("counted", [{}, {"runs": 3, "earlier_s": 2.0, "stopped": "enough"}])
def test_a_report_is_taken_over_whole(counted: dict[str, object]) -> None:
    report = Report("read", read=9, found=4, missing=1, failed=2, in_flight=1, elapsed_s=3.0)
    for name, value in counted.items():
        setattr(report, name, value)
    again = JobStatus.decoded(a_status(report=report).encoded()).report
    assert again.to_json() == report.to_json()
    assert (again.in_flight, again.earlier_s) == (1, report.earlier_s)


def test_success_is_of_what_has_ended() -> None:
    report = Report("write", read=9, written=3, superseded=2, failed=1, unresolved=0)
    assert a_status(report=report).success_rate == 0.75
    assert a_status(report=Report("write", read=4)).success_rate is None


def test_a_running_job_is_listed_before_one_that_has_ended(folder: Path) -> None:
    assert running_jobs(folder) == []
    ended = a_good_end(dead_pid())
    leave(replace(ended, began_at_s=time.time() + 5), folder)
    leave(a_status(), folder)
    found = running_jobs(folder)
    assert [each.pid for each in found] == [os.getpid(), ended.pid]
    assert [each.is_running for each in found] == [True, False]
    assert job_of("last", folder).pid == os.getpid()
    assert job_of(str(ended.pid), folder).state == FINISHED


def test_a_job_whose_process_is_gone_has_died(folder: Path) -> None:
    leave(a_status(dead_pid()), folder)
    (found,) = running_jobs(folder)
    assert found.state == DIED
    assert not found.ok
    assert found.left_s is None
    assert found.report.written == a_report().written


def test_another_process_of_the_same_id_is_not_taken_for_it(folder: Path) -> None:
    leave(a_status(process_began="1"), folder)
    assert job_of("last", folder).state == DIED


@pytest.mark.parametrize("state", [FINISHED, INTERRUPTED, BROKEN])
def test_how_a_job_ended_is_kept_for_an_hour(folder: Path, state: str) -> None:
    pid = dead_pid()
    leave(a_status(pid, state), folder)
    soon, later = time.time() + 3500, time.time() + 3700
    assert [each.state for each in running_jobs(folder, lambda: soon)] == [state]
    assert running_jobs(folder, lambda: later) == []
    assert list(folder.iterdir()) == []


def test_many_jobs_are_not_all_read(folder: Path) -> None:
    for pid in range(2_000_000_000, 2_000_000_120):
        leave(a_status(pid, FINISHED), folder)
    leave(a_status(), folder)
    found = running_jobs(folder)
    assert len(found) == 100
    assert found[0].is_running


def test_what_is_no_status_is_passed_over_and_swept(folder: Path) -> None:
    whole = a_status().encoded()
    other = {**orjson.loads(whole), "form": 99}
    strange = {
        "1.json": b"",
        "2.json": whole[: len(whole) // 2],
        "3.json": b"[]",
        "4.json": b'{"form": 1}',
        "5.json": orjson.dumps(other),
        "6.json": orjson.dumps({**orjson.loads(whole), "report": {}}),
        "7.json": orjson.dumps({**orjson.loads(whole), "state": "merry"}),
        "8.tmp": whole,
        "9.json": b"\xff",
    }
    for name, content in strange.items():
        (folder / name).write_bytes(content)
    (folder / "a note").write_text("not ours to remove")
    assert running_jobs(folder) == []
    assert len(list(folder.iterdir())) == len(strange) + 1
    with pytest.raises(UserError, match="no job of the process 2"):
        job_of("2", folder)
    assert running_jobs(folder, lambda: time.time() + 3700) == []
    assert [each.name for each in folder.iterdir()] == ["a note"]


@pytest.mark.parametrize("which", ["", "x", "-1", "1.5", "9" * 11, "../1", "12345678"])
def test_what_names_no_job_is_refused_with_advice(folder: Path, which: str) -> None:
    with pytest.raises(UserError) as caught:
        job_of(which, folder)
    assert caught.value.advice


def test_without_a_job_there_is_no_last(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no job is running"):
        job_of("last", tmp_path / "none" / "jobs")


def test_a_job_is_followed_to_its_end(folder: Path) -> None:
    leave(a_status(), folder)
    steps: Iterator[JobStatus] = iter([a_status(fraction=0.75), a_good_end()])
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        leave(next(steps), folder)

    seen = list(follow(os.getpid(), folder, sleep=sleep))
    assert [each.fraction for each in seen[:2]] == [0.5, 0.75]
    assert [each.is_running for each in seen] == [True, True, False]
    assert seen[-1].ok
    assert waited == [1.0, 1.0]
