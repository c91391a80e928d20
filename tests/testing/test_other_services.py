"""Which service a request is for, whatever its address: what is refused hangs on it."""

import asyncio
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config

from pannier.testing import ManualClock, Pannier, RefusedRequestError
from pannier.testing.other_services import other_service

AWS = "https://dynamodb.eu-west-1.amazonaws.com/"
SCOPE = "AKIA/20261124/eu-west-1/{}/aws4_request"


def signed(service: str) -> dict[str, str]:
    scope = SCOPE.format(service)
    return {
        "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    }


@pytest.mark.parametrize(
    ("url", "headers", "service"),
    [
        (AWS, signed("dynamodb"), None),
        ("http://localhost:8000/", signed("dynamodb"), None),
        ("https://monitoring.us-east-1.amazonaws.com/", signed("monitoring"), None),
        ("https://s3.amazonaws.com/bucket", signed("s3"), "s3"),
        # The signature has the last word, not the address.
        (AWS, signed("sqs"), "sqs"),
        (AWS, {**signed("kinesis"), "x-amz-target": "DynamoDB_20120810.GetItem"}, "kinesis"),
        # Any sign may be in a key that somebody made up.
        (AWS, {"authorization": signed("dynamodb")["authorization"].replace("AKIA", "A+=x")}, None),
        # Signed in the query, as a browser is given it.
        (f"{AWS}?X-Amz-Credential=AKIA%2F20261124%2Feu-west-1%2Fdynamodb%2Faws4_request", {}, None),
        ("https://s3.aws/?X-Amz-Credential=A%2F20261124%2Fr%2Fs3%2Faws4_request&X=1", {}, "s3"),
        # Not signed: the target or the path says it.
        (AWS, {"x-amz-target": "DynamoDB_20120810.GetItem"}, None),
        (AWS, {"x-amz-target": "DynamoDBStreams_20120810.ListStreams"}, None),
        (AWS, {"x-amz-target": "Kinesis_20131202.PutRecord"}, "dynamodb.eu-west-1.amazonaws.com"),
        ("https://m.aws/service/GraniteServiceVersion20100801/operation/ListMetrics", {}, None),
        ("http://169.254.169.254/latest/meta-data/", {}, "169.254.169.254"),
    ],
)  # fmt: skip
def test_the_service_of_a_request(url: str, headers: dict[str, str], service: str | None) -> None:
    assert other_service(url, headers) == service


def test_what_botocore_signs_is_recognised() -> None:
    """The patterns above are ours; here is what botocore really sends, of every own service."""
    seen: list[str | None] = []

    def look(request: Any, **_: Any) -> Any:
        texts = {
            name.lower(): value.decode() if isinstance(value, bytes) else value
            for name, value in request.headers.items()
        }
        seen.append(other_service(request.url, texts))
        raise ConnectionAbortedError

    config = Config(retries={"total_max_attempts": 1})
    calls = {
        "dynamodb": "list_tables",
        "dynamodbstreams": "list_streams",
        "cloudwatch": "list_metrics",
        "s3": "list_buckets",
        "sns": "list_topics",
    }
    for service, call in calls.items():
        client = boto3.client(service, region_name="us-east-1", config=config)
        client.meta.events.register("before-send", look)
        with pytest.raises(ConnectionAbortedError):
            getattr(client, call)()
    assert seen == [None, None, None, "s3", "sns"]


def test_asynchronous_sessions_are_led_to_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for aiobotocore, which can't be installed beside this botocore."""
    sent: list[str] = []

    class Session:
        async def send(self, request: Any) -> str:
            sent.append(request.url)
            return "answered"

    package, module = ModuleType("aiobotocore"), ModuleType("aiobotocore.httpsession")
    endpoint: Any = ModuleType("aiobotocore.endpoint")
    endpoint.asyncio = asyncio
    module.AIOHTTPSession = Session  # type: ignore[attr-defined]
    for each in (package, module, endpoint):
        monkeypatch.setitem(sys.modules, each.__name__, each)

    async def send(url: str, headers: dict[str, str]) -> Any:
        return await Session().send(SimpleNamespace(url=url, headers=headers))  # type: ignore[arg-type]

    original = Session.send
    clock = ManualClock()
    with Pannier(clock=clock) as pannier:
        with pannier.patch():
            assert asyncio.run(send(f"{AWS}path?query=1", signed("dynamodb"))) == "answered"
            assert sent == [f"{pannier.url}/path?query=1"]
            for url in ("https://s3.amazonaws.com/", f"{pannier.url}/"):
                with pytest.raises(RefusedRequestError, match="a request to s3"):
                    asyncio.run(send(url, signed("s3")))
            asyncio.run(send("http://localhost:9000/", signed("s3")))
            assert sent[1:] == ["http://localhost:9000/"]
            began_s = clock()
            asyncio.run(endpoint.asyncio.sleep(30))  # its backoff
            assert clock() - began_s == 30
        assert Session.send is original
        assert endpoint.asyncio is asyncio
