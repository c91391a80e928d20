"""What growing tables are loaded with: every item once."""

from __future__ import annotations

import re

import pytest

from benchmarks.load import wire
from benchmarks.load.sequences import Loading, batches, samples

TABLE = wire.table_name(3)


def keys(request: bytes) -> list[int]:
    return [int(number) for number in re.findall(rb'"PK": {"S": "PRODUCT#batch-(\d+)"}', request)]


@pytest.mark.parametrize(("begin", "end"), [(0, 25), (0, 1_000), (1_000, 1_777), (7, 8)])
def test_loading_puts_every_item_once(begin: int, end: int) -> None:
    loading = Loading(TABLE, begin, end)
    found = [key for request in loading for key in keys(request)]
    assert sorted(found) == list(range(begin, end))
    assert TABLE.encode() in loading[0]
    assert loading[:2] == [loading[0], *([loading[1]] if len(loading) > 1 else [])]


def test_samples_of_another_seed_are_others() -> None:
    first, again, other = (list(samples(1_000, 100, 3, seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert all(len(set(each)) == 100 for each in first)


def test_batches_are_full_and_new() -> None:
    found = list(batches(100, 160))
    assert [len(each) for each in found] == [25, 25]
    assert len({number for each in found for number in each} & set(range(100, 160))) == 50
