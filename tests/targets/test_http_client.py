"""The HTTP target: what it sends, and what each way to break a connection is called.

The difference between "nothing was sent" and "it may have taken effect" decides what a job may say
about an operation, so every way has its test, against a server of a few lines.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from pannier.batch.target import OutcomeUnknownError, Reply, TargetUnreachableError
from pannier.errors import UserError
from pannier.targets.http_client import HttpTarget
from pannier.targets.signing import Credentials
from tests.targets.small_server import Behaviour, Server, answer, server


def target(url: str, **options: Any) -> HttpTarget:
    return HttpTarget(url, "us-east-1", lambda: Credentials("key", "secret"), **options)


async def sent(behave: Behaviour, **options: Any) -> Reply:
    """The reply to one request to a server that behaves as told."""
    async with server(behave) as seen:
        there = target(seen.url, **options)
        try:
            return await there.send("ListTables", b"{}")
        finally:
            await there.close()


def run(work: Coroutine[Any, Any, Reply]) -> Reply:
    return asyncio.run(asyncio.wait_for(work, 20))


# What is sent


def test_a_request_is_what_the_protocol_asks_for() -> None:
    async def send() -> Server:
        async with server(answer("200 OK")) as seen:
            there = target(seen.url)
            await there.send("BatchWriteItem", b'{"RequestItems":{}}')
            await there.close()
            return seen

    seen = asyncio.run(send())
    line, *headers = seen.heads[0].strip().split("\r\n")
    named = {name.lower(): value for name, _, value in (each.partition(": ") for each in headers)}
    assert line == "POST / HTTP/1.1"
    assert named["host"] == seen.url.removeprefix("http://")
    assert named["x-amz-target"] == "DynamoDB_20120810.BatchWriteItem"
    assert named["content-type"] == "application/x-amz-json-1.0"
    assert named["authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/")
    assert seen.bodies == [b'{"RequestItems":{}}']


def test_connections_stay_open() -> None:
    async def send() -> int:
        async with server(answer("200 OK")) as seen:
            there = target(seen.url)
            for _ in range(5):
                await there.send("ListTables", b"{}")
            await there.close()
            return seen.connections

    assert asyncio.run(send()) == 1


def test_credentials_are_asked_for_each_request() -> None:
    """Temporary ones change while a job runs."""
    keys = iter(["first", "second"])

    async def send() -> list[str]:
        async with server(answer("200 OK")) as seen:
            there = HttpTarget(seen.url, "us-east-1", lambda: Credentials(next(keys), "secret"))
            await there.send("ListTables", b"{}")
            await there.send("ListTables", b"{}")
            await there.close()
            return seen.heads

    first, second = asyncio.run(send())
    assert "Credential=first/" in first
    assert "Credential=second/" in second


# Answers


def test_an_answer_is_handed_on_whatever_its_status() -> None:
    assert run(sent(answer("200 OK", b'{"TableNames":[]}'))) == Reply(200, b'{"TableNames":[]}')
    assert run(sent(answer("400 Bad Request", b"no"))) == Reply(400, b"no")
    assert run(sent(answer("503 Busy", b""))) == Reply(503, b"")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("x-amz-retry-after: 1500", 1.5),
        ("X-Amz-Retry-After: 0", 0.0),
        ("Retry-After: 3", 3.0),
        ("Retry-After: Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("x-amz-retry-after: soon", None),
        ("X-Other: 5", None),
    ],
)
def test_the_wait_that_the_service_asks_for_is_read(header: str, seconds: float | None) -> None:
    assert run(sent(answer("400 Bad Request", b"{}", header))).retry_after_s == seconds


def test_amazons_own_header_comes_first() -> None:
    reply = run(sent(answer("400 Bad", b"{}", "Retry-After: 9", "x-amz-retry-after: 200")))
    assert reply.retry_after_s == 0.2


def test_a_redirect_is_not_followed() -> None:
    """It would carry items and signature to a place that the user did not name."""

    async def send() -> tuple[Reply, int]:
        async with server(answer("200 OK")) as elsewhere:
            redirect = answer("307 Temporary Redirect", b"", f"Location: {elsewhere.url}")
            return await sent(redirect), elsewhere.connections

    reply, connections = asyncio.run(send())
    assert reply.status == 307
    assert connections == 0


# Trouble


async def closed_at_once(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def half_an_answer(writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"Unproc')
    await writer.drain()
    writer.close()


async def no_http(writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")


async def silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize("behave", [closed_at_once, reset, half_an_answer, no_http])
def test_a_connection_that_breaks_after_the_request_leaves_the_outcome_unknown(
    behave: Behaviour,
) -> None:
    with pytest.raises(OutcomeUnknownError, match=r"no answer from http://127.0.0.1"):
        run(sent(behave))


def test_no_answer_in_time_leaves_the_outcome_unknown() -> None:
    with pytest.raises(OutcomeUnknownError, match="time-out"):
        run(sent(silence, answer_s_max=0.05))


def test_an_answer_that_stops_half_way_leaves_the_outcome_unknown() -> None:
    async def stalls(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await writer.drain()
        await asyncio.sleep(60)

    with pytest.raises(OutcomeUnknownError, match="time-out"):
        run(sent(stalls, answer_s_max=0.05))


def test_a_connection_that_was_closed_while_idle_is_made_again() -> None:
    """What was sent on it may have arrived, so the first says "unknown"; the next is new."""

    async def send() -> Reply:
        async with server(closed_at_once) as seen:
            there = target(seen.url)
            for _ in range(2):
                with pytest.raises(OutcomeUnknownError):
                    await there.send("ListTables", b"{}")
            assert seen.connections == 2
            await there.close()
        return Reply(200, b"")

    run(send())


def test_a_refused_connection_means_that_nothing_was_sent() -> None:
    async def send() -> Reply:
        async with server(silence) as seen:
            url = seen.url
        there = target(url)  # nobody listens there any more
        try:
            return await there.send("ListTables", b"{}")
        finally:
            await there.close()

    with pytest.raises(TargetUnreachableError, match=r"nobody answers at http://127.0.0.1") as it:
        run(send())
    assert "pannier serve" in it.value.advice


class DeafLoop(asyncio.SelectorEventLoop):
    """A loop on which no connection ever comes about."""

    async def sock_connect(self, sock: Any, address: Any) -> None:
        await asyncio.sleep(60)


def test_a_connection_that_takes_too_long_means_that_nothing_was_sent() -> None:
    async def send() -> None:
        there = target("http://127.0.0.1:8000", connect_s_max=0.05)
        try:
            await there.send("ListTables", b"{}")
        finally:
            await there.close()

    with (
        asyncio.Runner(loop_factory=DeafLoop) as runner,
        pytest.raises(TargetUnreachableError, match="time-out"),
    ):
        runner.run(send())


# Use


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8000",
        "ftp://127.0.0.1",
        "http://",
        "http://:8000",
        "http://host:port",
        "http://host:99999",
        "http://[::1",
        "",
    ],
)
def test_what_is_no_url_of_an_endpoint_is_said_so(url: str) -> None:
    with pytest.raises(UserError, match="is no URL of an endpoint") as caught:
        target(url)
    assert "http://HOST:PORT" in caught.value.advice


def test_a_closed_target_stays_closed() -> None:
    async def use() -> None:
        async with server(answer("200 OK")) as seen:
            there = target(seen.url)
            await there.send("ListTables", b"{}")
            await there.close()
            await there.close()
            with pytest.raises(UserError, match="is closed"):
                await there.send("ListTables", b"{}")

    asyncio.run(use())
