"""What an answer means for a batch."""

import orjson
import pytest

from pannier.batch.retrying import Verdict, judge
from pannier.batch.target import Reply


def reply(status: int, code: str | None = None, message: str | None = None) -> Reply:
    body = {"__type": code} if code is not None else {}
    return Reply(status, orjson.dumps(body | ({"message": message} if message else {})))


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Reply(200, b"{}"), Verdict.DONE),
        (reply(400, "ProvisionedThroughputExceededException"), Verdict.THROTTLED),
        (reply(400, "ThrottlingException"), Verdict.THROTTLED),
        (reply(400, "RequestLimitExceeded"), Verdict.THROTTLED),
        (reply(503, "ThrottlingException"), Verdict.THROTTLED),
        (reply(400, "ValidationException"), Verdict.REFUSED),
        (reply(400, "SerializationException"), Verdict.REFUSED),
        (reply(400, "ItemCollectionSizeLimitExceededException"), Verdict.REFUSED),
        (Reply(413, b""), Verdict.REFUSED),
        (reply(400, "SlowDown"), Verdict.THROTTLED),
        (Reply(429, b""), Verdict.THROTTLED),
        (reply(500, "InternalServerError"), Verdict.UNKNOWN),
        (Reply(503, b"<html>busy</html>"), Verdict.UNKNOWN),
        (Reply(502, b""), Verdict.UNKNOWN),
        (Reply(200, b"<html>a proxy's page</html>"), Verdict.UNKNOWN),
        (Reply(200, b"[]"), Verdict.UNKNOWN),
        (reply(400, "ExpiredTokenException"), Verdict.AGAIN),
        (reply(403, "ExpiredToken"), Verdict.AGAIN),
        (reply(400, "InvalidSignatureException", "Signature expired: 2026 ..."), Verdict.AGAIN),
        (reply(400, "InvalidSignatureException", "does not match"), Verdict.HOPELESS),
        (Reply(408, b""), Verdict.AGAIN),
        (reply(400, "ResourceNotFoundException"), Verdict.HOPELESS),
        (reply(400, "AccessDeniedException"), Verdict.HOPELESS),
        (reply(400, "UnrecognizedClientException"), Verdict.HOPELESS),
        (Reply(403, b""), Verdict.HOPELESS),
        (Reply(404, b"<html>"), Verdict.HOPELESS),
        (Reply(400, b"null"), Verdict.HOPELESS),
    ],
)
def test_an_answer_has_its_verdict(answer: Reply, verdict: Verdict) -> None:
    assert judge(answer).verdict is verdict


@pytest.mark.parametrize(
    "prefix",
    ["", "com.amazonaws.dynamodb.v20120810#", "com.amazon.coral.validate#", "smithy.example#"],
)
def test_the_name_of_an_error_counts_whatever_stands_before_it(prefix: str) -> None:
    judgement = judge(reply(400, prefix + "ThrottlingException", "Slow down"))
    assert judgement.verdict is Verdict.THROTTLED
    assert judgement.reason == "ThrottlingException: Slow down"


def test_the_reason_is_in_the_words_of_the_service() -> None:
    assert judge(reply(400, "ValidationException")).reason == "ValidationException"
    upper = Reply(400, orjson.dumps({"__type": "a#SerializationException", "Message": "Bad JSON"}))
    assert judge(upper).reason == "SerializationException: Bad JSON"
    assert judge(Reply(502, b"")).reason == "HTTP 502"


def test_the_answer_of_a_good_call_comes_decoded() -> None:
    assert judge(Reply(200, b'{"UnprocessedItems":{}}')).body == {"UnprocessedItems": {}}


def test_expired_credentials_are_told_from_wrong_ones() -> None:
    """Fresh ones may help the former; nothing helps the latter."""
    assert judge(reply(400, "ExpiredTokenException", "expired")).has_expired
    assert not judge(reply(400, "UnrecognizedClientException")).has_expired
    assert not judge(reply(400, "ThrottlingException")).has_expired


@pytest.mark.parametrize("field", ["ThrottlingReasons", "throttlingReasons"])
def test_an_exception_for_throttling_says_which_tables_it_means(field: str) -> None:
    """The two exceptions spell the field differently; indexes are named with their tables."""
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/"
    reasons = [
        {"reason": "TableWriteProvisionedThroughputExceeded", "resource": arn + "shop"},
        {"reason": "IndexWriteProvisionedThroughputExceeded", "resource": arn + "stock/index/GSI1"},
        {"reason": "something new"},
        "nonsense",
    ]
    body = {"__type": "ThrottlingException", field: reasons}
    assert judge(Reply(400, orjson.dumps(body))).tables == {"shop", "stock"}


def test_an_exception_that_names_no_table_is_no_mistake() -> None:
    assert judge(reply(400, "ThrottlingException")).tables == frozenset()
