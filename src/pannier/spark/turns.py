"""What a task leaves of its part of a budget to the next one in the same slot.

Between two tasks of a slot Spark needs a tenth of a second or more, in which capacity gathers. Were
it lost, tasks of a second would leave a tenth and more of a budget unspent. No task knows its slot;
but the tasks of an executor can pass on their turns: whoever ends leaves word of when its bucket
was empty, and whoever begins takes such a word, which is then gone. So there are never more turns
under way and waiting than tasks have run at the same time, and none gathers twice.

It is not kept in the process, although Python workers are reused: there may be more of them than
slots, and Spark hands them out in rotation, so what each had saved would come on top.

The words are in a file in the executor's own folder, which Spark removes. Where there is none, a
turn begins with nothing, and less is spent.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import orjson

from pannier.batch.options import Options
from pannier.batch.pace.budget import Turn

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_FOLDERS: Final = "SPARK_LOCAL_DIRS"


class Turns:
    """The turns of one job that wait for a task on this executor.

    Args:
        job: the job's id.
        environment: of the Python worker.
    """

    def __init__(self, job: str, environment: Mapping[str, str] = os.environ) -> None:
        folder = environment.get(_FOLDERS, "").partition(",")[0]
        is_usable = bool(folder) and fcntl is not None
        self._path = Path(folder) / f"pannier-turns-{job}" if is_usable else None

    def take(self) -> float | None:
        """Since when capacity gathers for the turn that begins; None for a turn without a past."""
        taken: list[float] = []

        def latest(waiting: list[float]) -> list[float]:
            waiting.sort()
            taken.extend(waiting[-1:])
            return waiting[:-1]

        self._change(latest)
        return taken[0] if taken else None

    def leave(self, empty_s: float) -> None:
        """A turn has ended whose bucket was empty at this moment."""
        self._change(lambda waiting: [*waiting, empty_s])

    def _change(self, change: Callable[[list[float]], list[float]]) -> None:
        if self._path is None:
            return
        try:
            with self._path.open("a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed, or its process has ended
                file.seek(0)
                waiting = orjson.loads(file.read() or b"[]")
                changed = orjson.dumps(change(waiting))
                file.truncate(0)
                file.write(changed)
        except (OSError, ValueError):  # the budget is kept all the same, if not spent to the full
            return


@contextmanager
def reading_in_turn(job: str, options: Options) -> Iterator[Options]:
    """The options of a task that reads, with its turn at the budget, if there is one.

    Args:
        job: its id.
        options: of all tasks.
    """
    allowance = options.read_allowance
    if allowance is None:
        yield options
        return
    turns = Turns(job)
    turn = Turn(turns.take())
    yield replace(options, read_units=replace(allowance, turn=turn))
    if turn.ended_s is not None:
        turns.leave(turn.ended_s)
