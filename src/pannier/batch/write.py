"""Write: operations in, report out."""

import random
from collections.abc import Iterable

from pannier.batch.calls import Schemas
from pannier.batch.operation import Operation
from pannier.batch.options import Options
from pannier.batch.report import Failure, OnFailure, Report
from pannier.batch.sessions import Session
from pannier.batch.target import Target
from pannier.batch.write_job import WriteBatch, WriteJob
from pannier.model.key_schema import KeySchema


class Writing:
    """A batch write under way. Make it on the event loop that it shall use.

    Args:
        target: where to write.
        schemas: the key schemas of the target's tables.
        options: how to go about it.
        on_failure: called for every operation that was not applied, as soon as that is known.
        chance: decides the jitter of backoff; a seeded one makes it reproducible.
    """

    def __init__(
        self,
        target: Target,
        schemas: Schemas,
        options: Options,
        on_failure: OnFailure | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.report = Report("write", on_failure=on_failure)
        self._schemas = schemas
        # Its own: a schema that the connection forgets is still needed for what was sent with it.
        self._known: dict[str, KeySchema] = {}
        self._job = WriteJob(
            self._known, self.report, chance or random.Random(), options.give_up_after_s
        )
        self._session: Session[WriteBatch] = Session(self._job, target, options.parallel)

    async def feed(self, operations: Iterable[Operation | Failure]) -> None:
        """Take operations; returns when there is room for more.

        A `Failure` among them is what the source could not read; it is accounted for.

        Raises:
            CallError: a table does not exist, or can't be described; the operations from the
                first one on that table were not taken.
        """
        for operation in operations:
            if isinstance(operation, Failure):
                self._job.refuse(operation)
                continue
            if operation.table not in self._known:
                self._known[operation.table] = await self._schemas.load(operation.table)
            if not self._job.has_room:
                await self._session.room()
            self._job.feed(operation)
        self._session.pump()

    async def finish(self) -> Report:
        """Send the rest; returns when every operation is accounted for."""
        await self._session.finish()
        return self.report

    async def stop(self, reason: str) -> Report:
        """Send nothing more, wait for what is in flight; the rest is unresolved."""
        self._job.stop(reason)
        await self._session.finish()
        return self.report
