"""Writing one by one: `with db.writer(table) as writer: writer.put(item)`.

What is put or deleted goes through the batch engine: full batches, in the order of each key, and
leftovers again. Nothing is lost when an exception flies through the block: what was put before is
written, and the exception goes on, with a note if some of it could not be written. One writer may
be shared, by threads or by tasks.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final, Self

from pannier.batch.operation import NOWHERE, Kind, Operation, Origin, plain_put
from pannier.batch.report import OnFailure, Report
from pannier.batch.writes.write import Writing
from pannier.errors import UserError
from pannier.library.conversions import SOURCE, PlainItem
from pannier.library.outcomes import WriteError
from pannier.model.plain import to_item

_CHUNK: Final = 100
_ADVICE: Final = "Make a new one with writer()."


class _Buffer:
    """Operations that were not fed yet, and how many there ever were."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._count = 0
        self._operations: deque[Operation] = deque()
        self.closed = False

    def put(self, item: PlainItem) -> bool:
        """Add a put; says whether there is enough to be fed."""
        # A copy: by the time it is prepared, the caller may have changed it.
        values = dict(item) if isinstance(item, dict) else item
        return self._add(plain_put(self._table, values, NOWHERE))

    def delete(self, key: PlainItem) -> bool:
        """Add a delete; says whether there is enough to be fed."""
        return self._add(Operation(self._table, Kind.DELETE, to_item(key), is_own=True))

    def drain(self) -> Iterator[Operation]:
        """What is there. Each stays until the next one is asked for, so none is lost on the way."""
        while self._operations:
            yield self._operations[0]
            self._operations.popleft()

    def _next(self) -> Origin:
        if self.closed:
            raise UserError("the writer is closed", _ADVICE)
        self._count += 1
        return Origin(SOURCE, self._count)

    def _add(self, operation: Operation) -> bool:
        operation.origin = self._next()
        self._operations.append(operation)
        return len(self._operations) >= _CHUNK


def _end(report: Report, error: BaseException | None, *, is_told: bool) -> None:
    """Say what could not be written, if nobody else is told."""
    if report.ok or is_told:
        return
    failed = WriteError(report)
    if error is None:
        raise failed
    error.add_note(f"pannier: {failed.message}")


class Writer:
    """Puts and deletes on one table. `Connection.writer` makes it; use it as a context.

    Args:
        run: runs a coroutine where the connection lives.
        writing: the job.
        table: where to write.
        on_failure: told of each operation that was not applied; then none is raised at the end.

    Attributes:
        report: what became of every operation; complete when the block has ended.
    """

    def __init__(
        self,
        run: Callable[[Coroutine[Any, Any, Any]], Any],
        writing: Writing,
        table: str,
        on_failure: OnFailure | None,
    ) -> None:
        self.report = writing.report
        self._run = run
        self._writing = writing
        self._buffer = _Buffer(table)
        self._is_told = on_failure is not None
        self._lock = threading.Lock()

    def put(self, item: PlainItem) -> None:
        """Put an item, soon. Waits while too much is on its way.

        Raises:
            ConversionError: it has no DynamoDB form. Others are not touched by that.
            CallError: there is no such table.
        """
        with self._lock:
            if self._buffer.put(item):
                self._feed()

    def delete(self, key: PlainItem) -> None:
        """Delete an item by its key, soon."""
        with self._lock:
            if self._buffer.delete(key):
                self._feed()

    def flush(self) -> None:
        """Send what is there, in batches that may not be full; returns when it is accounted for."""
        with self._lock:
            self._feed()
            self._run(self._writing.flush())

    def close(self, error: BaseException | None = None) -> None:
        """Write what is left. May be called twice.

        Args:
            error: an exception that is flying.

        Raises:
            WriteError: something could not be written, and no exception is flying.
        """
        with self._lock:
            if self._buffer.closed:
                return
            self._buffer.closed = True
            try:
                self._feed()
            finally:
                self._run(self._writing.finish(complete=error is None))
        _end(self.report, error, is_told=self._is_told)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self.close(error)

    def _feed(self) -> None:
        self._run(self._writing.feed(self._buffer.drain()))


class AsyncWriter:
    """The same with `await`. `AsyncConnection.writer` makes it; tasks may share it.

    Args:
        writing: the job.
        table: where to write.
        on_failure: told of each operation that was not applied; then none is raised at the end.

    Attributes:
        report: what became of every operation; complete when the block has ended.
    """

    def __init__(self, writing: Writing, table: str, on_failure: OnFailure | None) -> None:
        self.report = writing.report
        self._writing = writing
        self._buffer = _Buffer(table)
        self._is_told = on_failure is not None
        self._lock = asyncio.Lock()

    async def put(self, item: PlainItem) -> None:
        """Put an item, soon. Waits while too much is on its way; see `Writer.put`."""
        if self._buffer.put(item):
            await self._feed()

    async def delete(self, key: PlainItem) -> None:
        """Delete an item by its key, soon."""
        if self._buffer.delete(key):
            await self._feed()

    async def flush(self) -> None:
        """Send what is there, in batches that may not be full; returns when it is accounted for."""
        await self._feed()
        async with self._lock:
            await self._writing.flush()

    async def close(self, error: BaseException | None = None) -> None:
        """Write what is left; see `Writer.close`."""
        if self._buffer.closed:
            return
        self._buffer.closed = True
        try:
            await self._feed()
        finally:
            await self._writing.finish(complete=error is None)
        _end(self.report, error, is_told=self._is_told)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        await self.close(error)

    async def _feed(self) -> None:
        # One after another, or the order of a key could change between two tasks' chunks.
        async with self._lock:
            await self._writing.feed(self._buffer.drain())
