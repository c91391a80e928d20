"""Runs a job by hand: a clock that a test moves, calls in flight that it answers in any order."""

import random
from typing import Any

from pannier.batch.pace.pacing import Pacing
from pannier.batch.reads.projection import Projection
from pannier.batch.reads.read_job import ReadJob
from pannier.batch.reads.read_request import ReadRequest
from pannier.batch.report import OnFailure, Report
from pannier.batch.target import OutcomeUnknownError, TargetUnreachableError
from pannier.batch.writes.write_job import WriteJob, WriteRules
from tests.batch.fake_service import OTHER, SCHEMA, SCHEMAS, TABLE, FakeService

FOREVER_S = 1e9
_STEPS_MAX = 20_000


def write_job(
    *,
    give_up_after_s: float = FOREVER_S,
    seed: int = 0,
    on_failure: OnFailure | None = None,
    parallel: int = 32,
    **rules: Any,
) -> WriteJob:
    """A write job on the tables of the fake service."""
    report = Report("write", on_failure=on_failure)
    pacing = Pacing(random.Random(seed), give_up_after_s, parallel)
    return WriteJob(SCHEMAS, report, pacing, WriteRules(**rules))


def read_job(
    *,
    give_up_after_s: float = FOREVER_S,
    seed: int = 0,
    projection: Projection = Projection(),  # noqa: B008  # a frozen value
    on_failure: OnFailure | None = None,
    parallel: int = 32,
    fail_fast: bool = False,
    ordered: bool = False,
) -> ReadJob:
    """A read job on the tables of the fake service."""
    requests = {name: ReadRequest(SCHEMA, projection) for name in (TABLE, OTHER)}
    report = Report("read", on_failure=on_failure)
    pacing = Pacing(random.Random(seed), give_up_after_s, parallel)
    return ReadJob(requests, report, pacing, fail_fast=fail_fast, ordered=ordered)


class Driver:
    """A job, a service, and the time.

    Args:
        job: a `WriteJob` or a `ReadJob`.
        service: answers its calls.
        parallel: calls in flight at most.
        chance: decides which call is answered next; without it, the oldest.
    """

    def __init__(
        self,
        job: Any,
        service: FakeService,
        *,
        parallel: int = 1,
        chance: random.Random | None = None,
    ) -> None:
        self.job = job
        self.service = service
        self.now_s = 0.0
        self.in_flight: list[Any] = []
        self._parallel = parallel
        self._chance = chance

    def send(self) -> bool:
        """Send the next batch, if there is one; says whether."""
        batch = self.job.next_batch(self.now_s)
        if batch is not None:
            self.in_flight.append(batch)
        return batch is not None

    def answer(self, position: int = 0) -> None:
        """Let a call in flight be answered."""
        batch = self.in_flight.pop(position)
        try:
            reply = self.service.answer(self.job.operation, batch.body)
        except (OutcomeUnknownError, TargetUnreachableError) as error:
            self.job.report.add_call(batch.size, len(batch.body), 0.0)
            self.job.unanswered(batch, error, self.now_s)
        else:
            self.job.report.add_call(batch.size, len(batch.body), 0.0)
            self.job.answered(batch, reply, self.now_s)

    def step(self) -> bool:
        """Send what can be sent and let one call be answered; False if nothing could happen."""
        while len(self.in_flight) < self._parallel and self.send():
            pass
        if self.in_flight:
            last = len(self.in_flight) - 1
            self.answer(self._chance.randint(0, last) if self._chance else 0)
            return True
        wake_s = self.job.wake_s(self.now_s)
        if wake_s is None:
            return False
        self.now_s = wake_s
        return True

    def finish(self) -> Report:
        """End the input and go on until the job is done."""
        self.job.end_input()
        for _ in range(_STEPS_MAX):
            if self.job.done:
                return self.job.report
            assert self.step(), "the job is not done, and nothing can happen any more"
        raise AssertionError("the job makes no end")
