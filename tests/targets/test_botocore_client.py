"""A botocore client as a target: its values, its errors, its operations.

botocore takes and gives binaries as bytes where the API's JSON has base64, and says by the class of
an exception how a call broke.
"""

import asyncio
import datetime
from base64 import b64encode
from typing import Any, ClassVar

import boto3
import orjson
import pytest
from botocore import exceptions
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.batch.retrying import Verdict, judge
from pannier.batch.target import OutcomeUnknownError, Reply, TargetUnreachableError
from pannier.targets.botocore_client import BotocoreTarget, from_client, to_client


class Meta:
    endpoint_url = "http://example.test"
    method_to_api_mapping: ClassVar[dict[str, str]] = {
        "batch_write_item": "BatchWriteItem",
        "list_tables": "ListTables",
    }


class Client:
    """A client that gives one answer, or raises it."""

    meta = Meta()

    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self._answer = answer
        self.asked: list[dict[str, Any]] = []

    def list_tables(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        if isinstance(self._answer, Exception):
            raise self._answer
        return dict(self._answer)

    batch_write_item = list_tables


def sent(client: Any, operation: str = "ListTables", body: bytes = b"{}") -> Reply:
    return asyncio.run(BotocoreTarget(client).send(operation, body))


# Values


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.fixed_dictionaries({"S": st.text(max_size=5)}),
        st.fixed_dictionaries({"N": st.integers(0, 99).map(str)}),
        st.fixed_dictionaries({"B": st.binary(max_size=5)}),
        st.fixed_dictionaries({"BS": st.lists(st.binary(max_size=5), min_size=1, max_size=3)}),
        st.fixed_dictionaries({"SS": st.lists(st.text(max_size=5), min_size=1, max_size=3)}),
        st.fixed_dictionaries({"BOOL": st.booleans()}),
        st.fixed_dictionaries({"NULL": st.just(True)}),
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"L": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries(
            {"M": st.dictionaries(st.sampled_from(["a", "B", "BS", "M", "S"]), inner, max_size=3)}
        ),
    ),
    max_leaves=8,
)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.dictionaries(st.sampled_from(["PK", "B", "BS", "N", "x"]), VALUES, max_size=4))
def test_an_item_of_botocore_comes_through_json_unchanged(item: dict[str, Any]) -> None:
    """Attributes may themselves be called `B` or `BS`."""
    assert to_client(orjson.loads(orjson.dumps(from_client(item)))) == item


def test_bytes_are_base64_in_json() -> None:
    item = {"PK": {"B": b"\0\1"}, "set": {"BS": [b"x", bytearray(b"y")]}}
    shown = {"PK": {"B": "AAE="}, "set": {"BS": ["eA==", "eQ=="]}}
    assert from_client(item) == shown
    assert to_client(shown) == {"PK": {"B": b"\0\1"}, "set": {"BS": [b"x", b"y"]}}


def test_a_request_reaches_the_client_with_bytes_and_the_answer_comes_as_json() -> None:
    client = Client(
        {
            "Item": {"PK": {"B": b"\0"}},
            "When": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
            "ResponseMetadata": {"HTTPStatusCode": 200},
        }
    )
    encoded = b64encode(b"\1").decode()
    reply = sent(client, "BatchWriteItem", orjson.dumps({"Key": {"PK": {"B": encoded}}}))
    assert client.asked == [{"Key": {"PK": {"B": b"\1"}}}]
    answer = orjson.loads(reply.body)
    assert reply.status == 200
    assert answer["Item"] == {"PK": {"B": "AA=="}}
    assert "ResponseMetadata" not in answer


# Errors


def client_error(code: str, status: int | None = 400) -> exceptions.ClientError:
    metadata = {"ResponseMetadata": {"HTTPStatusCode": status}} if status else {}
    return exceptions.ClientError(
        {"Error": {"Code": code, "Message": "words"}, **metadata},  # type: ignore[typeddict-item]
        "ListTables",
    )


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (client_error("ProvisionedThroughputExceededException"), Verdict.THROTTLED),
        (client_error("ThrottlingException"), Verdict.THROTTLED),
        (client_error("ValidationException"), Verdict.REFUSED),
        (client_error("ValidationException", status=None), Verdict.REFUSED),
        (client_error("InternalServerError", 500), Verdict.UNKNOWN),
        (client_error("ResourceNotFoundException"), Verdict.HOPELESS),
        (client_error("ExpiredTokenException"), Verdict.AGAIN),
    ],
)
def test_an_error_of_the_service_is_an_answer(
    error: exceptions.ClientError, verdict: Verdict
) -> None:
    judgement = judge(sent(Client(error)))
    assert judgement.verdict is verdict
    assert judgement.reason == f"{error.response['Error']['Code']}: words"


def test_what_the_client_itself_refuses_is_a_refusal_and_not_worth_waiting_for() -> None:
    """botocore checks parameters before it sends; one bad item must not hold up the batch."""
    error = exceptions.ParamValidationError(report="Invalid type")
    assert judge(sent(Client(error))).verdict is Verdict.REFUSED


URL = {"endpoint_url": "http://example.test"}


@pytest.mark.parametrize(
    "error",
    [
        exceptions.ReadTimeoutError(**URL),
        exceptions.ConnectionClosedError(**URL),
        exceptions.HTTPClientError(error="reset by peer"),
        exceptions.ResponseStreamingError(error="half an answer"),
        exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_broke_after_the_request_leaves_the_outcome_unknown(error: Exception) -> None:
    with pytest.raises(OutcomeUnknownError):
        sent(Client(error))


@pytest.mark.parametrize(
    "error",
    [
        exceptions.EndpointConnectionError(**URL),
        exceptions.ConnectTimeoutError(**URL),
        exceptions.ProxyConnectionError(proxy_url="http://proxy.test"),
        exceptions.NoCredentialsError(),
        exceptions.NoRegionError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_without_a_connection_nothing_was_sent(error: Exception) -> None:
    with pytest.raises(TargetUnreachableError):
        sent(Client(error))


# The client


def test_every_operation_of_a_real_client_can_be_called() -> None:
    client = boto3.client(
        "dynamodb",
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1:1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    methods = BotocoreTarget(client)._methods
    for operation in ("BatchWriteItem", "BatchGetItem", "DeleteItem", "Query", "DescribeLimits"):
        assert callable(getattr(client, methods[operation]))
    client.close()


def test_an_operation_that_does_not_exist_is_an_error_answer() -> None:
    judgement = judge(sent(Client({}), "NoSuchThing"))
    assert judgement.verdict is Verdict.HOPELESS
    assert judgement.reason == "UnknownOperationException"


def test_the_target_is_named_by_its_endpoint_and_leaves_the_client_open() -> None:
    client = Client({})
    target = BotocoreTarget(client)
    assert target.name == "botocore client (http://example.test)"
    asyncio.run(target.close())  # the client has no `close`: calling it would fail
