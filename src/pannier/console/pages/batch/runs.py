"""A run: a draft sent to the target, by the batch engine or as the one call that it is."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

import orjson

from pannier.batch.operation import Operation
from pannier.batch.options import Options
from pannier.batch.reads.read import Key
from pannier.batch.report import Failure, Report
from pannier.batch.target import Target
from pannier.console.pages.batch.drafts import Draft
from pannier.library.aio import AsyncConnection
from pannier.limits import MIB
from pannier.model.attribute_value import Item
from pannier.targets.recording import RecordingTarget

ITEMS_KEPT_MAX: Final = 5_000
_ITEMS_BYTES_MAX: Final = 32 * MIB
_CHUNK: Final = 200
CANCELLED: Final = "cancelled"


class Phase(Enum):
    """How far a run is."""

    UNDER_WAY = "under way"
    ENDED = "ended"
    CANCELLED = CANCELLED
    BROKEN = "broken"


@dataclass(slots=True)
class FoundItems:
    """What a read has found, as much of it as there is room for.

    Attributes:
        items: each with its table.
        missing: keys that are not there, each with its table and its line.
        left_out: how many items were found and not kept.
    """

    items: list[tuple[str, Item]] = field(default_factory=list)
    missing: list[tuple[str, Item, int]] = field(default_factory=list)
    left_out: int = 0
    _bytes: int = 0

    def add(self, table: str, item: Item) -> None:
        """Keep an item, if there is room."""
        if len(self.items) >= ITEMS_KEPT_MAX or self._bytes >= _ITEMS_BYTES_MAX:
            self.left_out += 1
            return
        self.items.append((table, item))
        self._bytes += len(orjson.dumps(item))


class Run:
    """One run of a draft. Make it on the event loop that it shall use.

    Args:
        target: where it goes; not closed with the run.
        draft: what is run; must not change any more.
        name: how it is called.

    Attributes:
        recording: the calls.
        phase: how far it is.
        report: of the batch engine, as it grows; None before it begins, and of a single call.
        failures: everything that did not get through.
        found: what a read has found.
        error: why it broke, if it did.
    """

    def __init__(self, target: Target, draft: Draft, name: str = "run") -> None:
        self.draft = draft
        self.name = name
        self.recording = RecordingTarget(target)
        self.phase = Phase.UNDER_WAY
        self.report: Report | None = None
        self.failures: list[Failure] = []
        self.found = FoundItems()
        self.error: Exception | None = None
        self._task: asyncio.Task[None] | None = None
        self._started_s = 0.0

    @property
    def elapsed_s(self) -> float:
        """Seconds since it began."""
        return asyncio.get_running_loop().time() - self._started_s

    @property
    def is_read(self) -> bool:
        """Whether it reads."""
        return self.draft.is_read

    @property
    def is_single(self) -> bool:
        """Whether it is one call, exactly as it stands."""
        return False

    def start(self) -> None:
        """Begin. It goes on by itself, whoever watches."""
        loop = asyncio.get_running_loop()
        self._started_s = loop.time()
        self._task = loop.create_task(self._run())

    def cancel(self) -> None:
        """Send nothing more; what was not sent is listed as unresolved."""
        if self._task is not None and self.phase is Phase.UNDER_WAY:
            self._task.cancel()

    async def ended(self) -> None:
        """Wait for its end."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def work(self) -> None:
        """What is done; raises what goes wrong."""
        raise NotImplementedError

    async def _run(self) -> None:
        try:
            await self.work()
        except asyncio.CancelledError:
            self.phase = Phase.CANCELLED
        except Exception as error:  # whatever it is, the reader has to see it
            self.error = error
            self.phase = Phase.BROKEN
        else:
            self.phase = Phase.ENDED


class BatchRun(Run):
    """By the batch engine: any number, in parallel, with everything left over sent again.

    Args:
        target: where it goes.
        draft: what is run.
        options: parallelism, budgets and patience.
        name: how it is called.
    """

    def __init__(self, target: Target, draft: Draft, options: Options, name: str = "run") -> None:
        super().__init__(target, draft, name)
        self._options = options

    async def work(self) -> None:
        """Write or read everything."""
        connection = AsyncConnection(self.recording)
        elements = [entry.element for entry in self.draft.entries]
        if self.is_read:
            await self._read(connection, [e for e in elements if not isinstance(e, Operation)])
        else:
            await self._write(connection, [e for e in elements if not isinstance(e, Key)])

    async def _write(
        self, connection: AsyncConnection, operations: Sequence[Operation | Failure]
    ) -> None:
        writing = connection.writing(self._options, self.failures.append)
        self.report = writing.report
        try:
            await writing.feed(operations)
            await writing.finish()
        except asyncio.CancelledError:
            await writing.stop(CANCELLED)
            raise
        except BaseException:  # what was fed is accounted for all the same
            await writing.finish(complete=False)
            raise

    async def _read(self, connection: AsyncConnection, keys: Sequence[Key | Failure]) -> None:
        reading = connection.reading(
            self.draft.options, options=self._options, on_failure=self.failures.append
        )
        self.report = reading.report
        try:
            for start in range(0, len(keys), _CHUNK):
                self._take(await reading.exchange(keys[start : start + _CHUNK], last=False))
            while not reading.done:
                self._take(await reading.exchange((), last=True))
        except BaseException as error:
            await reading.stop(CANCELLED if isinstance(error, asyncio.CancelledError) else "broken")
            raise

    def _take(self, results: Sequence[Any]) -> None:
        for found in results:
            if found.item is None:
                self.found.missing.append((found.table, found.key, found.origin.line or 0))
            else:
                self.found.add(found.table, found.item)
