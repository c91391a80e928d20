"""Tasks of a job: what they tell is counted once, whatever Spark does with them."""

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from pannier.batch.operation import Origin
from pannier.batch.report import Failure, Report
from pannier.spark.noting import Failures, raise_if_given_up
from pannier.spark.task_job import Done, Task, TaskJob

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(autouse=True)
def _sent_as_it_is() -> Iterator[None]:
    from pyspark import cloudpickle

    module = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(module)
    yield
    cloudpickle.unregister_pickle_by_value(module)


@dataclass(frozen=True)
class Odd:
    """Counts to its number; odd ones have a failure, and lose their worker the first time."""

    failures: Failures
    marks: Path

    def __call__(self, task: Task) -> Iterator[pa.RecordBatch]:
        report = Report("write", read=task.number, written=task.number)
        with self.failures.of_task(task) as noted:
            if task.number % 2:
                failure = Failure("shop", "put", {}, "odd", Origin("odd", task.number))
                report.read += 1
                report.fail(failure)
                noted.add(failure)
                mark = self.marks / str(task.number)
                if not mark.exists():
                    mark.touch()
                    os.kill(os.getpid(), signal.SIGKILL)
            done = noted.into(Done(task.number, report))
        task.tell(done)
        yield pa.RecordBatch.from_pydict({"value": [f"{task.number}"]})


def test_what_tasks_tell_is_counted_once_though_workers_are_killed(
    spark: "SparkSession", tmp_path: Path
) -> None:
    marks, folder = tmp_path / "marks", tmp_path / "failures"
    marks.mkdir()
    folder.mkdir()
    failures = Failures("j1", str(folder))
    job = TaskJob(spark, "j1", "odd tasks", "write", 4)
    frame = job.frame(Odd(failures, marks), "value string")
    job.run(lambda: frame.write.text(str(tmp_path / "out")))
    assert sorted(path.name for path in marks.iterdir()) == ["1", "3"], "both were killed"
    report = job.report
    assert (report.read, report.written, report.failed) == (8, 6, 2)
    assert report.balanced
    assert sorted(job.done) == [0, 1, 2, 3]
    assert sorted(row.value for row in spark.read.text(str(tmp_path / "out")).collect()) == [
        "0", "1", "2", "3",
    ]  # fmt: skip
    told = failures.kept(job.done.values(), report.failed, "")
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        each.part for each in job.done.values() if each.part
    ), "nothing is left of the attempts that were killed"
    assert told == f"{folder}, pannier-failures-j1-*"


def test_a_frame_that_is_run_again_is_not_counted_again(
    spark: "SparkSession", tmp_path: Path
) -> None:
    job = TaskJob(spark, "j2", "even tasks", "write", 1)
    frame = job.frame(Odd(Failures("j2", None), tmp_path), "value string")
    for name in ("one", "two"):
        job.run(lambda name=name: frame.write.text(str(tmp_path / name)))  # type: ignore[misc]
    assert list(job.done) == [0]
    assert job.report.read == 0


def test_a_job_without_tasks_has_an_empty_report(spark: "SparkSession", tmp_path: Path) -> None:
    job = TaskJob(spark, "j3", "no tasks", "write", 0)
    frame = job.frame(Odd(Failures("j3", None), tmp_path), "value string")
    job.run(frame.collect)
    assert job.done == {}
    assert job.report.balanced


def test_failures_that_tasks_carry_are_written_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "failed.jsonl"
    done = [Done(number, Report("write"), lines=[b"%d\n" % number]) for number in (0, 1)]
    failures = Failures("j4", None)
    assert failures.kept(done, 2, str(path)) == str(path)
    assert path.read_bytes() == b"0\n1\n"
    told = failures.kept(done, 5, str(path))
    assert "which has 2 of them; --failures FOLDER keeps all" in told
    assert failures.kept([], 0, str(tmp_path / "none")) == ""
    assert not (tmp_path / "none").exists()


def test_a_task_that_gave_up_is_an_error_and_one_with_failures_is_none() -> None:
    from pannier.errors import UserError

    raise_if_given_up(Done(0, Report("write", read=2, written=1, failed=1)))
    report = Report("write", read=9, written=5, unresolved=4, stopped="no progress")
    with pytest.raises(UserError, match="task 7: 4 of 9 were given up: no progress"):
        raise_if_given_up(Done(7, report))
