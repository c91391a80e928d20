"""How a job goes about its work."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a batch job.

    Attributes:
        parallel: calls in flight at most.
        give_up_after_s: seconds without any progress after which the rest is given up.
    """

    parallel: int = 8
    give_up_after_s: float = 300.0
