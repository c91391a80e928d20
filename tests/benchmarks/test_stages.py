"""Stages are measured at seams that stay, and add up to the whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.stages.report import REST, figures, markdown
from benchmarks.stages.taking import CHECKS, DECODING, GROUP, STAGES, TOTAL, take
from benchmarks.stages.timed_store import TimedStore
from benchmarks.stages.works import WORKS, Work
from pannier.storage.memory import MemoryStore


def test_a_timed_store_answers_as_the_store_does() -> None:
    store = MemoryStore()
    timed = TimedStore(store)
    group = timed.new_group()
    for name in (b"a", b"b"):
        group.put(name, b"1")
    timed.write(group)
    assert timed.written_s > 0
    assert timed.read_s == 0
    assert timed.get_many([b"a", b"c"]) == [b"1", None]
    assert timed.read_s > 0


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_new_items_are_new_in_every_round(work: Work) -> None:
    first, second = work.bodies(0), work.bodies(1)
    assert len(first) == len(second) > 1
    if "new" in work.name or work.name == "PutItem":
        assert not set(first) & set(second)


def test_all_works_are_answered_and_add_up(tmp_path: Path) -> None:
    samples = take(tmp_path / "data", 1, "relaxed", 0)
    assert list(samples) == [work.name for work in WORKS]
    found = figures(samples)
    for work, of_work in found.items():
        parts = sum(of_work[stage]["median"] for stage in (*STAGES, REST))
        assert parts == pytest.approx(of_work[TOTAL]["median"]), work
        assert of_work[DECODING]["median"] > 0, work
    assert found["PutItem"][GROUP]["median"] > 0
    assert found["Query of 100"][CHECKS]["median"] < 1
    shown = markdown(
        {
            "taken_at": "now",
            "machine": {},
            "rounds": 1,
            "durability": "relaxed",
            "versions": {"before": "one", "after": "two"},
            "figures": {"before": found, "after": found},
        }
    )
    assert shown.count("| before / after | 1.00 x") == len(WORKS)
