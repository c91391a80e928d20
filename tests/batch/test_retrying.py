"""What an answer means for a batch, and how long to wait before the next attempt."""

import random

import orjson
import pytest

from pannier.batch.retrying import Backoff, Verdict, judge
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
        (reply(500, "InternalServerError"), Verdict.AGAIN),
        (Reply(503, b"<html>busy</html>"), Verdict.AGAIN),
        (Reply(502, b""), Verdict.AGAIN),
        (Reply(200, b"<html>a proxy's page</html>"), Verdict.AGAIN),
        (Reply(200, b"[]"), Verdict.AGAIN),
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


def test_waits_grow_from_50_milliseconds_to_20_seconds() -> None:
    """AWS's advice: 50, 100, 200 ms ... A generator that always draws the most shows the bounds."""

    class Most(random.Random):
        def uniform(self, a: float, b: float) -> float:
            return b

    backoff = Backoff(Most())
    bounds = [backoff.trouble() for _ in range(30)]
    assert bounds[:4] == pytest.approx([0.05, 0.1, 0.2, 0.4])
    assert bounds == sorted(bounds)
    assert bounds[-1] == 20.0


def test_jitter_is_full_between_nothing_and_the_bound() -> None:
    """Clients that were throttled together must not come back together."""
    delays = []
    for seed in range(300):
        backoff = Backoff(random.Random(seed))
        delays.append([backoff.trouble() for _ in range(5)][-1])
    assert 0 <= min(delays) < 0.08
    assert 0.72 < max(delays) <= 0.8
    assert 0.3 < sum(delays) / len(delays) < 0.5


def test_a_seed_makes_the_waits_reproducible() -> None:
    first, second = Backoff(random.Random(7)), Backoff(random.Random(7))
    assert [first.trouble() for _ in range(9)] == [second.trouble() for _ in range(9)]


def test_a_clean_answer_ends_the_growth() -> None:
    backoff = Backoff(random.Random(1))
    for _ in range(12):
        backoff.trouble()
    backoff.success()
    assert backoff.trouble() <= 0.05


def test_the_wait_that_the_service_asks_for_is_honoured() -> None:
    assert Backoff(random.Random(1)).trouble(2.5) == 2.5
    assert Backoff(random.Random(1)).trouble(0.0) <= 0.05


@pytest.mark.parametrize("asked_s", [float("inf"), float("nan"), -1.0, 1e12])
def test_a_senseless_wait_is_bounded(asked_s: float) -> None:
    """A header comes from outside; it must not stop a job for ever."""
    assert 0 <= Backoff(random.Random(1)).trouble(asked_s) <= 300
