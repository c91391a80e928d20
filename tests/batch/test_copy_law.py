"""A copy that dies goes on: every item is in the destination, or among the failures, once.

In virtual time, like `test_journal_law`: the copy is ended without a word, calls in flight take
effect or not, and of the journal the newest record may be torn. Pages and writes are throttled,
answered with errors, or not at all; the service refuses some items. A transform leaves items out,
makes two of one, gives many of them one key, and breaks.
"""

import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.batch.journals.copy_journal import CopyJournal, CopyNotes
from pannier.batch.options import Options
from pannier.batch.pages.page_job import Page
from pannier.batch.pages.scan import segments
from pannier.batch.report import Failure, OnFailure, Report
from pannier.batch.tables.copying import Copy, Copying
from pannier.batch.tables.transform import Transform, TransformError, transformed
from tests.batch.driving import FOREVER_S
from tests.batch.fake_service import OTHER, TABLE
from tests.batch.fake_tables import COUNT_NAMES, FakeTables
from tests.batch.test_journal_law import FailuresInMemory, _clock, go_on_after_death, run_until

_RUNS_MAX = 60
_SHARED_KEY = "shared"
SEEDS = st.integers(0, 2**32)


def change(item: dict[str, Any]) -> Any:
    """The transform: what becomes of an item follows from its number."""
    n = item["n"]
    if n % 11 == 0:
        raise KeyError(n)
    if n % 7 == 0:
        return None
    if n % 5 == 0:
        return [item, {**item, "PK": f"again {n}"}]
    if n % 13 == 0:
        return {**item, "poison": True}
    if n % 17 == 0:
        return {**item, "PK": _SHARED_KEY}
    return {**item, "v": n / 4}


def expected(numbers: list[int], transform: Transform | None) -> tuple[dict[str, Any], int, int]:
    """What must be in the destination without the shared key; how many fail, and are skipped."""
    there: dict[str, Any] = {}
    failed = skipped = 0
    for n in numbers:
        item = {"PK": {"S": f"{n:06}"}, "n": {"N": str(n)}}
        try:
            made = [item] if transform is None else transformed(transform, item)
        except TransformError:
            failed += 1
            continue
        skipped += not made
        failed += any("poison" in each for each in made)
        there |= {each["PK"]["S"]: each for each in made if "poison" not in each}
    there.pop(_SHARED_KEY, None)
    return there, failed, skipped


async def copy(
    service: FakeTables,
    what: Copy,
    chance: random.Random,
    on_failure: OnFailure,
    journal: CopyJournal | None = None,
) -> Report:
    options = Options(parallel=chance.randint(1, 8), give_up_after_s=FOREVER_S)
    return await Copying(service, service, what, options, on_failure, chance, journal).run()


@settings(derandomize=True, deadline=None, max_examples=80)
@given(
    st.integers(0, 1500),
    st.sampled_from([1, 2, 7, 40]),
    SEEDS,
    st.sampled_from([0.0, 0.2, 0.5]),
    st.booleans(),
    st.sampled_from([None, change]),
)
def test_a_copy_that_dies_any_number_of_times_obeys_the_law(
    size: int, count: int, seed: int, trouble: float, filtered: bool, transform: Transform | None
) -> None:
    chance = random.Random(seed)
    service = FakeTables(size, chance, trouble)
    request = {"TableName": TABLE} | ({"FilterExpression": "third"} if filtered else {})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "job.journal")
        failures = FailuresInMemory(path.with_suffix(".jsonl"))
        journal = CopyJournal.begin(path, clock=_clock)
        for run in range(_RUNS_MAX):
            journal.failures = failures
            end_s = chance.choice([0.3, 1.0, 3.0]) if run < _RUNS_MAX // 2 else FOREVER_S
            what = Copy(request, OTHER, transform, journal.journal.chains or count)
            work = copy(service, what, chance, failures.lines.append, journal)
            report = run_until(work, end_s * chance.random() + 0.01)
            service.destination._busy.clear()
            if report is not None:
                break
            journal = go_on_after_death(CopyJournal, path, journal, chance)
            known = journal.file_of("failures")
            del failures.lines[known[1] if known else 0 :]
        assert report is not None
        again = CopyJournal.go_on(path)
        again.close()
    numbers = [n for n in range(size) if n % 3 == 0 or not filtered]
    there, failed, skipped = expected(numbers, transform)
    copied = service.copied
    shared = copied.pop(_SHARED_KEY, None)
    assert copied == there
    assert (shared is not None) == (transform is change and _has_shared(numbers))
    assert again.complete
    assert not report.stopped
    assert report.balanced
    assert report.failed == failed == len(failures.lines)
    assert len({str(each.attributes) for each in failures.lines}) == failed, "a failure comes twice"
    assert report.skipped == skipped + size - len(numbers)
    assert report.unresolved == 0
    assert report.runs <= run + 1
    if transform is None:
        assert (report.read, report.written) == (size, len(numbers))


def _has_shared(numbers: list[int]) -> bool:
    return any(n % 17 == 0 and all(n % each for each in (5, 7, 11, 13)) for n in numbers)


