"""A whole comparison: the writes, then the reads of what was written."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pannier.batch.operation import Operation
from pannier.batch.options import Options
from pannier.batch.reads.projection import Projection, projection_of_names
from pannier.batch.reads.read import Key, TableOptions
from pannier.batch.report import Report
from pannier.comparing.comparison import (
    BATCH,
    PROJECTED,
    SIDE_BY_SIDE,
    SINGLE,
    Comparison,
    Way,
    in_turn,
)
from pannier.comparing.own_keys import remove_all
from pannier.comparing.passes import (
    Clock,
    Pass,
    batch_gets,
    batch_puts,
    single_gets,
    single_puts,
)
from pannier.errors import UserError
from pannier.library.aio import AsyncConnection
from pannier.model.attribute_value import Item
from pannier.model.key_schema import KeySchema

_WHOLE: Final = Projection()
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to compare.

    Attributes:
        rounds: passes of each way.
        projection: attributes of the projected way, as the user writes them.
        consistent: consistent reads.
        parallel: calls in flight at most, of the job that goes side by side.
    """

    rounds: int = 3
    projection: str = ""
    consistent: bool = False
    parallel: int = 32


class Comparing:
    """Compares on one table.

    Args:
        connection: to the target.
        table: where it is done.
        schema: its key.
        wanted: how.
        clock: seconds since any moment.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        table: str,
        schema: KeySchema,
        wanted: Wanted,
        clock: Clock = time.perf_counter,
    ) -> None:
        self._connection = connection
        self._table = table
        self._schema = schema
        self._wanted = wanted
        self._clock = clock
        self._options = Options(parallel=wanted.parallel)

    async def writes(self, items: Sequence[Item], into: Comparison) -> None:
        """Compare writes of new items; afterwards they are there.

        Raises:
            CallError: the service refuses an item.
            UserError: a job did not get through.
        """
        table = self._table

        def remove() -> Awaitable[None]:
            return remove_all(self._connection, table, self._schema, items)

        ways: dict[str, Way] = {
            SINGLE: lambda: single_puts(self._pass("write"), table, items),
            BATCH: lambda: batch_puts(self._pass("write"), table, self._schema, items),
            SIDE_BY_SIDE: lambda: self._write_job(items),
        }
        into.writes = await in_turn(ways, self._wanted.rounds, remove)

    async def reads(self, keys: Sequence[Item], into: Comparison) -> None:
        """Compare reads of keys.

        Raises:
            CallError: the service refuses a key, or the projection.
            UserError: a job did not get through.
        """
        projected = projection_of_names(self._wanted.projection)

        def way(
            gets: Callable[..., Awaitable[Report]], projection: Projection
        ) -> Callable[[], Awaitable[Report]]:
            return lambda: gets(
                self._pass("read"),
                self._table,
                keys,
                consistent=self._wanted.consistent,
                projection=projection,
            )

        ways: dict[str, Way] = {
            SINGLE: way(single_gets, _WHOLE),
            BATCH: way(batch_gets, _WHOLE),
            SIDE_BY_SIDE: lambda: self._read_job(keys),
        }
        if self._wanted.projection:
            ways[PROJECTED] = way(batch_gets, projected)
        into.reads = await in_turn(ways, self._wanted.rounds)

    def _pass(self, operation: str) -> Pass:
        return Pass(self._connection.target, operation, self._clock, asyncio.sleep)

    async def _write_job(self, items: Sequence[Item]) -> Report:
        operations = [Operation.put(self._table, item) for item in items]
        return _checked(await self._connection.write(operations, options=self._options))

    async def _read_job(self, keys: Sequence[Item]) -> Report:
        default = TableOptions(consistent=self._wanted.consistent)
        reading = self._connection.reading(default=default, options=self._options)
        for start in range(0, len(keys), _CHUNK):
            chunk = [Key(self._table, key) for key in keys[start : start + _CHUNK]]
            await reading.exchange(chunk, last=False)
        while not reading.done:
            await reading.exchange((), last=True)
        await reading.finish()
        return _checked(reading.report)


def _checked(report: Report) -> Report:
    if not report.ok:
        raise UserError(f"not everything got through: {next(iter(report.reasons), report.stopped)}")
    return report
