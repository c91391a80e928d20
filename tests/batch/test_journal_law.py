"""The law holds over a death: whatever is left of the journal, the job goes on to the same end.

A job is ended at any moment without a word, as by `kill -9`: calls in flight take effect or not,
and of the journal the newest record may be torn. It goes on from what the file says, and is ended
again, a few times. Then the tables are as if the input had been applied once, in order; the report
of the last run tells of all of them and is balanced; and the failures are each there once.
"""

import asyncio
import itertools
import random
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.batch.calls import Schemas
from pannier.batch.journals.job_journal import JobJournal, JournalOf
from pannier.batch.operation import Operation, Origin
from pannier.batch.options import Options
from pannier.batch.reads.read import Key, Reading, TableOptions
from pannier.batch.report import Failure, Report
from pannier.batch.target import Reply
from pannier.batch.writes.write import Writing
from tests.batch.driving import FOREVER_S
from tests.batch.fake_service import SCHEMA, TABLE, FakeService, item
from tests.batch.test_batch_law import SEEDS, applied_in_order, check_failures, random_operations
from tests.batch.virtual_time import VirtualTimeLoop

_Result = TypeVar("_Result")
_Journal = TypeVar("_Journal", bound=JournalOf[Any])
INPUTS = st.builds(random_operations, st.integers(0, 600), st.integers(1, 200), SEEDS)
_RUNS_MAX = 60
# Each look at it is an hour later, so that no run waits for calls of the one before.
_HOURS = itertools.count(4_000_000_000, 3600)


def _clock() -> float:
    return float(next(_HOURS))


class DyingService(FakeService):
    """Calls in flight when their client dies take effect, or not."""

    async def send(self, operation: str, body: bytes) -> Reply:
        try:
            return await super().send(operation, body)
        except asyncio.CancelledError:
            assert self._chance is not None
            if self._chance.random() < 0.5:
                self.answer(operation, body)
            raise


class _Loop(VirtualTimeLoop):
    """What others do on threads is done at once, so that a run follows from its seed alone."""

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done


class FailuresInMemory:
    """A failures file whose bytes are its lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[Failure] = []

    def position(self) -> tuple[str, int]:
        return str(self.path), len(self.lines)

    def descriptor(self) -> None:
        return None


def run_until(work: Coroutine[Any, Any, _Result], end_s: float) -> _Result | None:
    """Run until the virtual second `end_s` at most; None if the work was not done by then."""

    async def bounded() -> _Result | None:
        task = asyncio.ensure_future(work)
        await asyncio.wait([task], timeout=end_s)
        if task.done():
            return task.result()
        task.cancel()
        return None

    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(bounded())


async def write(
    service: FakeService,
    operations: list[Operation],
    journal: JobJournal,
    failures: FailuresInMemory,
    parallel: int,
    chance: random.Random,
) -> Report:
    options = Options(parallel=parallel, give_up_after_s=FOREVER_S)
    writing = Writing(
        service, Schemas(service), options, failures.lines.append, chance, journal=journal
    )
    for start in range(0, len(operations), 40):
        await writing.feed(operations[start : start + 40])
        await asyncio.sleep(0.02)
    return await writing.finish()


def tear(path: Path, newest: tuple[int, int], chance: random.Random) -> None:
    """Damage the newest record, as a crash in the middle of writing it does."""
    content = bytearray(path.read_bytes())
    start, end = newest
    if chance.random() < 0.5:
        del content[chance.randrange(start, end) :]
    else:
        content[chance.randrange(start, end)] ^= 0xFF
    path.write_bytes(content)


def go_on_after_death(
    kind: type[_Journal], path: Path, journal: _Journal, chance: random.Random
) -> _Journal:
    """The journal of a run that was ended without a word; now and then a record of it is torn."""
    journal.close()
    content = kind.go_on(path)
    content.close()
    if content._earlier and chance.random() < 0.3:
        assert content._file is not None
        newest = content._file.content
        tear(path, (newest.start_bytes, newest.end_bytes), chance)
    return kind.go_on(path, clock=_clock)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(INPUTS, SEEDS, st.sampled_from([0.0, 0.2, 0.5]), st.integers(1, 8))
def test_a_job_that_dies_any_number_of_times_obeys_the_law(
    operations: list[Operation], seed: int, trouble: float, parallel: int
) -> None:
    chance = random.Random(seed)
    service = DyingService(chance=chance, trouble=trouble)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "job.journal")
        failures = FailuresInMemory(path.with_suffix(".jsonl"))
        journal = JobJournal.begin(path, clock=_clock)
        for run in range(_RUNS_MAX):
            journal.failures = failures
            end_s = chance.choice([0.05, 0.3, 2.0]) if run < _RUNS_MAX // 2 else FOREVER_S
            work = write(service, operations, journal, failures, parallel, chance)
            report = run_until(work, end_s * chance.random() + 0.01)
            service._busy.clear()
            if report is not None:
                break
            journal = go_on_after_death(JobJournal, path, journal, chance)
            known = journal.file_of("failures")
            del failures.lines[known[1] if known else 0 :]
        assert report is not None
        again = JobJournal.go_on(path)
        again.close()
    assert again.complete
    assert report.balanced
    assert report.read == len(operations)
    assert report.unresolved == 0
    assert report.failed == len(failures.lines)
    assert report.runs <= run + 1
    assert {name: service.items(name) for name in service.tables} == applied_in_order(operations)
    check_failures(operations, failures.lines)


class OutputInMemory:
    """A file of results whose bytes are its lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[tuple[int, str | None]] = []

    def descriptor(self) -> int | None:
        return None


