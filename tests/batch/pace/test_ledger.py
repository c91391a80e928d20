"""Who gathers capacity, of all that take turns on a machine."""

import pytest

from pannier.batch.pace.ledger import Accounts, OwnLedger


def accounts(*, keeps: bool) -> Accounts:
    """Two turns, that two jobs have had since 0 and 1; up to now, 2, they have gathered 3 s."""
    made = Accounts(0.0)
    made.take(0)
    made.gather(1.0, 2, keeps=keeps)
    made.take(1)
    made.gather(2.0, 2, keeps=keeps)
    return made


@pytest.mark.parametrize("keeps", [True, False])
def test_as_many_gather_as_jobs_run(keeps: bool) -> None:
    made = accounts(keeps=keeps)
    assert made.gathered_s == 3.0
    assert made.gathering(2, keeps=keeps) == 2


@pytest.mark.parametrize("keeps", [True, False])
def test_never_more_gather_than_the_budget_was_divided_by(keeps: bool) -> None:
    made = accounts(keeps=keeps)
    made.take(2)
    made.gather(3.0, 2, keeps=keeps)
    assert made.gathered_s == 5.0


@pytest.mark.parametrize(("keeps", "gathered_s"), [(True, 23.0), (False, 13.0)])
def test_a_turn_that_nobody_has_gathers_for_the_others_or_rests(
    keeps: bool, gathered_s: float
) -> None:
    made = accounts(keeps=keeps)
    made.leave(1)
    made.gather(12.0, 2, keeps=keeps)
    assert made.gathered_s == gathered_s
    made.take(1)
    made.gather(12.0, 2, keeps=keeps)
    assert made.gathered_s == gathered_s, "and nothing comes on top when it is taken again"


def test_who_comes_with_an_earlier_time_changes_nothing() -> None:
    """Jobs look at the clock before they wait for the accounts."""
    made = accounts(keeps=True)
    made.gather(1.5, 2, keeps=True)
    assert (made.at_s, made.gathered_s) == (2.0, 3.0)


def test_a_job_for_itself_gathers_from_its_beginning() -> None:
    with OwnLedger(5.0).opened(7.0) as (made, turns):
        assert (made.gathered_s, turns) == (2.0, 1)
