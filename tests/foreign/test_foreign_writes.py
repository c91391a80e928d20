"""Writes, deletes and their order, on servers that are not ours.

Whatever the two sides agree on by mistake inside this repository, a stranger would not agree on.
"""

import boto3
import pytest

import pannier
from pannier import Connection, Failure, Options
from tests.foreign.endpoints import POISONS, Endpoint
from tests.foreign.shop import TABLE, applied, create, item, key, keys, mixed, state_of


def test_thousands_of_operations_end_as_if_applied_in_order(db: Connection) -> None:
    """3,000 puts and deletes on 1,200 keys: each key ends as its last operation says."""
    operations = mixed(3000, 1200)
    report = db.write(operations)
    assert report.ok
    assert report.balanced
    assert report.read == 3000
    sent = report.written + report.deleted
    assert report.superseded == 3000 - sent > 0
    assert state_of(db) == applied(operations)


def test_no_call_is_made_that_could_have_been_spared(db: Connection) -> None:
    report = db.write(map(item, range(2010)), TABLE)
    assert (report.written, report.calls, report.retries) == (2010, 81, 0)
    assert state_of(db) == dict.fromkeys(range(2010), 1)


def test_every_write_is_sent_in_order(db: Connection) -> None:
    """All operations on a key, one after another, while other keys go on beside it."""
    operations = mixed(1000, 40)
    report = db.write(operations, options=Options(every_write=True, parallel=8))
    assert report.ok
    assert report.balanced
    assert (report.superseded, report.written + report.deleted) == (0, 1000)
    assert state_of(db) == applied(operations)


@pytest.mark.parametrize("poison", POISONS)
def test_a_poisoned_item_is_found_and_the_others_are_written(
    db: Connection, endpoint: Endpoint, poison: str
) -> None:
    """The client can't know that an index forbids the item; the service refuses its whole batch."""
    items = [item(number) for number in range(60)]
    items[17]["group"] = POISONS[poison]
    failures: list[Failure] = []
    report = db.write(items, TABLE, on_failure=failures.append)
    assert report.balanced
    if poison in endpoint.accepts:
        assert (report.written, report.failed, report.calls) == (60, 0, 3)
        return
    assert (report.written, report.failed) == (59, 1)
    (failure,) = failures
    assert failure.origin.position == 18
    assert failure.attributes["SK"] == {"N": "17"}
    assert failure.reason.startswith("ValidationException: One or more parameter values")
    assert sorted(state_of(db)) == [number for number in range(60) if number != 17]


def test_what_can_be_known_before_is_not_sent(db: Connection) -> None:
    items = [item(1), {"PK": "no sort key"}, item(2, note="x" * 500_000), item(3)]
    report = db.write(items, TABLE)
    assert (report.written, report.failed, report.calls, report.calls_failed) == (2, 2, 1, 0)
    assert sorted(state_of(db)) == [1, 3]


def test_deletes_by_key_and_by_item(db: Connection) -> None:
    assert db.write(map(item, range(130)), TABLE).calls == 6
    report = db.delete(
        [*map(key, range(50)), *map(item, range(50, 90)), *map(key, range(10))], TABLE
    )
    assert (report.deleted, report.superseded, report.calls) == (90, 10, 4)
    assert sorted(state_of(db)) == list(range(90, 130))
    again = db.delete(map(key, range(50)), TABLE)  # what is not there is deleted, too
    assert (again.deleted, again.failed) == (50, 0)


def test_a_writer_writes_what_it_was_given_though_its_block_breaks(db: Connection) -> None:
    def broken() -> None:
        with db.writer(TABLE) as writer:
            for number in range(57):
                writer.put(item(number))
            writer.delete(key(3))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert sorted(state_of(db)) == [number for number in range(57) if number != 3]


def test_an_unknown_table_is_the_services_error(db: Connection) -> None:
    with pytest.raises(pannier.CallError) as caught:
        db.write([item(1)], "nowhere")
    assert caught.value.code == "ResourceNotFoundException"


def test_a_client_of_boto3_reaches_the_same_table(db: Connection, url: str) -> None:
    client = boto3.client("dynamodb", endpoint_url=url, region_name="us-east-1")
    with pannier.connect(client) as other:
        assert other.write(map(item, range(60)), TABLE).written == 60
        assert other.tables() == [TABLE]
        found = [each.item for each in other.find(keys(range(70))) if each.item is not None]
    assert len(found) == len(state_of(db)) == 60
    client.close()


def test_a_table_on_demand(url: str) -> None:
    with pannier.connect(url) as db, create(db, on_demand=True):
        assert db.write(map(item, range(60)), TABLE).written == 60
        with pytest.raises(pannier.UserError, match="on demand"):
            db.write([item(1)], TABLE, options=Options(write_units="50%"))
