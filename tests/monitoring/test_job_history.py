"""The pace of a job that is followed."""

from pannier.batch.report import Report
from pannier.monitoring.job_history import JobHistory
from pannier.monitoring.job_status import FINISHED, RUNNING, JobStatus
from tests.monitoring.job_statuses import a_status


def at(second: float, units: float, state: str = RUNNING) -> JobStatus:
    report = Report("write")
    report.units.write["shop"] = units
    return a_status(
        state=state, report=report, began_at_s=100.0, updated_at_s=100.0 + second,
        items_per_s=units,
    )  # fmt: skip


def test_units_a_second_are_of_the_last_ten_seconds() -> None:
    history = JobHistory()
    assert history.units_per_s("write") == {}
    history.add(at(5, 1000))
    assert history.units_per_s("write") == {"shop": 200}  # of all its time: more is not known
    for second in range(6, 31):
        history.add(at(second, 1000 + 10 * second))
    assert history.units_per_s("write") == {"shop": 10}
    assert history.units_per_s("read") == {}
    history.add(at(30, 1300, FINISHED))
    assert history.units_per_s("write") == {"shop": 1300 / 30}


def test_the_same_status_again_is_no_point() -> None:
    history = JobHistory()
    for status in (at(1, 5), at(1, 5), at(2, 7)):
        history.add(status)
    assert list(history.times_s) == [1, 2]
    assert list(history.items_per_s) == [5, 7]
