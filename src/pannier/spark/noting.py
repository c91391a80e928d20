"""Where a task of a command notes what did not get through, and what becomes of it in the end."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pannier.errors import UserError
from pannier.spark.folders import Folder, write_file
from pannier.spark.task_job import Done, Task
from pannier.spark.write_failures import PREFIX, Carried, Part, part_name, remove_others


@dataclass(frozen=True, slots=True)
class Failures:
    """Where the failures of all tasks of a job go.

    Attributes:
        job: the job's id.
        folder: theirs, as `definite` gave it; None if the tasks carry them.
    """

    job: str
    folder: str | None

    @contextmanager
    def of_task(self, task: Task) -> Iterator["OfTask"]:
        """Where one attempt of a task notes its own; nothing of it is left after an exception.

        Raises:
            UserError: the folder can't be written to.
        """
        if self.folder is None:
            yield OfTask(Carried())
            return
        with Part(Folder(self.folder), part_name(self.job, task.number, task.attempt)) as part:
            yield OfTask(part)

    def kept(self, done: Collection[Done], failed: int, path: str) -> str:
        """Keep the failures of tasks that have ended, and nothing else; says where they are.

        Args:
            done: what the tasks have told.
            failed: how many failures there are.
            path: of the file that those are written to which tasks carried.

        Raises:
            UserError: the file can't be written.
        """
        if self.folder is not None:
            remove_others(Folder(self.folder), self.job, {each.part for each in done if each.part})
            return f"{self.folder}, {PREFIX}-{self.job}-*" if failed else ""
        lines = [line for each in done for line in each.lines]
        if not lines:
            return ""
        write_file(path, b"".join(lines))
        if len(lines) == failed:
            return path
        return f"{path}, which has {len(lines):,} of them; --failures FOLDER keeps all"


class OfTask:
    """What one attempt of a task notes.

    Args:
        noting: where.
    """

    def __init__(self, noting: Part | Carried) -> None:
        self._noting = noting
        self.add = noting.add

    def into(self, done: Done) -> Done:
        """What the task tells, with what was noted."""
        if isinstance(self._noting, Part):
            done.part = self._noting.name
        else:
            done.lines = self._noting.lines
        return done


def raise_if_given_up(done: Done) -> None:
    """See to it that a task which has given up something is tried again.

    Raises:
        UserError: it has.
    """
    report = done.report
    if report.stopped or report.unresolved:
        left = report.failed + report.unresolved
        raise UserError(
            f"task {done.number}: {left:,} of {report.read:,} were given up: {report.stopped}",
            "What was sent before is written; it may be sent again.",
        )
