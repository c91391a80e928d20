"""What a write on Spark does in its tasks and at its end, without Spark around it."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest
from pyspark import cloudpickle
from pyspark.sql.types import BooleanType, LongType, StringType, StructType, VariantType

from pannier.batch.calls import CallError
from pannier.batch.pace.budget import Turn
from pannier.errors import UserError
from pannier.library.connection import Connection
from pannier.spark.write_options import WriteOptions
from pannier.spark.write_outcome import TaskDone
from pannier.spark.write_plan import WritePlan, check_mode, planned
from pannier.spark.writing import TableWriter, write_partition
from tests.spark.shop import TABLE, items, named, shop

SCHEMA = StructType().add("PK", StringType()).add("n", LongType())
ARROW = pa.schema([("PK", pa.string()), ("n", pa.int64())])
BAD = {"PK": "", "n": 0}


@pytest.fixture
def place() -> Iterator[tuple[str, Connection]]:
    with shop() as made:
        yield made


def plan_of(url: str, schema: StructType = SCHEMA, **options: str) -> WritePlan:
    return planned(WriteOptions.of({"target": url, "table": TABLE, **options}), schema, 2)


def rows(*numbers: int) -> list[dict[str, Any]]:
    return [{"PK": f"k{number}", "n": number} for number in numbers]


def batches(content: list[dict[str, Any]], size: int = 100) -> Iterator[pa.RecordBatch]:
    for at in range(0, len(content), size):
        yield pa.RecordBatch.from_pylist(content[at : at + size], ARROW)


def task(plan: WritePlan, content: list[Any], partition: int = 0, attempt: int = 0) -> TaskDone:
    """A task, and its message as it arrives on the driver."""
    done = write_partition(plan, batches(content), partition, attempt)
    arrived = cloudpickle.loads(cloudpickle.dumps(done))
    assert isinstance(arrived, TaskDone)
    return arrived


# One report


def test_tasks_become_one_report_in_a_file_and_on_standard_error(
    place: tuple[str, Connection], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, connection = place
    plan = plan_of(url, report=str(tmp_path / "report.json"))
    messages = [task(plan, rows(*range(300))), task(plan, rows(*range(300, 310)), 1, 1)]
    TableWriter(plan).commit([*messages, task(plan, [], 2, 2)])
    report = orjson.loads((tmp_path / "report.json").read_bytes())
    assert (report["read"], report["written"], report["balanced"]) == (310, 310, True)
    assert report["units"]["write"] == {TABLE: 310.0}
    assert report["target"] == url
    assert report["spark"] == {
        "job": plan.job,
        "tasks": 3,
        "failures": [],
        "parts_removed": 0,
    }
    said = capsys.readouterr().err
    assert f"pannier: job           {plan.job}, 3 tasks on {url}" in said
    assert "310 read: 310 written" in said
    assert items(connection) == named(rows(*range(310)))


def test_within_a_task_the_last_row_of_a_key_stands(place: tuple[str, Connection]) -> None:
    url, connection = place
    plan = plan_of(url)
    content = [{"PK": f"k{number % 7}", "n": number} for number in range(3000)]
    done = task(plan, content)
    assert done.report.balanced
    assert done.report.superseded + done.report.written == 3000
    assert items(connection) == named(content[-7:])


def test_every_row_of_a_key_is_sent_where_that_is_wanted(place: tuple[str, Connection]) -> None:
    url, connection = place
    content = [{"PK": f"k{number % 7}", "n": number} for number in range(200)]
    done = task(plan_of(url, everyWrite="true"), content)
    assert (done.report.written, done.report.superseded) == (200, 0)
    assert items(connection) == named(content[-7:])


def test_a_column_that_says_delete(place: tuple[str, Connection]) -> None:
    url, connection = place
    task(plan_of(url), rows(1, 2, 3))
    schema = StructType().add("PK", StringType()).add("gone", BooleanType())
    plan = plan_of(url, schema, deleteColumn="gone")
    batch = pa.record_batch({"PK": ["k1", "k4"], "gone": [True, False]})
    report = write_partition(plan, iter([batch]), 0, 0).report
    assert (report.read, report.written, report.deleted) == (2, 1, 1)
    assert set(items(connection)) == {"k2", "k3", "k4"}


# Rows that do not get through


def test_poison_is_isolated_and_the_job_fails_at_its_end(
    place: tuple[str, Connection], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_HIDE_TRACEBACK", "")
    monkeypatch.chdir(tmp_path)
    url, connection = place
    plan = plan_of(url)
    messages = [task(plan, [*rows(1, 2), BAD, *rows(3)]), task(plan, rows(4), 1, 1)]
    with pytest.raises(UserError, match="1 of 5 rows did not get through") as caught:
        TableWriter(plan).commit(messages)
    listed = tmp_path / f"pannier-failures-{plan.job}.jsonl"
    assert str(listed) in caught.value.advice
    (line,) = listed.read_bytes().splitlines()
    failure = orjson.loads(line)
    assert (failure["source"], failure["row"]) == ("partition 0", 3)
    assert "empty string value" in failure["reason"]
    assert set(items(connection)) == {"k1", "k2", "k3", "k4"}


def test_a_report_that_says_so_is_enough_for_who_wants_that(
    place: tuple[str, Connection], tmp_path: Path
) -> None:
    url, _ = place
    folder = tmp_path / "failures"
    report = tmp_path / "report.json"
    plan = plan_of(url, failures=str(folder), onFailures="report", report=str(report))
    TableWriter(plan).commit([task(plan, [BAD], 4, 9)])
    name = f"pannier-failures-{plan.job}-00004-9.jsonl"
    assert orjson.loads(report.read_bytes())["spark"]["failures"] == [name]
    assert len((folder / name).read_bytes().splitlines()) == 1


def test_more_failures_than_a_message_carries_are_counted_and_a_folder_is_named(
    place: tuple[str, Connection], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_HIDE_TRACEBACK", "")
    monkeypatch.chdir(tmp_path)
    url, _ = place
    plan = plan_of(url)
    message = task(plan, [BAD] * 5000)
    with pytest.raises(UserError, match="5000 of 5000 rows") as caught:
        TableWriter(plan).commit([message])
    assert "of 5000 are in" in caught.value.advice
    assert "name a folder with failures" in caught.value.advice


# Attempts


def test_an_attempt_that_was_not_committed_counts_nowhere(
    place: tuple[str, Connection], tmp_path: Path
) -> None:
    url, connection = place
    folder = tmp_path / "failures"
    plan = plan_of(
        url, failures=str(folder), onFailures="report", report=str(tmp_path / "report.json")
    )
    content = [*rows(*range(120)), BAD]
    task(plan, content, attempt=1)
    second = task(plan, content, attempt=2)
    TableWriter(plan).commit([second])
    report = orjson.loads((tmp_path / "report.json").read_bytes())
    assert (report["read"], report["written"], report["failed"]) == (121, 120, 1)
    assert report["spark"]["parts_removed"] == 1
    assert [path.name for path in folder.iterdir()] == [second.part]
    assert items(connection) == named(rows(*range(120)))


def test_two_attempts_at_the_same_time_do_no_harm_where_each_key_occurs_once(
    place: tuple[str, Connection],
) -> None:
    url, connection = place
    plan = plan_of(url)
    content = rows(*range(1500))
    done: list[TaskDone] = []

    def attempt(number: int) -> None:
        done.append(task(plan, content, attempt=number))

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.report.written for each in done] == [1500, 1500]
    assert items(connection) == named(content)


def test_an_abort_leaves_parts_of_tasks_that_ended_and_no_others(
    place: tuple[str, Connection], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, _ = place
    folder = tmp_path / "failures"
    report = tmp_path / "report.json"
    plan = plan_of(url, failures=str(folder), report=str(report))
    done = task(plan, [BAD, *rows(1)], 0, 0)
    task(plan, [BAD], 1, 1)
    TableWriter(plan).abort([done, None])
    assert [path.name for path in folder.iterdir()] == [done.part]
    said = capsys.readouterr().err
    assert "aborted when 1 of 2 tasks had ended" in said
    assert "can be run again" in said
    told = orjson.loads(report.read_bytes())
    assert (told["read"], told["balanced"]) == (2, True)
    assert told["stopped"] == "the job was aborted"


def test_an_abort_after_a_commit_that_raised_touches_nothing(
    place: tuple[str, Connection], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_HIDE_TRACEBACK", "")
    url, _ = place
    folder = tmp_path / "failures"
    report = tmp_path / "report.json"
    plan = plan_of(url, failures=str(folder), report=str(report))
    done = task(plan, [BAD])
    with pytest.raises(UserError):
        TableWriter(plan).commit([done])
    before = report.read_bytes()
    TableWriter(plan).abort([done])
    assert report.read_bytes() == before
    assert [path.name for path in folder.iterdir()] == [done.part]


def test_a_source_that_breaks_leaves_no_part(place: tuple[str, Connection], tmp_path: Path) -> None:
    url, connection = place
    plan = plan_of(url, failures=str(tmp_path / "failures"))

    def broken() -> Iterator[pa.RecordBatch]:
        yield from batches([BAD, *rows(*range(600))])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_partition(plan, broken(), 0, 0)
    assert list((tmp_path / "failures").iterdir()) == []
    assert items(connection), "what was sent stays"


def test_a_task_that_may_not_write_fails_with_the_reason(tmp_path: Path) -> None:
    faults = tmp_path / "faults.toml"
    faults.write_text('[[rules]]\noperations = "BatchWriteItem"\nerror = "AccessDeniedException"\n')
    with shop("--faults", str(faults)) as (url, _):
        plan = plan_of(url, failures=str(tmp_path / "failures"))
        with pytest.raises(UserError, match="40 of 40 rows were given up: AccessDenied"):
            task(plan, rows(*range(40)))
        assert list((tmp_path / "failures").iterdir()) == [], "nothing is committed"


def test_a_task_that_gives_up_fails_so_that_spark_tries_again(tmp_path: Path) -> None:
    faults = tmp_path / "faults.toml"
    faults.write_text('[[rules]]\noperations = "BatchWriteItem"\nerror = "InternalServerError"\n')
    with shop("--faults", str(faults)) as (url, connection):
        plan = plan_of(url, giveUpAfter="0.2")
        with pytest.raises(UserError, match="partition 5: 30 of 30 rows were given up"):
            task(plan, rows(*range(30)), 5)
        assert items(connection) == {}


# What is settled before any task


def test_overwriting_is_refused_and_says_what_it_would_mean() -> None:
    with pytest.raises(UserError, match="can't be overwritten as a whole") as caught:
        check_mode(overwrite=True)
    assert 'mode("append")' in caught.value.advice
    check_mode(overwrite=False)


def test_no_secret_is_in_the_plan_or_in_a_message(
    place: tuple[str, Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = {
        "AWS_ACCESS_KEY_ID": "an-access-key-id",
        "AWS_SECRET_ACCESS_KEY": "a-secret-access-key",
        "AWS_SESSION_TOKEN": "a-session-token",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    url, _ = place
    plan = plan_of(url.replace("://", "://user:a-password@"), report="report.json")
    carried = cloudpickle.dumps((TableWriter(plan), task(plan, rows(1))))
    for secret in (*secrets.values(), "a-password"):
        assert secret.encode() not in carried
    assert url.encode() in carried, "it is the plan that was looked at"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"table": "nowhere"}, "Table: nowhere not found"),
        ({"writeUnits": "50%"}, "on demand: there is no provisioned capacity"),
        ({"target": "memory"}, "a job on Spark has many processes"),
        ({"failures": "/proc/nowhere"}, "can't be used"),
    ],
)
def test_what_can_be_known_before_is_said_before(
    place: tuple[str, Connection], options: dict[str, str], said: str
) -> None:
    with pytest.raises((UserError, CallError), match=said):
        planned(WriteOptions.of({"table": TABLE, "target": place[0], **options}), SCHEMA, 2)


@pytest.mark.parametrize("options", [{"deleteColumn": "gone"}, {"everyWrite": "true"}])
def test_speculation_is_refused_where_order_matters(
    place: tuple[str, Connection], options: dict[str, str]
) -> None:
    given = WriteOptions.of({"table": TABLE, "target": place[0], **options})
    with pytest.raises(UserError, match="speculation is on"):
        planned(given, SCHEMA, 2, speculates=True)


def test_speculation_of_plain_puts_is_told_and_done(
    place: tuple[str, Connection], capsys: pytest.CaptureFixture[str]
) -> None:
    given = WriteOptions.of({"table": TABLE, "target": place[0]})
    assert planned(given, SCHEMA, 2, speculates=True).budget is None
    assert "no harm if each key occurs in one row" in capsys.readouterr().err


def test_keys_of_another_type_are_said_before_each_row_is_refused_for_it(
    place: tuple[str, Connection],
) -> None:
    with pytest.raises(UserError, match="key attribute PK of shop is a text") as caught:
        plan_of(place[0], StructType().add("PK", LongType()))
    assert 'cast("string")' in caught.value.advice


def test_what_is_not_needed_for_a_delete_may_be_of_any_type(place: tuple[str, Connection]) -> None:
    schema = StructType().add("PK", StringType()).add("took", VariantType())
    assert plan_of(place[0], schema, kind="delete").rules.kind == "delete"
    with pytest.raises(UserError, match="column took: variant has no DynamoDB form"):
        plan_of(place[0], schema)


def test_a_budget_is_divided_over_the_slots(place: tuple[str, Connection]) -> None:
    budget = plan_of(place[0], writeUnits="500").budget
    assert budget is not None
    assert (budget.units_per_s, budget.turn) == (250.0, Turn(2, keeps=True))


def test_a_task_leaves_its_turn_to_the_next(
    place: tuple[str, Connection], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_LOCAL_DIRS", str(tmp_path))
    plan = plan_of(place[0], writeUnits="1000000")
    for number in range(3):  # one after another in the same slot
        assert task(plan, rows(number), number).report.written == 1
        ledger = orjson.loads((tmp_path / f"pannier-turns-{plan.job}" / "ledger").read_bytes())
        assert len(ledger["turns"]) == 1
        assert ledger["at_s"] <= time.monotonic()


def test_without_a_budget_there_are_no_turns(
    place: tuple[str, Connection], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_LOCAL_DIRS", str(tmp_path))
    task(plan_of(place[0]), rows(1))
    assert list(tmp_path.iterdir()) == []
