"""What was chosen, as the batch engine takes it."""

import pytest

from pannier.console.pages.batch.settings import (
    Settings,
    parallel_problem,
    patience_problem,
    units_problem,
)
from pannier.errors import UserError


def test_the_defaults_are_good() -> None:
    options = Settings().to_options()
    assert (options.parallel, options.write_units, options.give_up_after_s) == (32, None, 60)


def test_a_budget_is_for_both_kinds_of_units() -> None:
    options = Settings(units=" 50% ", parallel=4, every_write=True).to_options()
    assert (options.write_units, options.read_units, options.parallel) == ("50%", "50%", 4)
    assert options.every_write


@pytest.mark.parametrize(
    "settings",
    [
        Settings(parallel=0),
        Settings(parallel=None),
        Settings(parallel=2.5),
        Settings(units="fast"),
        Settings(give_up_after_s=0),
        Settings(give_up_after_s=None),
    ],
)
def test_what_makes_no_sense_is_told(settings: Settings) -> None:
    with pytest.raises(UserError):
        settings.to_options()


def test_problems_are_told_at_the_field() -> None:
    assert parallel_problem(257) == "A whole number from 1 to 256"
    assert units_problem("-1").startswith("Units a second")
    assert patience_problem(3601) == "From 1 to 3,600 seconds"
    fine = (parallel_problem(1), units_problem(""), units_problem("5"), patience_problem(9))
    assert not any(fine)
