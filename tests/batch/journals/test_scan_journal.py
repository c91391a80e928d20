"""A scan that dies goes on where its output ends: each item once, whatever is left of the journal.

In virtual time, like `test_journal_law`: the job is ended without a word, calls in flight or not,
between two lines of its output or not; of the journal the newest record may be torn.
"""

import asyncio
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.batch.calls import Schemas
from pannier.batch.journals.scan_journal import ScanJournal, ScanNotes
from pannier.batch.options import Options
from pannier.batch.pages.page_job import Chain, Page
from pannier.batch.pages.scan import Scanning, segments
from pannier.batch.report import Report
from tests.batch.driving import FOREVER_S
from tests.batch.fake_pages import FakePages
from tests.batch.fake_service import TABLE
from tests.batch.test_journal_law import _clock, go_on_after_death, run_until

_RUNS_MAX = 60
SEEDS = st.integers(0, 2**32)


class Lines:
    """An output file whose bytes are its lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[int] = []

    def descriptor(self) -> None:
        return None


async def scan(
    service: FakePages,
    request: dict[str, Any],
    count: int,
    limit: int | None,
    journal: ScanJournal,
    output: Lines,
    chance: random.Random,
) -> Report:
    options = Options(parallel=chance.randint(1, 8), give_up_after_s=FOREVER_S)
    chains = segments(journal.journal.chains or count)
    scanning = Scanning(
        service, Schemas(service), options, "Scan", request, chains, limit, chance, journal
    )
    while not scanning.done:
        for page in await scanning.pages(output_bytes=len(output.lines)):
            for item in page.items:
                output.lines.append(int(item["n"]["N"]))
                if chance.random() < 0.01:
                    await asyncio.sleep(0.05)  # whoever takes the items may die between two
    await scanning.finish(output_bytes=len(output.lines))
    return scanning.report


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    st.integers(0, 1500),
    st.sampled_from([1, 2, 7, 40]),
    SEEDS,
    st.sampled_from([0.0, 0.2, 0.5]),
    st.booleans(),
    st.none() | st.integers(1, 400),
)
def test_a_scan_that_dies_any_number_of_times_has_each_item_once_in_its_output(
    size: int, count: int, seed: int, trouble: float, filtered: bool, limit: int | None
) -> None:
    chance = random.Random(seed)
    service = FakePages(size, chance, trouble)
    request = {"TableName": TABLE} | ({"FilterExpression": "third"} if filtered else {})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "job.journal")
        output = Lines(path.with_suffix(".jsonl"))
        journal = ScanJournal.begin(path, clock=_clock)
        for run in range(_RUNS_MAX):
            journal.output = output
            end_s = chance.choice([0.3, 1.0, 3.0]) if run < _RUNS_MAX // 2 else FOREVER_S
            work = scan(service, request, count, limit, journal, output, chance)
            report = run_until(work, end_s * chance.random() + 0.01)
            if report is not None:
                break
            journal = go_on_after_death(ScanJournal, path, journal, chance)
            known = journal.file_of("output")
            del output.lines[known[1] if known else 0 :]
        assert report is not None
        again = ScanJournal.go_on(path)
        again.close()
    wanted = [n for n in range(size) if n % 3 == 0 or not filtered]
    assert again.complete
    assert report.balanced
    assert report.found == len(output.lines)
    assert report.runs <= run + 1
    assert len(set(output.lines)) == len(output.lines), "an item is there twice"
    if limit is None or limit >= len(wanted):
        assert sorted(output.lines) == wanted
        assert report.read == size
    else:
        assert len(output.lines) == limit
        assert set(output.lines) <= set(wanted)


def page(chain: int, count: int, next_key: str | None) -> Page:
    key = None if next_key is None else {"PK": {"S": next_key}}
    return Page(chain, [], count, count + 1, key)


def test_notes_say_where_each_segment_goes_on() -> None:
    notes = ScanNotes()
    notes.begin(segments(3), limit=10)
    changes: list[bool] = []
    notes.on_change = lambda: changes.append(True)
    notes.taken(page(1, 4, "m"))
    notes.taken(page(2, 2, None))
    assert len(changes) == 1, "once until the next record"
    again = ScanNotes.restored(notes.state())
    chains = segments(again.chains)
    again.begin(chains, limit=10)
    assert [(each.start_key, each.done) for each in chains] == [
        (None, False),
        ({"PK": {"S": "m"}}, False),
        (None, True),
    ]
    assert (again.done, again.left, again.is_complete) == (8, 4, False)
    assert again.told == "6 items are written"


def test_a_limit_that_is_reached_completes_the_job() -> None:
    notes = ScanNotes()
    notes.begin([Chain(0, {})], limit=3)
    notes.taken(page(0, 3, "c"))
    assert notes.is_complete


@pytest.mark.parametrize(
    "state",
    [
        {"segments": [5], "counts": {}},
        {"segments": [None], "counts": {"found": -1}},
    ],
)
def test_a_state_that_contradicts_itself_is_told(state: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"nowhere|below zero"):
        ScanNotes.restored(state)
