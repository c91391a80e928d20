"""Scan, query and delete of the library, both ways to use it."""

import asyncio
from itertools import islice

import pytest

from pannier.batch.options import Options
from pannier.batch.report import Report
from pannier.errors import UserError
from pannier.library.connecting import connect_async
from pannier.library.connection import Connection
from pannier.library.outcomes import ScanError
from tests.library.shop import CREATE, item, key, shop


def fill(db: Connection, count: int) -> None:
    db.write((item(number, even=number % 2 == 0) for number in range(count)), "shop")


def test_a_scan_gives_all_items_as_plain_python() -> None:
    with shop() as db:
        fill(db, 500)
        found = sorted(db.scan("shop"), key=lambda each: each["SK"])
        assert found == [item(number, even=number % 2 == 0) for number in range(500)]


@pytest.mark.parametrize("segments", [None, 1, 7])
def test_filters_projections_and_segments(segments: int | None) -> None:
    with shop() as db:
        fill(db, 300)
        reports: list[Report] = []
        found = db.scan(
            "shop",
            filter="even = :yes AND #n <> :name",
            values={":yes": True, ":name": "item 4"},
            names={"#n": "name"},
            projection="SK, name",
            segments=segments,
            report=reports.append,
        )
        assert sorted(each["SK"] for each in found) == [
            each for each in range(0, 300, 2) if each != 4
        ]
        (report,) = reports
        assert (report.read, report.found, report.skipped) == (300, 149, 151)
        assert report.units.read_total > 0


def test_reserved_words_in_filters_stand_for_themselves() -> None:
    with shop() as db:
        fill(db, 30)
        found = db.scan(
            "shop", filter="name = :name OR size(name) < :n", values={":name": "item 4", ":n": 0}
        )
        assert [each["SK"] for each in found] == [4]


def test_a_query_is_in_order_forward_and_backward() -> None:
    with shop() as db:
        fill(db, 300)
        shop_table = db.table("shop")
        condition = "PK = :pk AND SK BETWEEN :low AND :high"
        values = {":pk": "p3", ":low": 50, ":high": 120}
        expected = [number for number in range(50, 121) if number % 7 == 3]
        assert [each["SK"] for each in shop_table.query(condition, values)] == expected
        found = shop_table.query(condition, values, backward=True, limit=3)
        assert [each["SK"] for each in found] == expected[:-4:-1]


def test_a_limit_ends_early() -> None:
    with shop() as db:
        fill(db, 300)
        assert len(list(db.scan("shop", limit=17))) == 17


def test_whoever_has_enough_may_leave() -> None:
    with shop() as db:
        fill(db, 300)
        assert len(list(islice(db.scan("shop"), 3))) == 3
        assert len(list(db.table("shop").scan())) == 300


def test_a_refused_request_is_an_error_with_the_service_s_words() -> None:
    with shop() as db:
        fill(db, 3)
        with pytest.raises(ScanError, match="ValidationException") as caught:
            list(db.scan("shop", filter="nonsense"))
        assert caught.value.report.found == 0
        with pytest.raises(UserError, match="#p0 has two meanings"):
            db.scan(
                "shop", filter="#p0 = :a", values={":a": 1}, names={"#p0": "x"}, projection="SK"
            )


def test_a_budget_of_a_share_needs_something_provisioned() -> None:
    with shop() as db, pytest.raises(UserError, match="on demand"):
        list(db.scan("shop", options=Options(read_units="50%")))


def test_items_and_keys_are_deleted() -> None:
    with shop() as db:
        fill(db, 100)
        assert db.delete(map(key, range(60)), "shop").deleted == 60
        assert db.table("shop").delete(item(number) for number in range(60, 99)).deleted == 39
        assert [each["SK"] for each in db.scan("shop")] == [99]


def test_a_key_that_lacks_an_attribute_is_a_failure() -> None:
    with shop() as db:
        fill(db, 2)
        report = db.delete([{"PK": "p0"}, key(1)], "shop")
        assert (report.deleted, report.failed) == (1, 1)
        assert "does not match the schema" in report.failures[0].reason


def test_the_same_with_await() -> None:
    async def work() -> None:
        async with connect_async("memory") as db:
            await db.call("CreateTable", CREATE)
            await db.write(map(item, range(200)), "shop")
            found = [each["SK"] async for each in db.scan("shop", segments=3)]
            assert sorted(found) == list(range(200))
            query = db.query("shop", "PK = :pk", {":pk": "p1"}, limit=4)
            assert [each["SK"] async for each in query] == [1, 8, 15, 22]

            async def some() -> object:
                for number in range(150):
                    yield key(number)

            assert (await db.delete(some(), "shop")).deleted == 150  # type: ignore[arg-type]
            results = [each async for each in db.find(map(key, range(140, 160)), "shop")]
            assert sorted(each.item is None for each in results) == [False] * 10 + [True] * 10
            with pytest.raises(ScanError):
                [each async for each in db.scan("shop", filter="nonsense")]

    asyncio.run(asyncio.wait_for(work(), 60))
