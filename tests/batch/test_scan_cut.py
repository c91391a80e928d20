"""What a scan reads: its segments, its sample, and what DescribeTable lets one expect."""

import random
from collections import Counter

import pytest

from pannier.batch.pace.pacing import Pacing
from pannier.batch.pages.extent import extent_of, read_estimate
from pannier.batch.pages.page_job import PageJob
from pannier.batch.pages.sampling import sample_of
from pannier.batch.pages.scan import segments_of_size
from pannier.batch.report import Report
from pannier.errors import UserError
from pannier.limits import MIB
from tests.batch.fake_service import TABLE
from tests.batch.pages.test_page_job import filled

DESCRIPTION = {
    "TableName": "shop",
    "ItemCount": 1000,
    "TableSizeBytes": 5000,
    "GlobalSecondaryIndexes": [{"IndexName": "g", "ItemCount": 10, "IndexSizeBytes": 500}],
    "LocalSecondaryIndexes": [{"IndexName": "l", "ItemCount": 20, "IndexSizeBytes": 600}],
}


def test_the_extent_of_a_table_and_its_indexes() -> None:
    assert extent_of(DESCRIPTION).items == 1000
    assert (extent_of(DESCRIPTION, "g").items, extent_of(DESCRIPTION, "g").is_global) == (10, True)
    assert extent_of(DESCRIPTION, "l").size_bytes == 600
    assert extent_of({}).items == 0
    with pytest.raises(UserError, match="no index x on table shop") as caught:
        extent_of(DESCRIPTION, "x")
    assert caught.value.advice == "Its indexes: g, l."


@pytest.mark.parametrize(
    ("size_bytes", "segments", "consistent", "pages", "units"),
    [
        (0, 1, False, 1, 0.5),
        (0, 4, True, 4, 4.0),
        (10 * MIB, 1, False, 10, 1280.0),
        (10 * MIB, 32, True, 32, 2560.0),
    ],
)
def test_pages_and_units_of_a_size(
    size_bytes: int, segments: int, consistent: bool, pages: int, units: float
) -> None:
    estimated = read_estimate(size_bytes, segments, consistent=consistent)
    assert (estimated.pages, estimated.read_units) == (pages, units)


@pytest.mark.parametrize(
    ("size_bytes", "parallel", "segments"),
    [(0, 32, 1), (8 * MIB, 32, 1), (81 * MIB, 32, 11), (10**12, 32, 128), (10**12, 1, 1)],
)
def test_segments_follow_the_size(size_bytes: int, parallel: int, segments: int) -> None:
    assert segments_of_size(size_bytes, parallel) == segments


def test_a_sample_reads_as_many_items_as_asked_for_each_with_about_the_same_chance() -> None:
    simulation = filled(2000)
    seen: Counter[str] = Counter()
    for seed in range(200):
        sample = sample_of(2000, 100, random.Random(seed))
        report = Report("scan")
        job = PageJob(
            "Scan",
            {"TableName": TABLE},
            sample.chains,
            report,
            Pacing(random.Random(1), 1e9, 4),
            limit=100,
            read_max=100,
        )
        simulation.run(job, ())
        assert 100 <= report.read <= 180
        assert report.found == 100
        assert report.calls < 120
        seen.update(item["PK"]["S"] for page in job.take_pages() for item in page.items)
    assert len(seen) > 1950, "with 1 in 20 and 200 samples hardly an item was never there"
    assert max(seen.values()) < 40


def test_a_sample_of_more_than_there_is_reads_everything() -> None:
    sample = sample_of(10, 100, random.Random(1))
    assert [each.members for each in sample.chains] == [{}]
