"""What is shown, or all of it, as a file."""

import json
from pathlib import Path

import pytest

from pannier.console.pages.explore.exporting import FORMATS, Export
from pannier.errors import UserError
from pannier.library.aio import AsyncConnection
from pannier.library.outcomes import ScanError
from pannier.model.attribute_value import Item
from tests.console.explore_tables import with_shop

ITEMS: list[Item] = [{"PK": {"S": f"a{n}"}, "n": {"N": "1.10"}, "s": {"SS": ["x"]}} for n in (1, 2)]


def test_the_items_of_a_page_are_written_in_each_format(tmp_path: Path) -> None:
    async def use(_: AsyncConnection) -> None:
        for each in FORMATS:
            export = Export(tmp_path / f"items{each.ending}", each.name)
            await export.items(ITEMS)
            assert export.count == 2

    with_shop(0, use)
    lines = (tmp_path / "items.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == ITEMS
    assert (tmp_path / "items.plain.jsonl").read_text().splitlines()[0] == (
        '{"PK":"a1","n":1.1,"s":["x"]}'
    )
    assert (tmp_path / "items.csv").read_text().splitlines()[0].startswith("PK:S,n:N,s:SS")


def test_all_pages_are_written_up_to_a_limit(tmp_path: Path) -> None:
    seen: list[int] = []

    async def use(db: AsyncConnection) -> None:
        request = {"TableName": "shop"}
        for limit in (1000, 7):
            export = Export(tmp_path / f"{limit}.jsonl", "dynamodb")
            whole = await export.pages(
                db, "Scan", request, limit, lambda report: seen.append(report.read)
            )
            assert whole

    with_shop(300, use)
    assert len((tmp_path / "1000.jsonl").read_text().splitlines()) == 300
    assert len((tmp_path / "7.jsonl").read_text().splitlines()) == 7
    assert seen


def test_a_cancelled_export_leaves_nothing(tmp_path: Path) -> None:
    async def use(db: AsyncConnection) -> None:
        export = Export(tmp_path / "a.jsonl", "dynamodb")
        whole = await export.pages(
            db, "Scan", {"TableName": "shop", "Limit": 10}, 1000, lambda _: export.cancel()
        )
        assert not whole

    with_shop(300, use)
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_breaks_leaves_nothing_and_says_why(tmp_path: Path) -> None:
    async def use(db: AsyncConnection) -> None:
        export = Export(tmp_path / "a.csv", "csv")
        request = {"TableName": "shop", "FilterExpression": "a = :a"}
        with pytest.raises(ScanError, match="ValidationException"):
            await export.pages(db, "Scan", request, 1000, lambda _: None)
        with pytest.raises(UserError):
            await Export(tmp_path / "none" / "a.csv", "csv").items(ITEMS)

    with_shop(30, use)
    assert list(tmp_path.iterdir()) == []