async def read(
    service: FakeService,
    keys: list[Key],
    journal: JobJournal,
    output: OutputInMemory,
    parallel: int,
    chance: random.Random,
) -> Report:
    options = Options(parallel=parallel, give_up_after_s=FOREVER_S)
    reading = Reading(
        service,
        Schemas(service),
        options,
        {},
        TableOptions(),
        journal.failures.lines.append,
        chance,
        journal=journal,
    )

    async def take(chunk: list[Key], *, last: bool) -> None:
        size = len(output.lines)
        for found in await reading.exchange(chunk, last=last, output_bytes=size):
            value = None if found.item is None else found.item["v"]["S"]
            output.lines.append((found.origin.position, value))
            if chance.random() < 0.05:
                await asyncio.sleep(0.05)  # whoever takes the results may die between two

    for start in range(0, len(keys), 60):
        await take(keys[start : start + 60], last=False)
        await asyncio.sleep(0.02)
    while not reading.done:
        await take([], last=True)
    await reading.finish(output_bytes=len(output.lines))
    return reading.report


@settings(derandomize=True, deadline=None, max_examples=50)
@given(
    st.integers(0, 1500),
    st.sets(st.integers(0, 300), max_size=5),
    SEEDS,
    st.sampled_from([0.0, 0.2]),
    st.integers(1, 8),
)
def test_a_read_that_dies_any_number_of_times_has_each_result_once_in_its_output(
    count: int, bad: set[int], seed: int, trouble: float, parallel: int
) -> None:
    chance = random.Random(seed)
    numbers = [chance.randrange(300) for _ in range(count)]
    names = [f"poison{number}" if number in bad else str(number) for number in numbers]
    keys = [
        Key(TABLE, {"PK": {"S": name}}, Origin("keys", position))
        for position, name in enumerate(names)
    ]
    service = FakeService(chance=chance, trouble=trouble)
    for number in range(0, 300, 2):
        content = item(str(number), str(number))
        service.tables[TABLE][b"".join(SCHEMA.item_key(content))] = content
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "job.journal")
        failures = FailuresInMemory(path.with_suffix(".failed"))
        output = OutputInMemory(path.with_suffix(".found"))
        journal = JobJournal.begin(path, clock=_clock)
        for run in range(_RUNS_MAX):
            journal.failures, journal.output = failures, output
            end_s = chance.choice([0.3, 1.0, 3.0]) if run < _RUNS_MAX // 2 else FOREVER_S
            work = read(service, keys, journal, output, parallel, chance)
            report = run_until(work, end_s * chance.random() + 0.01)
            service._busy.clear()
            if report is not None:
                break
            journal.close()
            journal = JobJournal.go_on(path, clock=_clock)
            for file, name in ((failures, "failures"), (output, "output")):
                known = journal.file_of(name)
                del file.lines[known[1] if known else 0 :]
    assert report is not None
    assert report.balanced
    assert report.read == count
    assert report.unresolved == 0
    refused = {place for place, name in enumerate(names) if name.startswith("poison")}
    assert sorted(each.origin.position for each in failures.lines) == sorted(refused)
    assert sorted(place for place, _ in output.lines) == sorted(set(range(count)) - refused)
    for place, value in output.lines:
        assert value == (str(numbers[place]) if numbers[place] % 2 == 0 else None)
