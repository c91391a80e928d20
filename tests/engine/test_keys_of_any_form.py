"""Where a key or an item should be, anything may be: it is refused, and never breaks the engine.

The quick ways of the batch operations take a request for good; what they stumble over has to lead
to the checks that know what is wrong. The first of these was found by the fuzzer.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from pannier.engine.database import Database
from tests.engine.reference import call

GOOD = {"PK": {"S": "a"}, "SK": {"N": "1"}}
FORMS: list[Any] = [
    [True], [True, True], "ab", "a", [], [{}], [["PK", {"S": "a"}]], 5, None, True,
    {"PK": [True]}, {"PK": ["S"]}, {"PK": "S"}, {"PK": None}, {"PK": {"S": ["a"]}},
]  # fmt: skip
SCHEMAS = {"numbers": {"PK": "S", "SK": "N"}, "texts": {"PK": "S", "SK": "S"}, "alone": {"PK": "S"}}


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with Database.in_memory() as opened:
        for name, kinds in SCHEMAS.items():
            call(
                opened,
                "CreateTable",
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[
                    {"AttributeName": each, "AttributeType": kind} for each, kind in kinds.items()
                ],
                KeySchema=[
                    {"AttributeName": each, "KeyType": role}
                    for each, role in zip(kinds, ("HASH", "RANGE"), strict=False)
                ],
            )
        yield opened


def requests(table: str, form: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for keys in ([form], [GOOD, form], [form, GOOD]):
        yield "BatchGetItem", {"RequestItems": {table: {"Keys": keys}}}
    yield "BatchGetItem", {"RequestItems": {table: {"Keys": form}}}
    yield "BatchGetItem", {"RequestItems": {table: form}}
    yield "BatchGetItem", {"RequestItems": form}
    for write in ({"DeleteRequest": {"Key": form}}, {"PutRequest": {"Item": form}}, form):
        yield "BatchWriteItem", {"RequestItems": {table: [write]}}
    yield "BatchWriteItem", {"RequestItems": {table: form}}
    yield "BatchWriteItem", {"RequestItems": form}
    yield "PutItem", {"TableName": table, "Item": form}
    for operation in ("GetItem", "DeleteItem", "UpdateItem"):
        yield operation, {"TableName": table, "Key": form}
    yield "Scan", {"TableName": table, "ExclusiveStartKey": form}
    yield "Query", {"TableName": table, "ExclusiveStartKey": form}
    yield "TransactGetItems", {"TransactItems": [{"Get": {"TableName": table, "Key": form}}]}
    yield "TransactWriteItems", {"TransactItems": [{"Delete": {"TableName": table, "Key": form}}]}


@pytest.mark.parametrize("form", FORMS, ids=json.dumps)
@pytest.mark.parametrize("table", SCHEMAS)
def test_what_is_no_key_is_refused(database: Database, table: str, form: Any) -> None:
    for operation, request in requests(table, form):
        answer = database.submit(operation, json.dumps(request).encode())
        assert answer.status in (200, 400), (operation, request, answer.body)
