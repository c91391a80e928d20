"""A scan by the command on Spark: each task reads a segment, and yields its items as lines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pyarrow as pa

from pannier.batch.options import Options
from pannier.batch.pages.page_job import Chain
from pannier.batch.report import Report
from pannier.files.arrow_schema import Shape
from pannier.files.json_sinks import to_dynamodb_json
from pannier.files.plain_json import to_plain_json
from pannier.library.outcomes import raise_for
from pannier.model.attribute_value import Item
from pannier.spark.jobs.task_job import Done, Task
from pannier.spark.mapping import Batches
from pannier.spark.pace.task_turns import in_turns
from pannier.spark.place import Place
from pannier.spark.reads.read_plan import segment

LINES: Final = "value string"
"""The schema of what the tasks yield: Spark's text writer takes a column of this name."""

Form = Literal["dynamodb", "plain"]

_LINES_MOST: Final = 2000  # of a batch
_ENCODED: Final[Mapping[Form, Callable[[Item], bytes]]] = {
    "dynamodb": to_dynamodb_json,
    "plain": to_plain_json,
}


@dataclass(frozen=True, slots=True)
class ScanTask:
    """Reads the segment of a task's number.

    Attributes:
        job: its id.
        place: where.
        request: what all Scan requests say.
        segments: of the scan, one for each task.
        form: of a line.
        options: of each task, with its part of the budget.
        shaped: whether the task tells what the items look like.
    """

    job: str
    place: Place
    request: Mapping[str, Any]
    segments: int
    form: Form
    options: Options
    shaped: bool = False

    def __call__(self, task: Task) -> Batches:
        """Read a segment.

        Raises:
            ScanError: it ended before its end.
            UserError: an item can't be written as a line.
        """
        reports: list[Report] = []
        shape = Shape() if self.shaped else None
        encode = _ENCODED[self.form]
        chains = [Chain(0, segment(task.number, self.segments))]
        lines: list[bytes] = []
        with self.place.connect() as connection, in_turns(self.job, self.options) as options:
            for page in connection.pages(
                "Scan", self.request, options=options, report=reports.append, chains=chains
            ):
                for item in page.items:
                    lines.append(encode(item))
                    if shape is not None:
                        shape.add_members(item)
                if len(lines) >= _LINES_MOST:
                    yield _batch(lines)
                    lines = []
        raise_for(reports[0])
        if lines:
            yield _batch(lines)
        task.tell(Done(task.number, reports[0], shape=shape))


def _batch(lines: Sequence[bytes]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(lines, pa.string())], names=["value"])
