"""A job goes on only as the job that it was: another source or target is refused in words."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from pannier.batch.journals.job_identity import JobIdentity, SourceIdentity
from pannier.batch.journals.journal_file import JournalError

JOURNAL = Path("the.journal")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "items.jsonl"
    path.write_text('{"PK": "a"}\n' * 100)
    return path


def job(source: Path, **changed: object) -> JobIdentity:
    made = JobIdentity("write", "local:/db", [SourceIdentity.of(source)], {"table": "shop"})
    return replace(made, **changed)  # type: ignore[arg-type]


def refusal(before: JobIdentity, now: JobIdentity) -> str:
    with pytest.raises(JournalError) as caught:
        before.check_same(now, JOURNAL)
    assert caught.value.advice
    return str(caught.value)


def test_the_same_job_may_go_on_after_it_was_written_down(source: Path) -> None:
    before = JobIdentity.from_json(job(source).to_json())
    before.check_same(job(source), JOURNAL)


def test_a_source_that_has_grown_is_refused(source: Path) -> None:
    before = job(source)
    with source.open("a") as file:
        file.write("{}\n")
    assert "it had 1,200 bytes and has 1,203" in refusal(before, job(source))


def test_a_source_of_the_same_size_with_another_beginning_is_refused(source: Path) -> None:
    before = job(source)
    times = source.stat()
    source.write_text('{"PK": "b"}\n' * 100)
    os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert "its content is another" in refusal(before, job(source))


def test_a_source_that_was_touched_is_refused_and_the_advice_mends_it(source: Path) -> None:
    before = job(source)
    os.utime(source, ns=(1, 1))
    text = refusal(before, job(source))
    assert "its time of change is another" in text
    seconds = float(text.split("touch -d @")[1].split(" ")[0])
    exact = before.sources[0].modified_ns
    assert abs(seconds - exact / 1e9) < 1e-5
    os.utime(source, ns=(exact, exact))
    before.check_same(job(source), JOURNAL)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"command": "get"}, "is of `pannier write`, not of `pannier get`"),
        ({"target": "aws"}, "works on local:/db, not on aws"),
        ({"options": {"table": "stock"}}, "with --table shop, not with --table stock"),
        ({"options": {}}, "with --table shop, not with no --table"),
        ({"sources": []}, "not"),
    ],
)
def test_another_job_is_refused(source: Path, changed: dict[str, object], words: str) -> None:
    assert words in refusal(job(source), job(source, **changed))


def test_jobs_have_the_same_name_if_their_command_lines_are_the_same(source: Path) -> None:
    """A changed source is found under the old name, so that it can be told what has changed."""
    before = job(source).digest
    source.write_text("changed")
    assert job(source).digest == before
    assert job(source, target="aws").digest != before
    assert job(source, options={"table": "stock"}).digest != before


def test_a_folder_is_told_by_its_files(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    for name in ("a", "part/b"):
        (tmp_path / name).write_text(name)
    before = SourceIdentity.of(tmp_path)
    assert before.size_bytes == 7
    assert before.difference(SourceIdentity.of(tmp_path)) == ""
    (tmp_path / "part" / "b").rename(tmp_path / "part" / "c")
    assert before.difference(SourceIdentity.of(tmp_path)) == "its content is another"


def test_what_can_be_read_only_once_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(JournalError, match="can't be read a second time"):
        SourceIdentity.of(pipe)
    with pytest.raises(JournalError, match="No such file"):
        SourceIdentity.of(tmp_path / "nowhere")
