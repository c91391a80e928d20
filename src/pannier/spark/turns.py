"""The tasks of an executor spend their part of a budget together.

Each task takes a turn at what `batch.pace.ledger` says, and the accounts are in a file in the
executor's own folder, which Spark removes. So it does not matter that between two tasks of a slot
there is a tenth of a second or more, that the last segment of a slot is a short one, or that a task
of half a second learns what its calls cost when it is over.

No task knows its slot, and Python workers, which are more than slots, are handed out in rotation.
But whoever begins can take a turn that nobody holds: each is a file that is locked for as long as a
task has it, and no longer, however the task ends. So there are never more turns than tasks have run
at the same time.

Where there is no such folder, each task has accounts of its own, which are empty when it begins,
and less is spent.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Final

import orjson

from pannier.batch.options import Options
from pannier.batch.pace.budget import Allowance, Turn
from pannier.batch.pace.ledger import Account, Accounts, OwnLedger

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_FOLDERS: Final = "SPARK_LOCAL_DIRS"
_TURNS_MAX: Final = 10_000
_LEDGER_BYTES_MAX: Final = 1 << 20


class FileLedger:
    """Accounts in a file.

    Args:
        file: open for reading and writing, in binary.
        number: of the turn that is had.
        turn: how the budget is spent.
    """

    def __init__(self, file: IO[bytes], number: int, turn: Turn) -> None:
        self._file = file
        self._number = number
        self._most = turn.most
        self._keeps = turn.keeps
        self._lock = threading.RLock()
        self._accounts: Accounts | None = None

    @contextmanager
    def opened(self, now_s: float) -> Iterator[tuple[Accounts, int]]:
        """See `Ledger`."""
        with self.held():
            accounts = self._gathered(now_s)
            yield accounts, accounts.gathering(self._most, keeps=self._keeps)

    @contextmanager
    def held(self) -> Iterator[None]:
        """See `Ledger`."""
        with self._lock:
            if self._accounts is not None:
                yield
                return
            descriptor = self._file.fileno()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            try:
                self._accounts = self._loaded(descriptor)
                yield
                os.pwrite(descriptor, orjson.dumps(self._accounts) + b"\n", 0)
            finally:
                self._accounts = None
                fcntl.flock(descriptor, fcntl.LOCK_UN)

    def take(self, now_s: float) -> None:
        """The turn begins."""
        with self.held():
            self._gathered(now_s).take(self._number)

    def leave(self, now_s: float) -> None:
        """The turn ends."""
        with self.held():
            self._gathered(now_s).leave(self._number)

    def _gathered(self, now_s: float) -> Accounts:
        accounts = self._accounts
        assert accounts is not None  # it is held
        if not accounts.turns:  # it is new, or was damaged
            accounts.at_s = now_s
            accounts.take(self._number)
        accounts.gather(now_s, self._most, keeps=self._keeps)
        return accounts

    @staticmethod
    def _loaded(descriptor: int) -> Accounts:
        text, _, _ = os.pread(descriptor, _LEDGER_BYTES_MAX, 0).partition(b"\n")
        try:
            found: dict[str, Any] = orjson.loads(text)
            by_name = {name: Account(**each) for name, each in found.pop("by_name").items()}
            return Accounts(**found, by_name=by_name)
        except (ValueError, KeyError, TypeError, AttributeError):  # what is damaged has no past
            return Accounts(0.0)


@contextmanager
def taken(
    job: str,
    allowance: Allowance | None,
    environment: Mapping[str, str] = os.environ,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Turn]:
    """A task's turn at the budget of a job.

    Args:
        job: its id.
        allowance: of each task; None for no budget.
        environment: of the Python worker.
        clock: the time, as all processes of a machine know it.
    """
    if allowance is None:
        yield Turn()
        return
    turn = allowance.turn or Turn()
    folder = environment.get(_FOLDERS, "").partition(",")[0]
    with ExitStack() as stack:
        ledger = None
        if folder and fcntl is not None:
            ledger = _ledger(stack, Path(folder) / f"pannier-turns-{job}", turn)
        if ledger is None:
            yield replace(turn, ledger=OwnLedger(clock()))
            return
        ledger.take(clock())
        try:
            yield replace(turn, ledger=ledger)
        finally:
            ledger.leave(clock())


@contextmanager
def reading_in_turn(job: str, options: Options) -> Iterator[Options]:
    """The options of a task that reads, with its turn at the budget, if there is one.

    Args:
        job: its id.
        options: of all tasks.
    """
    allowance = options.read_allowance
    with taken(job, allowance) as turn:
        if allowance is not None:
            options = replace(options, read_units=replace(allowance, turn=turn))
        yield options


def _ledger(stack: ExitStack, folder: Path, turn: Turn) -> FileLedger | None:
    """The ledger in a folder, with the first turn that nobody has; None if it can't be had."""
    try:
        folder.mkdir(exist_ok=True)
        for number in range(_TURNS_MAX):
            holding = (folder / f"{number}").open("ab")
            try:
                fcntl.flock(holding, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holding.close()
                continue
            stack.enter_context(holding)
            descriptor = os.open(folder / "ledger", os.O_RDWR | os.O_CREAT, 0o600)
            file = stack.enter_context(open(descriptor, "r+b", buffering=0))  # noqa: SIM115, PTH123
            return FileLedger(file, number, turn)
    except OSError:
        pass
    return None
