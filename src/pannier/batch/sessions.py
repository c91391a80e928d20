"""A job at work: its batches in flight on an event loop.

The job says what is sent and when; the session sends it, tells it the answers, and wakes it when
its time has come. All times are those of one clock, `now_s`: the loop's own, where that is exact.

The source is not read here: whoever has it feeds the session, and waits when there is no room. So
a source is always iterated where it was made, in the caller's thread or task.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, Protocol, TypeVar

from pannier.batch.report import Report
from pannier.batch.target import OutcomeUnknownError, Reply, Target, TargetUnreachableError
from pannier.errors import PannierError

_DELAY_S_MIN: Final = 1e-6  # loops call a little early; with less, for ever too early


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

    def wake_s(self, now_s: float) -> float | None:
        """When there is one, if nothing else happens; None if something has to happen first."""

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
        clock: seconds since any moment; a job's only time, latencies included.
        direct: sends a batch without making JSON of it, and says how many bytes that would have
            been; None if it has to be sent as JSON.

    Attributes:
        started_s: when it was made.
    """

    def __init__(
        self,
        job: Job[_Batch],
        target: Target,
        clock: Callable[[], float] | None = None,
        direct: Callable[[_Batch], Awaitable[tuple[Reply, int] | None]] | None = None,
    ) -> None:
        self.job = job
        self._target = target
        self._direct = direct
        self._loop = asyncio.get_running_loop()
        self.now_s = clock or _clock_of(self._loop)
        self._tasks: set[asyncio.Task[None]] = set()
        self._waking: asyncio.TimerHandle | None = None
        self._wakes_at_s: float | None = None  # loops round it, each in its own way
        self._changed = asyncio.Event()
        self._fault: BaseException | None = None
        self.started_s = self.now_s()

    def pump(self) -> None:
        """Send what can be sent now; come back by itself when backoff ends."""
        if self._fault is not None:
            return
        while (batch := self.job.next_batch(now_s := self.now_s())) is not None:
            task = self._loop.create_task(self._send(batch))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        # By the same time: a moment that passes between the two questions would be missed by both.
        self._wake_at(self.job.wake_s(now_s))

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
        await self.drained()
        self.close()

    async def drained(self) -> None:
        """Wait until everything that was fed is accounted for."""
        self.pump()
        while not self.job.done:
            await self._next_change()

    def stop(self, reason: str) -> None:
        """Send nothing more, for a reason that no answer gave: see `Job.stop`.

        What goes wrong with that ends the job, as it does where an answer is taken.
        """
        try:
            self.job.stop(reason)
        except Exception as error:  # raised again where the job is waited for
            if self._fault is None:
                self._fault = error
        self._changed.set()

    def close(self) -> None:
        """Note the time the job took."""
        self._wake_at(None)
        self.note_time()

    def note_time(self) -> None:
        """Bring the report's time up to this moment."""
        report = self.job.report
        report.elapsed_s = report.earlier_s + (self.now_s() - self.started_s)

    async def _send(self, batch: _Batch) -> None:
        report = self.job.report
        started_s = self.now_s()
        body = b""
        report.in_flight += 1
        try:
            sent = None if self._direct is None else await self._direct(batch)
            if sent is None:
                body = batch.body
                sent = await self._target.send(self.job.operation, body), len(body)
        except (TargetUnreachableError, OutcomeUnknownError) as error:
            report.add_call(batch.size, len(body), self.now_s() - started_s)
            self.job.unanswered(batch, error, self.now_s())
        else:
            reply, sent_bytes = sent
            report.add_call(batch.size, sent_bytes, self.now_s() - started_s)
            self.job.answered(batch, reply, self.now_s())
        finally:
            report.in_flight -= 1

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._fault is None:
            self._fault = asyncio.CancelledError() if task.cancelled() else task.exception()
        self._changed.set()
        self.pump()

    def _wake_at(self, wake_s: float | None) -> None:
        if self._waking is not None:
            if self._wakes_at_s == wake_s:
                return
            self._waking.cancel()
            self._waking = None
        if wake_s is not None:
            self._wakes_at_s = wake_s
            delay_s = max(_DELAY_S_MIN, wake_s - self.now_s())
            self._waking = self._loop.call_later(delay_s, self._wake)

    def _wake(self) -> None:
        self._waking = None
        self._changed.set()
        self.pump()

    async def _next_change(self) -> None:
        if self._fault is None:
            self._changed.clear()
            await self._changed.wait()
        if self._fault is not None:
            raise self._fault


def _clock_of(loop: asyncio.AbstractEventLoop) -> Callable[[], float]:
    """The clock of a loop; uvloop's stands still for a while and counts whole milliseconds only."""
    if type(loop).__module__.partition(".")[0] == "uvloop":
        return time.monotonic
    return loop.time
