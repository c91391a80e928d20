from dataclasses import replace

from pannier.batch.report import Report
from pannier.console.pages.metrics.job_rows import HEADS, row_of
from pannier.monitoring.job_status import BROKEN, FINISHED, RUNNING, JobStatus

REPORT = Report("write", read=900, written=750, leftovers=120, retries=130, throttles=4)
JOB = JobStatus(
    4711, RUNNING, "write", "writing", "pannier write x", "aws", ("shop",), 0.0, 1.0, REPORT,
    fraction=0.5, items_per_s=1234.4, left_s=90.0,
)  # fmt: skip


def test_a_job_under_way() -> None:
    row = row_of(JOB)
    assert (row.name, row.what) == ("write (4711)", "shop on aws")
    assert row.state == "writing, 50%, 2 min left"
    assert (row.fraction, row.is_bad) == (0.5, False)
    assert row.cells == ("750", "1,234", "100 %", "120", "130", "4")
    assert len(HEADS) == 2 + len(row.cells)


def test_a_job_that_has_ended_shows_how() -> None:
    done = row_of(replace(JOB, state=FINISHED))
    assert (done.state, done.fraction, done.is_bad) == ("done", None, False)
    failed = row_of(replace(JOB, state=FINISHED, report=Report("write", read=2, failed=2)))
    assert (failed.state, failed.is_bad) == ("done, with failures", True)
    assert failed.cells[2] == "0 %"
    assert row_of(replace(JOB, state=BROKEN)).state == "ended by an error"
    assert row_of(JOB.died()).state == "died"


def test_what_nobody_knows_is_left_out() -> None:
    row = row_of(replace(JOB, fraction=None, left_s=None, tables=()))
    assert (row.state, row.what) == ("writing", "- on aws")
    assert row_of(replace(JOB, left_s=12.0)).state.endswith("12 s left")
    assert row_of(replace(JOB, left_s=7200.0)).state.endswith("2.0 h left")
