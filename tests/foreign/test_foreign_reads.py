"""Reads by key, scans and queries, on servers that are not ours."""

from decimal import Decimal

import pytest

from pannier import Connection, Options, Projection, ReadError, Report, TableOptions
from tests.foreign.endpoints import Endpoint
from tests.foreign.shop import INDEX, TABLE, item, key, keys


def test_projected_reads_with_repeated_and_missing_keys(db: Connection) -> None:
    """A key that waits already is not asked for again, and answered as often as it was asked."""
    db.write((item(number) for number in range(900) if number % 10 != 5), TABLE)
    asked = sorted([*range(1000), *range(100)])
    reports: list[Report] = []
    projection = TableOptions(Projection("#n, version", {"#n": "name"}), consistent=True)
    found = list(db.find(keys(asked), default=projection, report=reports.append))
    (report,) = reports
    assert report.ok
    assert report.balanced
    assert (report.read, report.found, report.missing) == (1100, 900, 200)
    assert report.calls == 10
    assert sorted(int(each.key["SK"]["N"]) for each in found) == asked
    for each in found:
        number = int(each.key["SK"]["N"])
        if number >= 900 or number % 10 == 5:
            assert each.item is None
        else:
            assert each.item == {"name": {"S": f"item {number}"}, "version": {"N": "1"}}


def test_items_come_back_as_they_were(db: Connection) -> None:
    values = {
        "price": Decimal("9.99"),
        "float": 0.1,
        "raw": b"\0\xff",
        "words": {"a", "b"},
        "numbers": {1, Decimal("2.5")},
        "nothing": None,
        "deep": {"list": [1, True, {"empty": ""}]},
        "many digits": Decimal("1.2345678901234567890123456789012345678"),
    }
    db.write([item(1, **values)], TABLE)
    (back,) = db.read([key(1)], TABLE, consistent=True)
    assert back == item(1, **{**values, "float": Decimal("0.1")})


def test_a_projection_of_paths(db: Connection, endpoint: Endpoint) -> None:
    """All names of a path become placeholders, because any of them may be a reserved word."""
    db.write([item(1, deep={"list": [1, {"name": "inner", "other": 2}]})], TABLE)
    (projected,) = db.read([key(1)], TABLE, projection="name, deep.list")
    assert projected["deep"] == {"list": [1, {"name": "inner", "other": 2}]}
    of_an_element = db.read([key(1)], TABLE, projection="deep.list[1].name")
    if endpoint.takes_indexes_of_placeholders:
        assert list(of_an_element) == [{"deep": {"list": [{"name": "inner"}]}}]
    else:
        with pytest.raises(ReadError, match="unused in expressions"):
            list(of_an_element)


def test_large_items_take_more_calls_but_all_come(db: Connection) -> None:
    """60 items of 300 KB are 18 MB: more than an answer holds."""
    db.write((item(number, note="x" * 300_000) for number in range(60)), TABLE)
    found = list(db.read(map(key, range(60)), TABLE, consistent=True))
    assert sorted(each["SK"] for each in found) == list(range(60))
    assert all(len(each["note"]) == 300_000 for each in found)


def test_a_bad_projection_is_not_taken_for_bad_keys(db: Connection, endpoint: Endpoint) -> None:
    """No key is at fault, so the batch is not taken apart: it ends with one refusal and one
    control, or where the server breaks, when the patience ends."""
    db.write(map(item, range(40)), TABLE)
    projection = Projection("#n..x", {"#n": "name"})
    options = Options(give_up_after_s=1)
    with pytest.raises(ReadError) as caught:
        list(db.read(map(key, range(80)), TABLE, projection=projection, options=options))
    report = caught.value.report
    assert report.failed + report.unresolved == 80
    assert report.stopped.startswith(endpoint.bad_projection)
    if endpoint.bad_projection.startswith("ValidationException"):
        assert report.calls == 2


def test_a_scan_in_segments(db: Connection) -> None:
    db.write((item(number, version=number % 4) for number in range(400)), TABLE)
    for segments in (None, 1, 7):
        found = [each["SK"] for each in db.scan(TABLE, segments=segments)]
        assert sorted(found) == list(range(400))
    reports: list[Report] = []
    found = [
        each["SK"]
        for each in db.scan(
            TABLE, segments=3, filter="version = :v", values={":v": 2}, projection="SK",
            report=reports.append,
        )
    ]  # fmt: skip
    assert sorted(found) == list(range(2, 400, 4))
    assert reports[0].balanced
    assert (reports[0].found, reports[0].skipped) == (100, 300)
    assert len(list(db.scan(TABLE, limit=33))) == 33


def test_queries_in_order(db: Connection) -> None:
    db.write(map(item, range(200)), TABLE)
    under = list(range(3, 200, 10))
    condition = "PK = :pk AND SK BETWEEN :low AND :high"
    values = {":pk": "p3", ":low": 50, ":high": 150}
    assert [each["SK"] for each in db.query(TABLE, "PK = :pk", {":pk": "p3"})] == under
    assert [each["SK"] for each in db.query(TABLE, condition, values)] == under[5:15]
    backward = db.query(TABLE, condition, values, backward=True, limit=4)
    assert [each["SK"] for each in backward] == under[14:10:-1]
    names = {"#g": "group"}
    of_index = db.query(TABLE, "#g = :g", {":g": "g1"}, names=names, index=INDEX)
    assert sorted(each["SK"] for each in of_index) == list(range(1, 200, 3))


def test_a_query_of_many_pages(db: Connection) -> None:
    """30 items of 100 KB under one key are three pages, however the server cuts them."""
    db.write((item(number * 10, note="x" * 100_000) for number in range(30)), TABLE)
    reports: list[Report] = []
    found = [each["SK"] for each in db.query(TABLE, "PK = :p", {":p": "p0"}, report=reports.append)]
    assert found == [number * 10 for number in range(30)]
    assert reports[0].calls >= 3
