"""A task that reads and writes: its turns at both budgets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pannier.batch.options import Options
from pannier.batch.pace.budget import Turn
from pannier.spark.turns import Turns, reading_in_turn


@contextmanager
def in_turns(job: str, options: Options) -> Iterator[Options]:
    """The options of a task, with its turn at each budget that there is.

    Args:
        job: its id.
        options: of all tasks.
    """
    with reading_in_turn(f"{job}-read", options) as reading:
        allowance = reading.write_allowance
        if allowance is None:
            yield reading
            return
        turns = Turns(f"{job}-write")
        turn = Turn(turns.take())
        yield replace(reading, write_units=replace(allowance, turn=turn))
        if turn.ended_s is not None:
            turns.leave(turn.ended_s)
