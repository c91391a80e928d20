"""Turns at a budget, passed from task to task on one executor."""

import threading
from pathlib import Path

from pannier.spark.turns import Turns


def turns(folder: Path, job: str = "job") -> Turns:
    return Turns(job, {"SPARK_LOCAL_DIRS": f"{folder},/elsewhere"})


def test_a_turn_is_taken_once_and_the_latest_first(tmp_path: Path) -> None:
    """The latest has the least saved; one that is old has no more than a bucket holds."""
    assert turns(tmp_path).take() is None
    turns(tmp_path).leave(3.5)
    turns(tmp_path).leave(2.5)
    assert turns(tmp_path).take() == 3.5
    assert turns(tmp_path).take() == 2.5
    assert turns(tmp_path).take() is None


def test_jobs_do_not_share_their_turns(tmp_path: Path) -> None:
    turns(tmp_path, "one").leave(1.0)
    assert turns(tmp_path, "two").take() is None
    assert turns(tmp_path, "one").take() == 1.0


def test_however_many_take_at_the_same_time_each_turn_is_taken_once(tmp_path: Path) -> None:
    for number in range(20):
        turns(tmp_path).leave(float(number))
    taken: list[float | None] = []
    threads = [
        threading.Thread(target=lambda: taken.append(turns(tmp_path).take())) for _ in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each for each in taken if each is not None) == [float(each) for each in range(20)]
    assert taken.count(None) == 10


def test_without_a_folder_there_is_no_past(tmp_path: Path) -> None:
    for environment in ({}, {"SPARK_LOCAL_DIRS": str(tmp_path / "gone")}):
        nowhere = Turns("job", environment)
        nowhere.leave(1.0)
        assert nowhere.take() is None


def test_a_file_that_is_damaged_is_no_past(tmp_path: Path) -> None:
    (tmp_path / "pannier-turns-job").write_text("[1.0")
    assert turns(tmp_path).take() is None
