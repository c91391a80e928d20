"""A task that reads and writes: its turns at both budgets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pannier.batch.options import Options
from pannier.spark.turns import reading_in_turn, taken


@contextmanager
def in_turns(job: str, options: Options) -> Iterator[Options]:
    """The options of a task, with its turn at each budget that there is.

    Args:
        job: its id.
        options: of all tasks.
    """
    writing = options.write_allowance
    with (
        reading_in_turn(f"{job}-read", options) as reading,
        taken(f"{job}-write", writing) as turn,
    ):
        if writing is not None:
            reading = replace(reading, write_units=replace(writing, turn=turn))
        yield reading
