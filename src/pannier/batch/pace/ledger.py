"""What is saved of a budget, who gathers it, and what calls have really cost.

There is an account for each resource: a table, and each of its global indexes. A job that has a
budget for itself keeps its accounts in memory. Where jobs spend one budget side by side and one
after another, as the tasks of a cluster do, those of a machine keep their accounts together: what
one leaves the next one finds, what a unit really costs is learned once, and while one prepares its
work the others spend what gathers. Each of them takes a *turn*, and as many turns gather capacity
as jobs have run at the same time.

A turn that nobody has goes on gathering, if the turns of all machines are no more than the budget
was divided by. If they may be more, jobs can move from one machine to another, and what gathered in
both would be spent; then such a turn rests.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(slots=True)
class Account:
    """Of one resource.

    Attributes:
        tokens: units that are saved, and may be spent; negative for a debt.
        counted_s: of the seconds that all turns have gathered, those that are in it.
        spent: units that were really spent, of late,
        estimated: for so many estimated ones; 0 before anything is known.
    """

    tokens: float = 0.0
    counted_s: float = 0.0
    spent: float = 0.0
    estimated: float = 0.0


@dataclass(slots=True)
class Accounts:
    """The accounts of all jobs that spend a budget on one machine.

    Attributes:
        at_s: the time up to which the turns have gathered.
        gathered_s: for how many seconds all turns together have, since the first began.
        turns: of each, whether a job has it.
        by_name: the accounts.
    """

    at_s: float
    gathered_s: float = 0.0
    turns: list[bool] = field(default_factory=list)
    by_name: dict[str, Account] = field(default_factory=dict)

    def gathering(self, most: int, *, keeps: bool) -> int:
        """How many turns gather.

        Args:
            most: never more than these.
            keeps: whether those that rest do, too.
        """
        there = len(self.turns) if keeps else sum(self.turns)
        return min(most, there)

    def gather(self, now_s: float, most: int, *, keeps: bool) -> None:
        """Bring `gathered_s` up to a time."""
        if now_s > self.at_s:
            self.gathered_s += (now_s - self.at_s) * self.gathering(most, keeps=keeps)
            self.at_s = now_s

    def take(self, number: int) -> None:
        """A job has a turn from now on; up to now they have gathered."""
        self.turns += [False] * (number + 1 - len(self.turns))
        self.turns[number] = True

    def leave(self, number: int) -> None:
        """A job has ended, and leaves its turn."""
        self.turns[number] = False


class Ledger(Protocol):
    """Where accounts are kept."""

    def opened(self, now_s: float) -> AbstractContextManager[tuple[Accounts, int]]:
        """The accounts, for as long as nobody else may change them; and how many turns gather.

        Args:
            now_s: the time up to which they have gathered.
        """

    def held(self) -> AbstractContextManager[None]:
        """Nobody else may change the accounts, however often they are opened meanwhile.

        Who looks what can be spent, and then spends it, would else find that another has.
        """


class OwnLedger:
    """The accounts of one job that takes no turns.

    Args:
        now_s: since when it gathers.
    """

    def __init__(self, now_s: float) -> None:
        self._accounts = Accounts(now_s, turns=[True])

    @contextmanager
    def opened(self, now_s: float) -> Iterator[tuple[Accounts, int]]:
        """See `Ledger`."""
        self._accounts.gather(now_s, 1, keeps=True)
        yield self._accounts, 1

    def held(self) -> AbstractContextManager[None]:
        """See `Ledger`."""
        return nullcontext()
