"""How a job goes about its work."""

from dataclasses import dataclass

from pannier.batch.pace.budget import Allowance


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a batch job.

    Attributes:
        parallel: calls in flight at most; how many there are finds its own level below that.
        give_up_after_s: seconds without any progress after which the rest is given up.
        write_units: how many write units a second the job may consume of each table, and of each
            of its global indexes: `500`, or `"50%"` of what is provisioned; or an `Allowance`.
        read_units: likewise read units.
        every_write: send every write of a key, in order, instead of only the last of those that
            wait.
        fail_fast: stop at the first operation that fails.
        ordered: of a read: results in the order of the keys.

    Raises:
        UserError: a budget is neither a number nor a percentage.
    """

    parallel: int = 32
    give_up_after_s: float = 300.0
    write_units: float | str | Allowance | None = None
    read_units: float | str | Allowance | None = None
    every_write: bool = False
    fail_fast: bool = False
    ordered: bool = False

    def __post_init__(self) -> None:
        for given in (self.write_units, self.read_units):
            if given is not None:
                Allowance.of(given)

    @property
    def write_allowance(self) -> Allowance | None:
        """The budget of write units, if there is one."""
        return None if self.write_units is None else Allowance.of(self.write_units)

    @property
    def read_allowance(self) -> Allowance | None:
        """The budget of read units, if there is one."""
        return None if self.read_units is None else Allowance.of(self.read_units)
