"""The embedded engine in this process: no server, no HTTP."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pannier.batch.prepared import PreparedWrite
from pannier.batch.target import OutcomeUnknownError, Reply
from pannier.engine.answers import Answer, error_answer
from pannier.engine.commit_queue import CommitQueue
from pannier.engine.database import Database
from pannier.engine.operations.batch_write_item import CheckedWrite
from pannier.errors import InternalServerError, StorageError
from pannier.model.key_schema import KeySchema


class InProcessTarget:
    """A database of this process.

    Args:
        database: closed with the target if `owned`.
        name: how it is shown to the user.
        owned: whether the target closes the database.

    Attributes:
        late_effect_s: nothing; a request has had its effect when `send` ends, however it ends.
    """

    late_effect_s = 0.0

    def __init__(self, database: Database, name: str, *, owned: bool = True) -> None:
        self.name = name
        self.database = database
        self._owned = owned
        self._commits: CommitQueue | None = None

    async def send(self, operation: str, body: bytes) -> Reply:
        """Apply a request; returns when it is durable, and injected delays are over.

        Raises:
            OutcomeUnknownError: an injected fault took the answer away.
        """
        return await self._reply(self.database.submit(operation, body))

    async def send_writes(
        self, writes: Sequence[PreparedWrite], schemas: Mapping[str, KeySchema]
    ) -> Reply | None:
        """Write without JSON; returns when it is durable. None where faults are injected."""
        answer = self.database.submit_checked(
            [
                CheckedWrite(
                    write.table,
                    write.key_bytes,
                    write.encoded,
                    write.size_bytes,
                    is_put=write.is_put,
                )
                for write in writes
            ],
            schemas,
            "INDEXES",
        )
        return None if answer is None else await self._reply(answer)

    async def close(self) -> None:
        """Close the database, if it is the target's own."""
        if self._commits is not None:
            self._commits.close()
            self._commits = None
        if self._owned:
            self.database.close()

    async def _reply(self, answer: Answer) -> Reply:
        """The answer, once it is durable and injected delays are over."""
        commits = self.database.commits
        if answer.ticket and commits is not None:
            if self._commits is None:
                self._commits = CommitQueue(commits)
            failure = await self._durable(self._commits, answer.ticket)
            if failure is not None:
                failed = error_answer(InternalServerError(str(failure)))
                answer = replace(answer, status=failed.status, body=failed.body)
        if answer.delay_s:
            await asyncio.sleep(answer.delay_s)
        if answer.lost:
            raise OutcomeUnknownError(f"no answer from {self.name}: an injected fault dropped it")
        return Reply(answer.status, answer.body)

    async def _durable(self, commits: CommitQueue, ticket: int) -> StorageError | None:
        future: asyncio.Future[StorageError | None] = asyncio.get_running_loop().create_future()

        def callback(failure: StorageError | None) -> None:
            if not future.done():
                future.set_result(failure)

        commits.call_when_durable(ticket, callback)
        return await future
