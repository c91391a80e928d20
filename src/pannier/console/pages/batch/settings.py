"""How a run goes about it, from what the reader has chosen."""

from dataclasses import dataclass

from pannier.batch.options import Options
from pannier.batch.pace.budget import Allowance
from pannier.errors import UserError

PARALLEL_MAX = 256
GIVE_UP_S_MAX = 3600.0


@dataclass(slots=True)
class Settings:
    """What was chosen.

    Attributes:
        single: one call, exactly as it stands, instead of the batch engine.
        parallel: calls in flight at most.
        units: a budget of units a second, `500` or `50%`; empty for none.
        give_up_after_s: without progress.
        every_write: send every write of a key, in order.
    """

    single: bool = False
    parallel: float | None = 32
    units: str = ""
    give_up_after_s: float | None = 60
    every_write: bool = False

    def to_options(self) -> Options:
        """As the batch engine takes them.

        Raises:
            UserError: one of them makes no sense.
        """
        for problem in (
            parallel_problem(self.parallel),
            units_problem(self.units),
            patience_problem(self.give_up_after_s),
        ):
            if problem:
                raise UserError(problem, "Put it right in “How to run it”.")
        units = self.units.strip() or None
        return Options(
            parallel=int(self.parallel or 1),
            give_up_after_s=float(self.give_up_after_s or 1),
            write_units=units,
            read_units=units,
            every_write=self.every_write,
        )


def parallel_problem(parallel: float | None) -> str:
    """What is wrong with a number of calls in flight; empty if nothing is."""
    if parallel is None or parallel != int(parallel) or not 1 <= parallel <= PARALLEL_MAX:
        return f"A whole number from 1 to {PARALLEL_MAX}"
    return ""


def units_problem(units: str) -> str:
    """What is wrong with a budget; empty if nothing is."""
    if not units.strip():
        return ""
    try:
        Allowance.of(units.strip())
    except UserError:
        return "Units a second, such as 500, or a share such as 50%"
    return ""


def patience_problem(seconds: float | None) -> str:
    """What is wrong with a patience; empty if nothing is."""
    if seconds is None or not 1 <= seconds <= GIVE_UP_S_MAX:
        return f"From 1 to {GIVE_UP_S_MAX:,.0f} seconds"
    return ""
