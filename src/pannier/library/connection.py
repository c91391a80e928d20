"""The synchronous connection.

It runs an event loop on a thread of its own, so it may be used from any thread, from notebooks, and
beside a running loop. Sources are iterated in the caller's thread all the same.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Generator, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Any, Final, Self, TypeVar

from pannier.batch.journals.job_journal import JobJournal
from pannier.batch.options import Options
from pannier.batch.reads.projection import Projection
from pannier.batch.reads.read import Key, TableOptions
from pannier.batch.reads.read_results import Found
from pannier.batch.report import Failure, OnFailure, Report
from pannier.batch.target import Target
from pannier.errors import UserError
from pannier.library.aio import AsyncConnection
from pannier.library.conversions import (
    Convert,
    PlainItem,
    Readable,
    Writable,
    to_deletes,
    to_keys,
    to_operations,
)
from pannier.library.inputs import chunks, table_options
from pannier.library.interruption import Interrupted
from pannier.library.outcomes import raise_for
from pannier.library.scans import Scans
from pannier.library.table import Table
from pannier.library.writers import Writer
from pannier.model.key_schema import KeySchema
from pannier.model.plain import from_item

_DEFAULTS: Final = Options()
_Result = TypeVar("_Result")


class Connection(Scans):
    """A target and what is known of its tables. Safe to share between threads.

    Args:
        target: closed with the connection.
    """

    def __init__(self, target: Target) -> None:
        self._loop = new_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="pannier-connection", daemon=True
        )
        self._thread.start()
        self._async = AsyncConnection(target)
        self._closed = False
        # Between looking whether the connection is open and handing work to the loop.
        self._lock = threading.RLock()

    @property
    def target(self) -> Target:
        """The place that the connection works on."""
        return self._async.target

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the target. May be called twice; what other threads have under way is ended."""
        with self._lock:
            if self._closed:
                return
            work = self._run_soon(self._shut_down())
            self._closed = True
        try:
            work.result()
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Call any operation of the API, in its JSON form.

        Raises:
            CallError: the service's error.
        """
        return self._run(self._async.call(operation, request))

    def schema(self, table: str) -> KeySchema:
        """The key schema of a table."""
        return self._run(self._async.schema(table))

    def table(self, name: str) -> Table:
        """A table of this connection, by name. Nothing is sent yet."""
        return Table(self, name)

    def tables(self) -> list[str]:
        """The names of all tables."""
        names: list[str] = []
        request: dict[str, Any] = {}
        while True:
            answer = self.call("ListTables", request)
            names += answer["TableNames"]
            if "LastEvaluatedTableName" not in answer:
                return names
            request = {"ExclusiveStartTableName": answer["LastEvaluatedTableName"]}

    def write(
        self,
        source: Iterable[Writable],
        table: str | None = None,
        *,
        options: Options = _DEFAULTS,
        on_failure: OnFailure | None = None,
        journal: JobJournal | None = None,
        report: Callable[[Report], None] | None = None,
    ) -> Report:
        """Put items, or apply operations, as many as there are.

        See `AsyncConnection.write`. Ctrl-C stops sending, waits for the calls in flight and
        raises `Interrupted`, a `KeyboardInterrupt` that has the report.

        Args:
            source: plain Python items for `table`, or `Operation`s, which name their own.
            table: where plain items go.
            options: parallelism and patience.
            on_failure: called for each operation that was not applied.
            journal: notes what is done; with it, the job can go on after it was ended.
            report: called once, before anything is sent, with the report as it grows.
        """
        convert = partial(to_operations, table=table)
        return self._write(source, convert, options, on_failure, journal, report)

    def delete(
        self,
        keys: Iterable[PlainItem],
        table: str,
        *,
        options: Options = _DEFAULTS,
        on_failure: OnFailure | None = None,
        report: Callable[[Report], None] | None = None,
    ) -> Report:
        """Delete items by plain Python keys, as many as there are; otherwise like `write`.

        Whole items do as well: their keys are taken.
        """
        convert = partial(to_deletes, table=table, names=self.schema(table).names)
        return self._write(keys, convert, options, on_failure, None, report)

    def writer(
        self,
        table: str,
        *,
        options: Options = _DEFAULTS,
        on_failure: OnFailure | None = None,
    ) -> Writer:
        """Write one by one: `with db.writer(table) as writer: writer.put(item)`.

        Args:
            table: where to write.
            options: parallelism and patience.
            on_failure: called for each operation that was not applied; without it, the end of the
                block raises `WriteError` if there are any.
        """
        writing = self._make(lambda: self._async.writing(options, on_failure))
        return Writer(self._run, writing, table, on_failure)

    def find(
        self,
        keys: Iterable[Readable],
        tables: Mapping[str, TableOptions] | None = None,
        *,
        table: str | None = None,
        options: Options = _DEFAULTS,
        on_failure: OnFailure | None = None,
        default: TableOptions = TableOptions(),  # noqa: B008  # a frozen value
        report: Callable[[Report], None] | None = None,
        journal: JobJournal | None = None,
    ) -> Generator[Found, None, None]:
        """Read items by key; says of every key what became of it.

        Args:
            keys: plain Python keys for `table`, or `Key`s, which name their own.
            tables: how certain tables are read.
            table: where plain keys are looked up.
            options: parallelism and patience.
            on_failure: called for each key that could not be read.
            default: how the others are read.
            report: called once, before the first result, with the report as it grows.
            journal: notes which results were taken; with it, the job can go on after it was ended.

        Yields:
            One result for each key that could be read, in no particular order; `item` is None
            where there is none.
        """
        reading = self._make(
            lambda: self._async.reading(
                tables, default=default, options=options, on_failure=on_failure, journal=journal
            )
        )
        if report is not None:
            report(reading.report)
        output = journal.output if journal is not None else None
        # A key without a DynamoDB form ends the source; those before it are read all the same.
        wanted = (key for chunk in chunks(keys) for key in to_keys(chunk, table))

        def exchange(chunk: Iterable[Key | Failure], *, last: bool) -> list[Found]:
            # Here, and not on the loop: whoever takes the results writes them on this thread.
            size = output.flushed() if output is not None else None
            return self._run(reading.exchange(chunk, last=last, output_bytes=size))

        try:
            for chunk in chunks(wanted):
                yield from exchange(chunk, last=False)
                if not reading.wants_more:
                    break
            while not reading.done:
                yield from exchange((), last=True)
            size = output.flushed() if output is not None else None
            self._run(reading.finish(output_bytes=size))
        except BaseException:  # the caller has enough, or the source broke
            if not self._closed:
                self._run(reading.stop("interrupted"))
            raise

    def read(
        self,
        keys: Iterable[Readable],
        table: str | None = None,
        *,
        projection: str | Projection | None = None,
        consistent: bool = False,
        options: Options = _DEFAULTS,
    ) -> Iterator[dict[str, Any]]:
        """Read items by key, as many as there are; see `AsyncConnection.read`."""
        reports: list[Report] = []
        wanted = table_options(projection, consistent=consistent)
        for found in self.find(
            keys, table=table, default=wanted, options=options, report=reports.append
        ):
            if found.item is not None:
                yield from_item(found.item)
        raise_for(reports[0])

    def _write(
        self,
        source: Iterable[Writable],
        convert: Convert,
        options: Options,
        on_failure: OnFailure | None,
        journal: JobJournal | None,
        report: Callable[[Report], None] | None,
    ) -> Report:
        writing = self._make(lambda: self._async.writing(options, on_failure, journal))
        if report is not None:
            report(writing.report)
        fed = 0
        try:
            for chunk in chunks(source):
                self._run(writing.feed(convert(chunk, before=fed)))
                fed += len(chunk)
                if not writing.wants_more:
                    break
            return self._run(writing.finish())
        except KeyboardInterrupt:
            raise Interrupted(self._run(writing.stop("interrupted"))) from None
        except BaseException:
            # What was fed is not lost because the source broke.
            self._run(writing.finish(complete=False))
            raise

    def _run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        future = self._run_soon(work)
        try:
            return future.result()
        except CancelledError:
            raise _closed() from None
        except BaseException:
            future.cancel()
            raise

    def _run_soon(self, work: Coroutine[Any, Any, _Result]) -> Future[_Result]:
        with self._lock:
            if self._closed:
                work.close()
                raise _closed()
            if threading.current_thread() is self._thread:
                work.close()
                raise UserError(
                    "a connection can't be used by its own callbacks: it would wait for itself",
                    "Note there what is to be done, and do it afterwards.",
                )
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _shut_down(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._async.close()

    def _make(self, make: Callable[[], _Result]) -> _Result:
        async def on_loop() -> _Result:
            return make()

        return self._run(on_loop())


def new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's, which takes a third of a call's cost away; there is none for Windows."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _closed() -> UserError:
    return UserError("the connection is closed", "Make a new one with pannier.connect().")
