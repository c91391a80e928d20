"""Read: keys in, items out, and a report."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pannier.batch.calls import Schemas
from pannier.batch.operation import NOWHERE, Origin
from pannier.batch.options import Options
from pannier.batch.projection import Projection
from pannier.batch.read_job import Found, ReadBatch, ReadJob, ReadRequest
from pannier.batch.report import Failure, OnFailure, Report
from pannier.batch.sessions import Session
from pannier.batch.target import Target
from pannier.model.attribute_value import Item

_WHOLE: Final = Projection()


@dataclass(frozen=True, slots=True)
class Key:
    """A key to read.

    Attributes:
        table: the table's name.
        attributes: the key in the API's JSON form.
        origin: its place in the source.
    """

    table: str
    attributes: Item
    origin: Origin = NOWHERE


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How the items of one table are read."""

    projection: Projection = _WHOLE
    consistent: bool = False


class Reading:
    """A batch read under way. Make it on the event loop that it shall use.

    Args:
        target: where to read.
        schemas: the key schemas of the target's tables.
        options: how to go about it.
        tables: how certain tables are read.
        default: how the others are read.
        on_failure: called for every key that could not be read, as soon as that is known.
        chance: decides the jitter of backoff; a seeded one makes it reproducible.
    """

    def __init__(
        self,
        target: Target,
        schemas: Schemas,
        options: Options,
        tables: Mapping[str, TableOptions],
        default: TableOptions,
        on_failure: OnFailure | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.report = Report("read", on_failure=on_failure)
        self._schemas = schemas
        self._tables = tables
        self._default = default
        self._requests: dict[str, ReadRequest] = {}
        self._job = ReadJob(
            self._requests, self.report, chance or random.Random(), options.give_up_after_s
        )
        self._session: Session[ReadBatch] = Session(self._job, target, options.parallel)

    @property
    def done(self) -> bool:
        """Whether every key that was fed is accounted for and its result taken."""
        return self._job.done and not self._job.results

    async def exchange(self, keys: Iterable[Key | Failure], *, last: bool) -> list[Found]:
        """Feed keys and take the results that are there.

        Args:
            keys: the next keys, or what the source could not read; none if there are no more.
            last: nothing follows. Then the call waits for results, and is repeated until `done`.

        Raises:
            CallError: a table does not exist, or can't be described.
        """
        for key in keys:
            if isinstance(key, Failure):
                self._job.refuse(key)
                continue
            if key.table not in self._requests:
                await self._load(key.table)
            self._job.feed(key.table, key.attributes, key.origin)
        if last:
            self._job.end_input()
        self._session.pump()
        while not self._job.results and not self._job.done and (last or not self._job.has_room):
            await self._session.progress()
        results = list(self._job.results)
        self._job.results.clear()
        if last and self.done:
            self._session.close()
        return results

    async def stop(self, reason: str) -> None:
        """Send nothing more, and wait for what is in flight."""
        self._job.stop(reason)
        await self._session.finish()

    async def _load(self, table: str) -> None:
        schema = await self._schemas.load(table)
        options = self._tables.get(table, self._default)
        self._requests[table] = ReadRequest(schema, options.projection, options.consistent)
