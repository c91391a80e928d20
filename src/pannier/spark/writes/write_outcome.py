"""What became of a write on Spark: the messages of its tasks, made one report.

Only the attempts that Spark committed are in it: of each partition one, so that the report's law
holds, and `read` is the number of rows. What other attempts consumed is not known, because those
that were killed can't tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from pyspark.sql.datasource import WriterCommitMessage

from pannier.batch.report import Report
from pannier.publishing.document import document
from pannier.publishing.report_lines import report_lines

_FAILURES_KEPT: Final = 10  # of each task, for the text of an error


@dataclass
class TaskDone(WriterCommitMessage):
    """What a task hands to the commit.

    Attributes:
        partition: of the data frame.
        attempt: Spark's number of the attempt, one for each in the whole session.
        report: what became of its rows.
        began_s: when it began, by its machine's clock, in seconds since 1970.
        ended_s: when it ended.
        part: the name of the part of the failures folder, if there is one.
        lines: failures that it carries, where there is no folder.
    """

    partition: int
    attempt: int
    report: Report
    began_s: float
    ended_s: float
    part: str | None = None
    lines: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        del self.report.failures[_FAILURES_KEPT:]  # they are in the part, or in the lines


@dataclass(frozen=True)
class Outcome:
    """All tasks of a job, or those that ended before it was aborted.

    Attributes:
        job: the job's id.
        target: the name of the place.
        tasks: of the job, or those that are known.
        report: of all tasks together.
        parts: names of the files in the failures folder that count.
        lines: failures where there is no folder.
        removed: how many parts of other attempts were removed.
    """

    job: str
    target: str
    tasks: int
    report: Report
    parts: list[str]
    lines: list[bytes]
    removed: int = 0

    @classmethod
    def of(
        cls, job: str, target: str, messages: Sequence[TaskDone | None], removed: int = 0
    ) -> "Outcome":
        """The outcome that messages tell of; a task that did not end has none."""
        done = [message for message in messages if message is not None]
        report = Report("write")
        for message in done:
            report.add(message.report)
        if done:  # side by side, so not the sum
            ended_s = max(message.ended_s for message in done)
            report.elapsed_s = max(0.0, ended_s - min(message.began_s for message in done))
        parts = sorted(message.part for message in done if message.part)
        lines = [line for message in done for line in message.lines]
        return cls(job, target, len(messages), report, parts, lines, removed)

    def to_json(self) -> bytes:
        """The report as the `--report` of a command writes it, with what is Spark's beside it."""
        spark: dict[str, Any] = {
            "job": self.job,
            "tasks": self.tasks,
            "failures": self.parts,
            "parts_removed": self.removed,
        }
        whole = {**document(self.report, self.target), "spark": spark}
        return orjson.dumps(whole, option=orjson.OPT_INDENT_2) + b"\n"

    def to_text(self) -> str:
        """The report as people read it."""
        lines = [("job", f"{self.job}, {self.tasks} tasks on {self.target}")]
        lines += report_lines(self.report)
        width = max(len(name) for name, _ in lines)
        return "".join(f"{name:<{width}}  {text}\n" for name, text in lines)
