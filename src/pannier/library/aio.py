"""The asynchronous connection."""

from asyncio import CancelledError
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Iterable,
    Mapping,
)
from contextlib import aclosing
from functools import partial
from typing import Any, Final, Self

from pannier.batch.calls import Schemas, call
from pannier.batch.journals.job_journal import JobJournal
from pannier.batch.options import Options
from pannier.batch.reads.projection import Projection
from pannier.batch.reads.read import Reading, TableOptions
from pannier.batch.reads.read_results import Found
from pannier.batch.report import OnFailure, Report
from pannier.batch.target import Target
from pannier.batch.writes.write import Writing
from pannier.errors import UserError
from pannier.library.async_scans import AsyncScans
from pannier.library.conversions import (
    Convert,
    PlainItem,
    Readable,
    Writable,
    to_deletes,
    to_keys,
    to_operations,
)
from pannier.library.inputs import chunks, chunks_async, table_options
from pannier.library.outcomes import raise_for
from pannier.library.writers import AsyncWriter
from pannier.model.key_schema import KeySchema
from pannier.model.plain import from_item

_DEFAULTS: Final = Options()


class AsyncConnection(AsyncScans):
    """A target and what is known of its tables. Use it on one event loop.

    Args:
        target: closed with the connection.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self._schemas = Schemas(target)
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Release the target. May be called twice."""
        if self._closed:
            return
        self._closed = True
        await self.target.close()

    async def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Call any operation of the API, in its JSON form.

        Raises:
            CallError: the service's error.
        """
        self._check_open()
        answer = await call(self.target, operation, request)
        if operation in ("CreateTable", "DeleteTable"):
            self._schemas.forget(request["TableName"])
        return answer

    async def schema(self, table: str) -> KeySchema:
        """The key schema of a table."""
        self._check_open()
        return await self._schemas.load(table)

    def writing(
        self,
        options: Options = _DEFAULTS,
        on_failure: OnFailure | None = None,
        journal: JobJournal | None = None,
    ) -> Writing:
        """A batch write under way, to be fed and finished."""
        self._check_open()
        return Writing(self.target, self._schemas, options, on_failure, journal=journal)

    def reading(
        self,
        tables: Mapping[str, TableOptions] | None = None,
        *,
        default: TableOptions = TableOptions(),  # noqa: B008  # a frozen value
        options: Options = _DEFAULTS,
        on_failure: OnFailure | None = None,
        journal: JobJournal | None = None,
    ) -> Reading:
        """A batch read under way, to be fed and emptied.

        Args:
            tables: how certain tables are read.
            default: how the others are read.
            options: parallelism and patience.
            on_failure: called for each key that could not be read.
            journal: notes what is done; with it, the job can go on after it was ended.
        """
        self._check_open()
        return Reading(
            self.target,
            self._schemas,
            options,
            tables or {},
            default,
            on_failure,
            journal=journal,
        )

    async def write(
        self,
        source: Iterable[Writable] | AsyncIterable[Writable],
        table: str | None = None,
        *,
        options: Options = _DEFAULTS,
        on_failure: OnFailure | None = None,
        journal: JobJournal | None = None,
        report: Callable[[Report], None] | None = None,
    ) -> Report:
        """Put items, or apply operations, as many as there are.

        Cancelled, it sends nothing more and waits for the calls in flight.

        Args:
            source: plain Python items for `table`, or `Operation`s, which name their own.
            table: where plain items go.
            options: parallelism and patience.
            on_failure: called for each operation that was not applied.
            journal: notes what is done; with it, the job can go on after it was ended.
            report: called once, before anything is sent, with the report as it grows.

        Returns:
            The report, in which every operation is accounted for.

        Raises:
            CallError: a table does not exist.
            ConversionError: an item has no DynamoDB form; everything before it was written.
        """
        convert = partial(to_operations, table=table)
        writing = self.writing(options, on_failure, journal)
        return await self._write(source, convert, writing, report)

    async def delete(
        self,
        keys: Iterable[PlainItem] | AsyncIterable[PlainItem],
        table: str,
        *,
        options: Options = _DEFAULTS,
        on_failure: OnFailure | None = None,
        report: Callable[[Report], None] | None = None,
    ) -> Report:
        """Delete items by plain Python keys, as many as there are; otherwise like `write`.

        Whole items do as well: their keys are taken.
        """
        convert = partial(to_deletes, table=table, names=(await self.schema(table)).names)
        return await self._write(keys, convert, self.writing(options, on_failure), report)

    def writer(
        self,
        table: str,
        *,
        options: Options = _DEFAULTS,
        on_failure: OnFailure | None = None,
    ) -> AsyncWriter:
        """Write one by one: `async with db.writer(table) as writer: await writer.put(item)`.

        Args:
            table: where to write.
            options: parallelism and patience.
            on_failure: called for each operation that was not applied; without it, the end of the
                block raises `WriteError` if there are any.
        """
        return AsyncWriter(self.writing(options, on_failure), table, on_failure)

    async def find(
        self,
        keys: Iterable[Readable] | AsyncIterable[Readable],
        table: str | None = None,
        *,
        tables: Mapping[str, TableOptions] | None = None,
        default: TableOptions = TableOptions(),  # noqa: B008  # a frozen value
        options: Options = _DEFAULTS,
        on_failure: OnFailure | None = None,
        report: Callable[[Report], None] | None = None,
    ) -> AsyncGenerator[Found, None]:
        """Read items by key; says of every key what became of it.

        Nothing is read ahead of a slow consumer but a bounded window.

        Args:
            keys: plain Python keys for `table`, or `Key`s, which name their own.
            table: where plain keys are looked up.
            tables: how certain tables are read.
            default: how the others are read.
            options: parallelism and patience.
            on_failure: called for each key that could not be read.
            report: called once, before the first result, with the report as it grows.

        Yields:
            One result for each key that could be read, in no particular order; `item` is None
            where there is none.
        """
        reading = self.reading(tables, default=default, options=options, on_failure=on_failure)
        if report is not None:
            report(reading.report)
        try:
            async for chunk in chunks_async(keys):
                # What stands before a key without a DynamoDB form comes out before its error.
                for some in chunks(to_keys(chunk, table)):
                    for found in await reading.exchange(some, last=False):
                        yield found
            while not reading.done:
                for found in await reading.exchange((), last=True):
                    yield found
        except BaseException:  # the caller has enough, or the source broke
            await reading.stop("interrupted")
            raise

    async def read(
        self,
        keys: Iterable[Readable] | AsyncIterable[Readable],
        table: str | None = None,
        *,
        projection: str | Projection | None = None,
        consistent: bool = False,
        options: Options = _DEFAULTS,
    ) -> AsyncIterator[dict[str, Any]]:
        """Read items by key, as many as there are; missing ones do not appear.

        Args:
            keys: plain Python keys for `table`, or `Key`s, which name their own.
            table: where plain keys are looked up.
            projection: the attributes wanted, e.g. `PK, price, tags[0]`; reserved words may be
                written as they are.
            consistent: consistent reads.
            options: parallelism and patience.

        Yields:
            Items as plain Python, in no particular order.

        Raises:
            ReadError: keys could not be read; everything else was yielded before.
        """
        wanted = table_options(projection, consistent=consistent)
        reports: list[Report] = []
        results = self.find(keys, table, default=wanted, options=options, report=reports.append)
        async with aclosing(results):
            async for found in results:
                if found.item is not None:
                    yield from_item(found.item)
        raise_for(reports[0])

    async def _write(
        self,
        source: Iterable[Writable] | AsyncIterable[Writable],
        convert: Convert,
        writing: Writing,
        report: Callable[[Report], None] | None,
    ) -> Report:
        if report is not None:
            report(writing.report)
        fed = 0
        try:
            async for chunk in chunks_async(source):
                await writing.feed(convert(chunk, before=fed))
                fed += len(chunk)
                if not writing.wants_more:
                    break
            return await writing.finish()
        except (CancelledError, KeyboardInterrupt):
            await writing.stop("interrupted")
            raise
        except BaseException:
            # What was fed is not lost because the source broke.
            await writing.finish(complete=False)
            raise

    def _check_open(self) -> None:
        if self._closed:
            raise UserError("the connection is closed", "Make a new one with pannier.connect().")