@pytest.mark.parametrize("seed", range(5))
def test_a_copy_without_a_journal_tells_all_its_failures(seed: int) -> None:
    chance = random.Random(seed)
    service = FakeTables(700, chance, 0.2)
    failures: list[Failure] = []
    work = copy(service, Copy({"TableName": TABLE}, OTHER, change, 4), chance, failures.append)
    report = run_until(work, FOREVER_S)
    assert report is not None
    assert report.balanced
    assert report.failed == len(failures) == expected(list(range(700)), change)[1]
    kinds = {each.kind for each in failures}
    assert kinds == {"put", "transform"}
    broken = next(each for each in failures if each.kind == "transform")
    assert broken.attributes.keys() == {"PK"}
    assert broken.reason.startswith("the transform raised KeyError: ")


def test_items_are_taken_no_faster_than_they_are_written() -> None:
    chance = random.Random(1)
    service = FakeTables(20_000, chance, 0.0)
    service.destination._latency_s = lambda: 1000.0  # type: ignore[method-assign]
    reports: list[Report] = []

    async def work() -> Report:
        what = Copy({"TableName": TABLE}, OTHER, None, 1)
        copying = Copying(service, service, what, Options(), None, chance)
        reports.append(copying.report)
        return await copying.run()

    assert run_until(work(), 900.0) is None
    assert 2000 <= reports[0].read < 3000, "the window of a write job"


def test_a_copy_that_is_stopped_is_balanced_and_can_go_on(tmp_path: Path) -> None:
    chance = random.Random(3)
    service = FakeTables(500, chance, 0.0)
    path = tmp_path / "the.journal"
    failures = FailuresInMemory(path.with_suffix(".jsonl"))
    what = Copy({"TableName": TABLE}, OTHER, change, 3)

    async def fast(journal: CopyJournal, *, fail_fast: bool) -> Report:
        options = Options(fail_fast=fail_fast)
        return await Copying(
            service, service, what, options, failures.lines.append, chance, journal
        ).run()

    journal = CopyJournal.begin(path, clock=_clock)
    journal.failures = failures
    report = run_until(fast(journal, fail_fast=True), FOREVER_S)
    assert report is not None
    assert report.stopped.startswith("stopped at the first failure")
    assert report.balanced
    assert len(failures.lines) == report.failed, "also those that will be tried again"
    journal = CopyJournal.go_on(path, clock=_clock)
    assert not journal.complete
    journal.failures = failures
    known = journal.file_of("failures")
    del failures.lines[known[1] if known else 0 :]
    report = run_until(fast(journal, fail_fast=False), FOREVER_S)
    assert report is not None
    there, failed, _ = expected(list(range(500)), change)
    service.copied.pop(_SHARED_KEY, None)
    assert (report.failed, len(failures.lines), report.runs) == (failed, failed, 2)
    assert service.copied.keys() - {_SHARED_KEY} == there.keys()


def page(chain: int, next_key: str | None, count: int = 2) -> Page:
    key = None if next_key is None else {"PK": {"S": next_key}}
    return Page(chain, [], count, count, key)


def test_a_place_moves_on_when_all_pages_in_front_of_it_are_done() -> None:
    notes = CopyNotes()
    notes.begin(segments(2))
    changes: list[bool] = []
    notes.on_change = lambda: changes.append(True)
    first, second = notes.opened(page(1, "m")), notes.opened(page(1, None))
    numbers = [notes.number(each) for each in (first, first, second)]
    notes.taken(first)
    notes.taken(second)
    notes.failed(numbers[2])
    notes.failed(numbers[0])
    assert notes.state() == {"segments": [None, None], "counts": dict.fromkeys(COUNT_NAMES[:4], 0)}
    assert not changes
    notes.failed(numbers[1])
    assert changes
    assert notes.state()["segments"] == [None, True]
    assert (notes.done, notes.open_pages, notes.is_complete) == (3, 0, False)
    again = CopyNotes.restored(notes.state())
    chains = segments(again.chains)
    again.begin(chains)
    assert [each.done for each in chains] == [False, True]
    assert again.number(again.opened(page(0, "c"))) == 4


@pytest.mark.parametrize(
    "state",
    [
        {"segments": [5], "counts": {}},
        {"segments": [None], "counts": {"failed": -1}},
        {"segments": [None], "counts": {"eaten": 1}},
    ],
)
def test_a_state_that_contradicts_itself_is_told(state: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"nowhere|counts"):
        CopyNotes.restored(state)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (5, "returned a int"),
        ([{}, "x"], "returned a str"),
        ({"n": float("nan")}, "attribute 'n'"),
    ],
)
def test_what_a_transform_must_not_return_is_told(made: Any, reason: str) -> None:
    with pytest.raises(TransformError, match=reason):
        transformed(lambda _: made, {"PK": {"S": "a"}})


def test_a_transform_that_ends_the_program_is_a_failure() -> None:
    def leave(_: dict[str, Any]) -> None:
        raise SystemExit(3)

    with pytest.raises(TransformError, match="raised SystemExit: 3"):
        transformed(leave, {"PK": {"S": "a"}})
