"""A job at work: its batches in flight on an event loop, at most `parallel` at a time.

The source is not read here: whoever has it feeds the session, and waits when there is no room. So
a source is always iterated where it was made, in the caller's thread or task.
"""

import asyncio
import time
from typing import Generic, Protocol, TypeVar

from pannier.batch.report import Report
from pannier.batch.target import OutcomeUnknownError, Reply, Target, TargetUnreachableError
from pannier.errors import PannierError


class Sendable(Protocol):
    """One call."""

    @property
    def body(self) -> bytes:
        """The request as JSON."""

    @property
    def size(self) -> int:
        """How many operations or keys it holds."""


_Batch = TypeVar("_Batch", bound=Sendable)


class Job(Protocol[_Batch]):
    """What `WriteJob` and `ReadJob` have in common."""

    report: Report

    @property
    def operation(self) -> str:
        """The operation of the API."""

    @property
    def has_room(self) -> bool:
        """Whether more may be fed."""

    @property
    def done(self) -> bool:
        """Whether everything that was fed is accounted for."""

    def end_input(self) -> None:
        """Nothing more will be fed."""

    def next_batch(self, now_s: float) -> _Batch | None:
        """The next batch to send."""

    def wake_s(self) -> float:
        """The time before which there is none."""

    def answered(self, batch: _Batch, reply: Reply, now_s: float) -> None:
        """Take an answer."""

    def unanswered(self, batch: _Batch, error: PannierError, now_s: float) -> None:
        """No answer came."""

    def stop(self, reason: str) -> None:
        """Send nothing more."""


class Session(Generic[_Batch]):
    """Runs a job against a target. Make it on the loop that it shall use.

    Args:
        job: decides what is sent.
        target: where it is sent.
        parallel: calls in flight at most.
    """

    def __init__(self, job: Job[_Batch], target: Target, parallel: int) -> None:
        self.job = job
        self._target = target
        self._parallel = parallel
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self._fault: BaseException | None = None
        self._started_s = time.perf_counter()

    def pump(self) -> None:
        """Send what can be sent now; come back by itself when backoff ends."""
        if self._fault is not None:
            return
        while len(self._tasks) < self._parallel:
            batch = self.job.next_batch(self._loop.time())
            if batch is None:
                break
            task = self._loop.create_task(self._send(batch))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        wake_s = self.job.wake_s()
        if self._timer is None and wake_s > self._loop.time():
            self._timer = self._loop.call_at(wake_s, self._wake)

    async def room(self) -> None:
        """Wait until the job has room for more.

        Raises:
            Exception: whatever broke the session, which is a defect, not an answer.
        """
        self.pump()
        while not self.job.has_room and not self.job.report.stopped:
            await self._next_change()

    async def progress(self) -> None:
        """Wait until an answer has come, or return at once if the job is done."""
        self.pump()
        if not self.job.done:
            await self._next_change()

    async def finish(self) -> None:
        """Send the rest and wait until everything is accounted for."""
        self.job.end_input()
        self.pump()
        while not self.job.done:
            await self._next_change()
        self.close()

    def close(self) -> None:
        """Note the time the job took."""
        if self._timer is not None:
            self._timer.cancel()
        self.job.report.elapsed_s = time.perf_counter() - self._started_s

    async def _send(self, batch: _Batch) -> None:
        body = batch.body
        report = self.job.report
        started_s = time.perf_counter()
        try:
            reply = await self._target.send(self.job.operation, body)
        except (TargetUnreachableError, OutcomeUnknownError) as error:
            report.add_call(batch.size, len(body), time.perf_counter() - started_s)
            self.job.unanswered(batch, error, self._loop.time())
        else:
            report.add_call(batch.size, len(body), time.perf_counter() - started_s)
            self.job.answered(batch, reply, self._loop.time())

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._fault is None:
            self._fault = asyncio.CancelledError() if task.cancelled() else task.exception()
        self._changed.set()
        self.pump()

    def _wake(self) -> None:
        self._timer = None
        self._changed.set()
        self.pump()

    async def _next_change(self) -> None:
        if self._fault is None:
            self._changed.clear()
            await self._changed.wait()
        if self._fault is not None:
            raise self._fault
