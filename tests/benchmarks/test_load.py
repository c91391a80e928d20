"""The generator must count right: a wrong answer that counts would flatter a server."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from benchmarks.load import wire
from benchmarks.load.generator import Load, LoadResult, run_load
from benchmarks.load.null_server import NullServer
from benchmarks.load.verdicts import Expectation
from benchmarks.load.workloads import WORKLOADS, Workload

SECONDS_MAX = 1.0
GOOD = wire.answer(b'{"UnprocessedItems": {}}')
GOOD_COMPACT = wire.answer(b'{"UnprocessedItems":{},"ConsumedCapacity":[]}')
GOOD_CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b'18\r\n{"UnprocessedItems": {}}\r\n0\r\n\r\n'
)
LEFTOVER = wire.answer(b'{"UnprocessedItems": {"bench": [{"PutRequest": {}}]}}')
UNNAMED = wire.answer(b"{}")
ERROR = wire.answer(b'{"__type": "ValidationException"}', "400 Bad Request")


@contextmanager
def null_server(answers: Sequence[bytes]) -> Iterator[NullServer]:
    server = NullServer(answers)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(SECONDS_MAX)


def load_of(answers: Sequence[bytes], expectation: Expectation, answers_max: int) -> LoadResult:
    requests = WORKLOADS["put_item"].requests(100, 0)
    with null_server(answers) as server:
        return run_load(
            Load(
                port=server.port,
                requests=requests,
                connections=1,
                seconds=SECONDS_MAX,
                expectation=expectation,
                answers_max=answers_max,
            )
        )


def test_each_kind_of_answer_is_counted_apart() -> None:
    answers = [GOOD, ERROR, GOOD_COMPACT, LEFTOVER, GOOD_CHUNKED, UNNAMED]
    result = load_of(answers, Expectation("UnprocessedItems"), answers_max=60)
    assert (result.ok, result.errors, result.leftovers, result.short) == (30, 10, 20, 0)
    assert result.first_bad_answer.startswith("ERROR: HTTP/1.1 400")


def test_an_answer_without_its_items_does_not_count() -> None:
    result = load_of([wire.answer(b"{}")], Expectation(None, body_bytes_min=250), answers_max=10)
    assert (result.ok, result.short) == (0, 10)


def test_a_server_that_closes_is_reconnected_to() -> None:
    closing = GOOD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    result = load_of([closing], Expectation("UnprocessedItems"), answers_max=10)
    assert (result.ok, result.reconnects) == (10, 10)


def test_requests_sent_again_are_told() -> None:
    result = load_of([GOOD], Expectation("UnprocessedItems"), answers_max=150)
    assert result.requests_reused >= 50
    assert 0 < result.p50_ms <= result.p99_ms


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=WORKLOADS.keys())
def test_the_null_answer_of_a_workload_counts(workload: Workload) -> None:
    answer = wire.answer(workload.null_answer())
    result = load_of([answer], workload.expectation, answers_max=20)
    assert result.ok == 20


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=WORKLOADS.keys())
def test_a_stamped_request_is_whole(workload: Workload) -> None:
    """Head and body agree on the length, and no placeholder is left."""
    [request] = wire.stamped(workload.requests(1_000, 0)[:1], wire.table_name(7))
    head, _, body = request.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"bench-000007" in body
    assert b"@" not in body
