"""The batch engine against a server that is not ours: moto, over HTTP.

Whatever the two agree on by mistake inside this repository, a stranger would not agree on.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal

import boto3
import pytest

import pannier
from pannier import Connection, Operation, Report

TABLE = "foreign"
_START_S_MAX = 20.0


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A `moto_server` on a free loopback port, ended by its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    deadline_s = time.monotonic() + _START_S_MAX
    while time.monotonic() < deadline_s:
        assert server.poll() is None, "moto_server ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("moto_server does not answer")


@pytest.fixture
def db(url: str) -> Iterator[Connection]:
    """A connection, and a fresh table for the test."""
    with pannier.connect(url) as connection:
        connection.call(
            "CreateTable",
            {
                "TableName": TABLE,
                "KeySchema": [
                    {"AttributeName": "PK", "KeyType": "HASH"},
                    {"AttributeName": "SK", "KeyType": "RANGE"},
                ],
                "AttributeDefinitions": [
                    {"AttributeName": "PK", "AttributeType": "S"},
                    {"AttributeName": "SK", "AttributeType": "N"},
                ],
                "BillingMode": "PAY_PER_REQUEST",
            },
        )
        yield connection
        connection.call("DeleteTable", {"TableName": TABLE})


def item(number: int, version: int = 1) -> dict[str, object]:
    return {
        "PK": f"p{number % 10}",
        "SK": number,
        "name": f"item {number}",  # a reserved word
        "version": version,
        "price": Decimal("9.99"),
        "raw": b"\0\xff",
    }


def key(number: int) -> dict[str, object]:
    return {"PK": f"p{number % 10}", "SK": number}


def put(number: int, version: int) -> Operation:
    attributes = {
        "PK": {"S": f"p{number % 10}"},
        "SK": {"N": str(number)},
        "name": {"S": f"item {number}"},
        "version": {"N": str(version)},
    }
    return Operation.put(TABLE, attributes)


def delete(number: int) -> Operation:
    return Operation.delete(TABLE, {"PK": {"S": f"p{number % 10}"}, "SK": {"N": str(number)}})


def test_a_thousand_operations_and_back(db: Connection) -> None:
    """1,000 puts; then one in ten again, one in ten deleted, all of it in one stream."""
    operations = [put(number, 1) for number in range(1000)]
    operations += [put(number, 2) for number in range(0, 1000, 10)]
    operations += [delete(number) for number in range(5, 1000, 10)]
    written = db.write(operations)
    assert written.ok
    assert written.balanced
    assert written.read == 1200
    assert written.written + written.deleted + written.superseded == 1200
    assert written.deleted == 100

    reports: list[Report] = []
    keys = [pannier.Key(TABLE, each.attributes) for each in map(delete, range(1100))]
    projection = pannier.Projection("#n, version", {"#n": "name"})
    options = pannier.batch.read.TableOptions(projection)
    found = list(db.find(keys, default=options, report=reports.append))
    (read,) = reports
    assert read.ok
    assert read.balanced
    assert (read.read, read.found, read.missing) == (1100, 900, 200)
    assert read.calls == 11
    for each in found:
        number = int(each.key["SK"]["N"])
        if number >= 1000 or number % 10 == 5:
            assert each.item is None
        else:
            version = "2" if number % 10 == 0 else "1"
            assert each.item == {"name": {"S": f"item {number}"}, "version": {"N": version}}


def test_plain_items_come_back_as_they_were(db: Connection) -> None:
    assert db.write(map(item, range(130)), TABLE).calls == 6
    read = sorted(db.read(map(key, range(140)), TABLE), key=lambda each: int(each["SK"]))
    assert read == [item(number) for number in range(130)]
    (projected,) = db.read([key(7)], TABLE, projection="name")
    assert projected == {"name": "item 7"}


def test_a_bad_item_is_found_and_the_others_are_written(db: Connection) -> None:
    report = db.write([item(1), {"PK": "no sort key"}, item(2)], TABLE)
    assert (report.written, report.failed) == (2, 1)
    assert len(list(db.read([key(1), key(2)], TABLE))) == 2


def test_an_unknown_table_is_the_services_error(db: Connection) -> None:
    with pytest.raises(pannier.CallError) as caught:
        db.write([item(1)], "nowhere")
    assert caught.value.code == "ResourceNotFoundException"


def test_a_client_of_boto3_reaches_the_same_table(db: Connection, url: str) -> None:
    client = boto3.client("dynamodb", endpoint_url=url, region_name="us-east-1")
    with pannier.connect(client) as other:
        assert other.write(map(item, range(60)), TABLE).written == 60
        assert other.tables() == [TABLE]
    assert len(list(db.read(map(key, range(60)), TABLE))) == 60
    client.close()
