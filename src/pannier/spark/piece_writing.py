"""Files written by the command on Spark: each task writes a piece of them."""

from dataclasses import dataclass

from pannier.batch.options import Options
from pannier.batch.report import Report
from pannier.spark.mapping import Batches
from pannier.spark.noting import Failures, raise_if_given_up
from pannier.spark.piece import Piece
from pannier.spark.piece_reading import read_piece
from pannier.spark.place import Place
from pannier.spark.task_job import Done, Task
from pannier.spark.task_turns import in_turns


@dataclass(frozen=True, slots=True)
class WriteTask:
    """Writes the piece that a task is about, a text of `Piece`.

    Attributes:
        failures: where they go; has the job's id.
        place: where is written.
        options: of each task, with its part of the budget.
    """

    failures: Failures
    place: Place
    options: Options

    def __call__(self, task: Task) -> Batches:
        """Write a piece.

        Raises:
            UserError: the file can't be opened here, or the rest of it was given up.
            CallError: a table is not there.
        """
        notices: list[str] = []
        source = read_piece(Piece.of_text(task.about), notices.append)
        with self.failures.of_task(task) as noted:
            with (
                self.place.connect() as connection,
                in_turns(self.failures.job, self.options) as options,
            ):
                report: Report = connection.write(source, options=options, on_failure=noted.add)
            done = noted.into(Done(task.number, report, notices=notices))
            raise_if_given_up(done)
        task.tell(done)
        yield from ()
