"""Slots of a cluster in simulated time: in each, task after task, with the real batch engine.

What is simulated: how long a call takes, and how long a slot is busy with other things before a
task sends anything. The engine meters by the same clock; accounts are in files, as on a cluster.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pannier.batch.calls import Schemas
from pannier.batch.operation import Operation
from pannier.batch.options import Options
from pannier.batch.pace.budget import Allowance, Turn
from pannier.batch.pages.page_job import Chain
from pannier.batch.pages.scan import Scanning
from pannier.batch.reads.read import Key, Reading, TableOptions
from pannier.batch.target import Reply
from pannier.batch.writes.write import Writing
from pannier.model.attribute_value import Item
from pannier.spark.turns import taken
from tests.batch import virtual_time
from tests.batch.simulating import Simulation

Task = Callable[["Slots", Turn], Coroutine[Any, Any, None]]


class Slots:
    """Executors that work on one job.

    Args:
        simulation: what they work on; its time goes on with theirs.
        folder: where executors have their folders.
        allowance: of each task.
        latency_s: how long a call takes, on average.
        overhead_s: how long a task prepares its work, on average.
    """

    name = "slots"

    def __init__(
        self,
        simulation: Simulation,
        folder: Path,
        allowance: Allowance,
        latency_s: float = 0.01,
        overhead_s: float = 0.2,
    ) -> None:
        self.simulation = simulation
        self.allowance = allowance
        self._folder = folder
        self._latency_s = latency_s
        self._overhead_s = overhead_s
        self._chance = random.Random(1)
        self._began_s = simulation.now_s

    def run(
        self, tasks: Sequence[Task], executors: Sequence[int], at_once: int | None = None
    ) -> None:
        """Run tasks, each in the next slot that is free.

        Args:
            tasks: in their order.
            executors: how many slots each executor has.
            at_once: how many tasks run at the same time, if that is fewer than there are slots;
                then each is in one slot or another.
        """
        virtual_time.run(self._run(iter(tasks), executors, at_once or sum(executors)))

    async def send(self, operation: str, body: bytes) -> Reply:
        """See `Target`."""
        half_s = self._latency_s * self._chance.uniform(0.25, 0.75)
        await asyncio.sleep(half_s)
        self.simulation.move_to(self._began_s + asyncio.get_running_loop().time())
        reply = self.simulation.answer(operation, body)
        await asyncio.sleep(half_s)
        return reply

    async def close(self) -> None:
        """See `Target`."""

    def options(self, turn: Turn) -> dict[str, Any]:
        """Of a job: either budget is the one that its kind of work spends."""
        mine = Allowance(self.allowance.units_per_s, self.allowance.share, turn)
        return {
            "target": self,
            "schemas": Schemas(self),
            "options": Options(read_units=mine, write_units=mine),
            "chance": self._chance,
        }

    async def _run(self, tasks: Iterator[Task], executors: Sequence[int], at_once: int) -> None:
        running = asyncio.Semaphore(at_once)
        async with asyncio.TaskGroup() as group:
            for number, slots in enumerate(executors):
                folder = self._folder / f"{number}"
                folder.mkdir(exist_ok=True)
                for _ in range(slots):
                    group.create_task(self._slot(tasks, folder, running))

    async def _slot(self, tasks: Iterator[Task], folder: Path, running: asyncio.Semaphore) -> None:
        environment = {"SPARK_LOCAL_DIRS": str(folder)}
        while True:
            async with running:
                task = next(tasks, None)
                if task is None:
                    return
                await self._work(task, environment)

    async def _work(self, task: Task, environment: Mapping[str, str]) -> None:
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(self._overhead_s * self._chance.uniform(0.25, 0.75))
        with taken("job", self.allowance, environment, clock) as turn:
            await asyncio.sleep(self._overhead_s * self._chance.uniform(0.25, 0.75))
            await task(self, turn)


def writing(operations: Sequence[Operation]) -> Task:
    """A task that writes."""

    async def write(slots: Slots, turn: Turn) -> None:
        job = Writing(**slots.options(turn))
        await job.feed(operations)
        report = await job.finish()
        assert report.written == len(operations), report.reasons

    return write


def scanning(segment: int, total: int, **request: Any) -> Task:
    """A task that scans a segment."""
    chain = {"Segment": segment, "TotalSegments": total} if total > 1 else {}
    return _paging("Scan", request, [chain])


def querying(partitions: Sequence[str]) -> Task:
    """A task that asks for partitions."""
    values = [{"ExpressionAttributeValues": {":p": {"S": each}}} for each in partitions]
    return _paging("Query", {"KeyConditionExpression": "PK = :p"}, values)


def getting(keys: Sequence[Item]) -> Task:
    """A task that reads keys."""

    async def get(slots: Slots, turn: Turn) -> None:
        job = Reading(**slots.options(turn), tables={}, default=TableOptions())
        results = list(await job.exchange([Key("shop", each) for each in keys], last=True))
        while not job.done:
            results += await job.exchange((), last=True)
        await job.finish()
        assert len(results) == len(keys)

    return get


def _paging(operation: str, request: dict[str, Any], chains: Sequence[dict[str, Any]]) -> Task:
    async def read(slots: Slots, turn: Turn) -> None:
        job = Scanning(
            **slots.options(turn),
            operation=operation,
            request={"TableName": "shop", **request},
            chains=[Chain(number, members) for number, members in enumerate(chains)],
        )
        while not job.done:
            await job.pages()
        await job.finish()
        assert not job.report.stopped, job.report.reasons

    return read
