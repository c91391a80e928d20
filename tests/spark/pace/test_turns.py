"""Turns at a budget, and the accounts that the tasks of an executor have together."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from pannier.batch.options import Options
from pannier.batch.pace.budget import TABLE, Allowance, Budget, Turn
from pannier.batch.pace.ledger import OwnLedger
from pannier.spark.pace.turns import FileLedger, reading_in_turn, taken

ALLOWANCE = Allowance.of(100.0).divided(8, keeps=True)
Take = Callable[..., AbstractContextManager[Turn]]


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Takes a turn at a time, 0 unless told."""

    def taking(job: str = "job", at_s: float = 0.0) -> AbstractContextManager[Turn]:
        environment = {"SPARK_LOCAL_DIRS": f"{tmp_path},/elsewhere"}
        return taken(job, ALLOWANCE, environment, lambda: at_s)

    return taking


def gathering(turn: Turn, now_s: float = 0.0) -> int:
    """How many turns gather for a task."""
    assert turn.ledger is not None
    with turn.ledger.opened(now_s) as (_, turns):
        return turns


def gathered_s(turn: Turn, now_s: float) -> float:
    """For how many seconds turns have gathered for a task."""
    assert turn.ledger is not None
    with turn.ledger.opened(now_s) as (accounts, _):
        return accounts.gathered_s


def test_tasks_after_each_other_have_the_same_turn(take: Take) -> None:
    for at_s in range(3):
        with take(at_s=float(at_s)) as turn:
            assert (gathering(turn), gathered_s(turn, at_s)) == (1, at_s)


def test_tasks_at_the_same_time_have_a_turn_each(take: Take) -> None:
    with take() as one, take() as two:
        assert gathering(one) == gathering(two) == 2
    with take() as turn:
        assert gathering(turn) == 2


def test_jobs_do_not_share_their_turns(take: Take) -> None:
    with take("one"), take("two") as turn:
        assert gathering(turn) == 1


def test_a_task_that_fails_leaves_its_turn(take: Take) -> None:
    with pytest.raises(ZeroDivisionError), take():
        raise ZeroDivisionError
    with take() as turn:
        assert gathering(turn) == 1


def test_a_task_that_is_killed_leaves_its_turn(take: Take, tmp_path: Path) -> None:
    """Else the one that does its work again would be a second turn, and spend as much again."""
    program = (
        "import os, signal; from pannier.spark.pace.turns import taken\n"
        "from pannier.batch.pace.budget import Allowance\n"
        f"with taken('job', Allowance.of(100.0).divided(8), {{'SPARK_LOCAL_DIRS': {str(tmp_path)!r}"
        "}): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == -signal.SIGKILL
    with take() as turn:
        assert gathering(turn) == 1


def test_what_one_task_spends_the_others_do_not_have(take: Take) -> None:
    """However many at the same time: not one charge is lost."""

    def spend(budget: Budget) -> None:
        for _ in range(50):
            charge = budget.charge(1.0, 1.0)
            budget.correct(charge, 1.0, 1.0, {TABLE: 1.0}, 1.0)

    with ExitStack() as stack:
        turns = [stack.enter_context(take()) for _ in range(4)]
        budgets = [Budget({TABLE: 12.5}, 1.0, turn.ledger, "shop") for turn in turns]
        threads = [threading.Thread(target=spend, args=[budget]) for budget in budgets]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with budgets[0]._opened(1.0) as buckets:
            assert buckets[TABLE].tokens == pytest.approx(0.8 * 4 * 12.5 - 200.0)


def test_what_one_finds_while_it_decides_is_there_when_it_has_decided(take: Take) -> None:
    """Else it would send a call that has nothing to spend."""
    with take() as one, take() as two:
        budgets = [Budget({TABLE: 12.5}, 1.0, turn.ledger, "shop") for turn in (one, two)]
        other = threading.Thread(target=budgets[1].charge, args=[1.0, 1.0])
        with budgets[0].held():
            before = budgets[0].purse(1.0)
            other.start()
            other.join(0.1)
            assert other.is_alive()
            assert budgets[0].purse(1.0) == before
        other.join()
        assert budgets[0].purse(1.0).units < before.units


@pytest.mark.parametrize("folder", ["", "gone"])
def test_without_a_folder_a_task_has_accounts_of_its_own(tmp_path: Path, folder: str) -> None:
    environment = {"SPARK_LOCAL_DIRS": str(tmp_path / folder) if folder else ""}
    for _ in range(2):
        with taken("job", ALLOWANCE, environment, lambda: 5.0) as turn:
            assert isinstance(turn.ledger, OwnLedger)
            assert gathered_s(turn, 7.0) == 2.0


@pytest.mark.parametrize("text", [b"", b"[1.0", b"[1.0]\n", b'{"at_s": 1}\n', b'{"by_name": 1}\n'])
def test_a_file_that_is_damaged_is_no_past(take: Take, tmp_path: Path, text: bytes) -> None:
    with take() as turn:
        (tmp_path / "pannier-turns-job" / "ledger").write_bytes(text)
        assert (gathering(turn, 1.0), gathered_s(turn, 2.0)) == (1, 1.0)


def test_a_file_that_is_damaged_stops_no_task(take: Take, tmp_path: Path) -> None:
    """Who comes first begins anew; whose turn is a later one can leave it all the same."""
    with take() as one, take():
        (tmp_path / "pannier-turns-job" / "ledger").write_bytes(b"no ledger")
        assert gathering(one) == 1


def test_a_turn_is_for_the_budget_of_a_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_LOCAL_DIRS", str(tmp_path))
    with reading_in_turn("job", Options(parallel=7, read_units=ALLOWANCE)) as options:
        allowance = options.read_allowance
        assert allowance is not None
        assert allowance.turn is not None
        assert isinstance(allowance.turn.ledger, FileLedger)
        assert (options.parallel, allowance.units_per_s) == (7, 12.5)


def test_without_a_budget_there_are_no_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_LOCAL_DIRS", str(tmp_path))
    with reading_in_turn("job", Options()) as options, taken("job", None) as turn:
        assert (options, turn) == (Options(), Turn())
    assert list(tmp_path.iterdir()) == []
