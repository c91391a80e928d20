"""DynamoDB's API as these tests speak it: raw JSON over HTTP, signed as every SDK signs.

Raw, because boto3 refuses many a wrong request before it is sent, and hides how the answer looked.
Everything here works against any endpoint: Pannier, AWS itself, or another engine.
"""

import http.client
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config

Json = dict[str, Any]
REGION = "us-east-1"


class ApiError(Exception):
    """An error answer: its short type, its text, its HTTP status and the whole body."""

    def __init__(self, status: int, body: Json) -> None:
        self.status = status
        self.body = body
        self.type = body["__type"].rpartition("#")[2]
        self.text = body.get("message", body.get("Message", ""))
        super().__init__(f"{status} {self.type}: {self.text}")


@dataclass(frozen=True)
class Index:
    """A secondary index to create: `Index("gsi", "g:S s:N", ["color"], local=False)`."""

    name: str
    key: str
    projection: str | list[str] = "ALL"
    local: bool = False


@dataclass(eq=False)
class Api:
    """An endpoint."""

    url: str
    tables: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Only AWS itself gets the credentials of whoever runs the tests.
        own = "amazonaws.com" in self.url
        keys = {} if own else {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        self._session = boto3.Session(region_name=REGION, **keys)
        self._signer = SigV4Auth(self._session.get_credentials(), "dynamodb", REGION)
        self._parts = urlsplit(self.url)
        self._connection: http.client.HTTPConnection | None = None

    @cached_property
    def boto3(self) -> Any:
        """The client that most programs use; with one attempt, since a retry hides an answer."""
        config = Config(retries={"total_max_attempts": 1})
        return self._session.client("dynamodb", endpoint_url=self.url, config=config)

    def send(self, operation: str, body: bytes) -> tuple[int, Json, http.client.HTTPMessage]:
        """Send a body as it is; the status, the decoded answer and its headers."""
        headers = {
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
        }
        request = AWSRequest("POST", self.url + "/", data=body, headers=headers)
        self._signer.add_auth(request)
        for attempt in (1, 2):  # a kept connection may have been closed since the last test
            connection = self._connection or self._connect()
            self._connection = connection
            try:
                connection.request("POST", "/", body=body, headers=dict(request.headers.items()))
                response = connection.getresponse()
                return response.status, json.loads(response.read() or b"{}"), response.headers
            except (OSError, http.client.HTTPException):
                connection.close()
                self._connection = None
                if attempt == 2:
                    raise
        raise AssertionError

    def call(self, operation: str, request: Json | None = None, **members: Any) -> Json:
        """Call an operation.

        Raises:
            ApiError: the answer was an error.
        """
        status, body, _ = self.send(operation, json.dumps({**(request or {}), **members}).encode())
        if status != 200:
            raise ApiError(status, body)
        return body

    def error(self, operation: str, request: Json | None = None, **members: Any) -> tuple[str, str]:
        """Call an operation that must fail: the error's type and text."""
        with pytest.raises(ApiError) as caught:
            self.call(operation, request, **members)
        assert caught.value.status == 400, caught.value
        return caught.value.type, caught.value.text

    def validation(self, operation: str, request: Json | None = None, **members: Any) -> str:
        """Call an operation that must answer a ValidationException: its text."""
        kind, text = self.error(operation, request, **members)
        assert kind == "ValidationException", f"{kind}: {text}"
        return text

    def create(self, key: str, *indexes: Index, **members: Any) -> str:
        """Create a table that is deleted after the test, and wait until it is active."""
        name = f"pannier-test-{uuid.uuid4().hex[:12]}"
        self.call("CreateTable", {**table_request(name, key, *indexes), **members})
        self.tables.append(name)
        while self.call("DescribeTable", TableName=name)["Table"]["TableStatus"] != "ACTIVE":
            time.sleep(0.2)
        return name

    def drop_tables(self) -> None:
        """Delete what `create` made."""
        while self.tables:
            self.call("DeleteTable", TableName=self.tables.pop())

    def put(self, table: str, *items: Json) -> None:
        """Put items by BatchWriteItem, as many a call as the limits allow."""
        pending: list[Json] = []
        size = 0
        for item in items:
            item_size = len(json.dumps(item))
            if len(pending) == 25 or size + item_size > 8_000_000:
                self._write(table, pending)
                pending, size = [], 0
            pending.append({"PutRequest": {"Item": item}})
            size += item_size
        if pending:
            self._write(table, pending)

    def count(self, table: str, **members: Any) -> int:
        """How many items a table or index has."""
        members.setdefault("ConsistentRead", "IndexName" not in members)
        pages = self.pages("Scan", TableName=table, Select="COUNT", **members)
        return sum(page["Count"] for page in pages)

    def pages(self, operation: str, **members: Any) -> Iterator[Json]:
        """All pages of a Query or Scan."""
        while True:
            page = self.call(operation, members)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            members["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def items(self, operation: str, **members: Any) -> list[Json]:
        """The items of all pages of a Query or Scan."""
        return [item for page in self.pages(operation, **members) for item in page["Items"]]

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if "boto3" in vars(self):
            self.boto3.close()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> http.client.HTTPConnection:
        secure = self._parts.scheme == "https"
        make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return make(self._parts.netloc, timeout=30)

    def _write(self, table: str, requests: list[Json]) -> None:
        while requests:
            answer = self.call("BatchWriteItem", RequestItems={table: requests})
            requests = answer["UnprocessedItems"].get(table, [])


def table_request(name: str, key: str, *indexes: Index) -> Json:
    """A CreateTable request, on demand: `table_request("t", "p:S s:N")`."""
    types = {}
    for part in (key, *(index.key for index in indexes)):
        types.update(attribute.split(":") for attribute in part.split())
    request: Json = {
        "TableName": name,
        "KeySchema": key_schema(key),
        "AttributeDefinitions": [
            {"AttributeName": attribute, "AttributeType": kind} for attribute, kind in types.items()
        ],
        "BillingMode": "PAY_PER_REQUEST",
    }
    for index in indexes:
        member = "LocalSecondaryIndexes" if index.local else "GlobalSecondaryIndexes"
        request.setdefault(member, []).append(index_request(index))
    return request


def index_request(index: Index) -> Json:
    """An index as CreateTable takes it."""
    projection: Json = {"ProjectionType": index.projection}
    if isinstance(index.projection, list):
        projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": index.projection}
    return {
        "IndexName": index.name,
        "KeySchema": key_schema(index.key),
        "Projection": projection,
    }


def key_schema(key: str) -> list[Json]:
    """`p:S s:N` as a KeySchema."""
    names = [attribute.split(":")[0] for attribute in key.split()]
    return [
        {"AttributeName": name, "KeyType": role}
        for name, role in zip(names, ("HASH", "RANGE"), strict=False)
    ]


def put(item: Json) -> Json:
    """A put of a batch."""
    return {"PutRequest": {"Item": item}}


def delete(key: Json) -> Json:
    """A delete of a batch."""
    return {"DeleteRequest": {"Key": key}}


def texts(items: Sequence[Json], name: str) -> list[str]:
    """One attribute of every item, without its type."""
    return [next(iter(item[name].values())) for item in items]


def sized(size_bytes: int, **attributes: Json) -> Json:
    """An item of exactly that size: names and texts count their UTF-8 bytes (Developer Guide).

    The given attributes must be S; the rest of the size is in the attribute `fill`.
    """
    taken = sum(len(name) + len(value["S"].encode()) for name, value in attributes.items())
    return {**attributes, "fill": {"S": "x" * (size_bytes - taken - len("fill"))}}
