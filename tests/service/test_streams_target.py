"""The target header tells DynamoDB from DynamoDB Streams: two APIs at one address."""

import orjson
import pytest

from pannier.engine.database import Database
from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.json_api import JsonApi


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"DynamoDB_20120810.ListTables", 200),
        (b"DynamoDBStreams_20120810.ListStreams", 200),
        (b"DynamoDB_20120810.ListStreams", 400),
        (b"DynamoDBStreams_20120810.ListTables", 400),
        (b"DynamoDBStreams_20120810.Nothing", 400),
        (b"DynamoDBStreams_20120810.", 400),
        (b"DynamoDBStreams.ListStreams", 400),
    ],
)
def test_each_api_has_its_own_operations(target: bytes, status: int) -> None:
    """What the other API has is an unknown operation, as in DynamoDB Local."""
    headers = {
        b"x-amz-target": target,
        b"x-amz-date": b"20270115T080000Z",
        b"authorization": b"AWS4-HMAC-SHA256 Credential=c, SignedHeaders=h, Signature=s",
    }
    answers: list[HttpResponse] = []
    with Database.in_memory() as database:
        JsonApi(database).handle(_request(headers), answers.append)
    (answer,) = answers
    assert answer.status == status
    if status == 400:
        assert orjson.loads(answer.body)["__type"].endswith("#UnknownOperationException")


def _request(headers: dict[bytes, bytes]) -> HttpRequest:
    return HttpRequest(b"POST", b"/", headers, b"{}")
