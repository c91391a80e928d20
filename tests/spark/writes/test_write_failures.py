"""Where the rows go that did not get through: parts of a folder, of which some count."""

from pathlib import Path

import orjson
import pytest

from pannier.batch.operation import NOWHERE
from pannier.batch.report import Failure
from pannier.errors import UserError
from pannier.spark.folders import Folder, definite, write_file
from pannier.spark.writes.write_failures import Carried, Part, part_name, remove_others


def failure(reason: str = "no") -> Failure:
    return Failure("shop", "put", {"PK": {"S": "a"}}, reason, NOWHERE)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_part_gets_its_name_at_its_end(tmp_path: Path) -> None:
    folder = Folder.made(str(tmp_path / "there" / "deep"))
    with Part(folder, part_name("job", 3, 17)) as part:
        part.add(failure("first"))
        part.add(failure("second"))
        assert names(tmp_path / "there" / "deep") == [
            "_unfinished-pannier-failures-job-00003-17.jsonl"
        ]
    assert part.name == "pannier-failures-job-00003-17.jsonl"
    assert part.count == 2
    lines = (tmp_path / "there" / "deep" / part.name).read_bytes().splitlines()
    assert [orjson.loads(line)["reason"] for line in lines] == ["first", "second"]


def test_without_failures_there_is_no_part(tmp_path: Path) -> None:
    with Part(Folder.made(str(tmp_path)), "part") as part:
        pass
    assert part.name is None
    assert names(tmp_path) == []


def test_the_part_of_a_task_that_broke_is_gone(tmp_path: Path) -> None:
    def breaks() -> None:
        with Part(Folder.made(str(tmp_path)), "part") as part:
            part.add(failure())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks()
    assert names(tmp_path) == []


def test_a_uri_is_a_place_too(tmp_path: Path) -> None:
    folder = Folder.made(f"file://{tmp_path}/x")
    folder.write("a", b"content")
    assert folder.names() == ["a"]
    assert (tmp_path / "x" / "a").read_bytes() == b"content"


def test_only_what_is_committed_stays_and_nothing_of_other_jobs_is_touched(tmp_path: Path) -> None:
    folder = Folder.made(str(tmp_path))
    good, late = part_name("mine", 0, 5), part_name("mine", 0, 6)
    other = part_name("yours", 0, 7)
    unfinished = f"_unfinished-{part_name('mine', 1, 8)}"
    for name in (good, late, other, unfinished, "notes.txt"):
        folder.write(name, b"")
    assert remove_others(folder, "mine", {good}) == 2
    assert folder.names() == sorted([good, other, "notes.txt"])


def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="can't be used") as caught:
        Folder.made(str(tmp_path / "file" / "below"))
    assert "all processes of the cluster" in caught.value.advice


def test_a_folder_that_went_away_is_told_by_the_task(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "gone"))
    with pytest.raises(UserError, match="can't be used"), Part(folder, "part") as part:
        part.add(failure())


def test_a_relative_path_means_the_drivers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert definite("failures") == str(tmp_path / "failures")
    write_file("report.json", b"{}")
    assert (tmp_path / "report.json").read_bytes() == b"{}"


def test_credentials_in_a_place_are_refused_without_repeating_them() -> None:
    with pytest.raises(UserError, match="credentials are no part of a place") as caught:
        definite("s3://AKIA:hunter2@bucket/folder")
    assert "hunter2" not in str(caught.value)


def test_a_message_carries_only_so_much() -> None:
    carried = Carried()
    for _ in range(10_000):
        carried.add(failure("x" * 100))
    assert carried.count == 10_000
    assert 0 < sum(map(len, carried.lines)) <= 256 * 1024


def test_the_first_failure_is_carried_whatever_its_size() -> None:
    carried = Carried()
    carried.add(failure("x" * 400_000))
    carried.add(failure("x" * 10))
    assert [len(line) > 400_000 for line in carried.lines] == [True]
