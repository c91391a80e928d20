"""One HTTP connection: every form that an answer may have, and every way to spoil one.

No server and no waiting: the test hands bytes to the connection as the loop would, and moves a
clock of its own.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import pytest

from pannier.targets.http_connection import (
    AnswerLimits,
    HttpAnswer,
    HttpConnection,
    NoAnswerError,
    UnsentError,
)

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = (
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4;x=y\r\n":1}\r\n0\r\n\r\n'
)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Timer:
    def __init__(self, at_s: float, act: Callable[[], None]) -> None:
        self.at_s, self.act, self.cancelled = at_s, act, False

    def cancel(self) -> None:
        self.cancelled = True


class ManualLoop:
    """The loop as the connection sees it, with a clock that the test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.timers: list[Timer] = []
        self.create_future = asyncio.get_running_loop().create_future

    def time(self) -> float:
        return self.now_s

    def call_later(self, delay_s: float, act: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.now_s + delay_s, act))
        return self.timers[-1]

    def advance(self, by_s: float) -> None:
        self.now_s += by_s
        due = [each for each in self.timers if each.at_s <= self.now_s]
        self.timers = [each for each in self.timers if each.at_s > self.now_s]
        for timer in due:
            if not timer.cancelled:
                timer.act()


class Transport:
    """What the connection writes to; closes when it is told to."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.written: list[bytes] = []
        self.unsent_bytes = 0
        self.closing = False
        self._refuses = refuses

    def write(self, data: bytes) -> None:
        self.written.append(data)
        self.closing = self.closing or self._refuses

    def get_write_buffer_size(self) -> int:
        return self.unsent_bytes

    def is_closing(self) -> bool:
        return self.closing

    def abort(self) -> None:
        self.closing = True


class Wire:
    """A connection, and what is at its other side."""

    def __init__(self, *, refuses: bool = False, **limits: Any) -> None:
        self.lost: list[HttpConnection] = []
        self.loop = ManualLoop()
        self.transport = Transport(refuses=refuses)
        self.connection = HttpConnection(
            AnswerLimits(**({"silence_s_max": 60.0} | limits)), self.lost.append
        )
        self.connection._loop = self.loop  # type: ignore[assignment]
        self.connection.connection_made(self.transport)  # type: ignore[arg-type]

    async def ask(self, request: bytes = b"request") -> "asyncio.Task[HttpAnswer]":
        """A request under way."""
        task = asyncio.ensure_future(self.connection.exchange(request))
        await asyncio.sleep(0)
        return task

    def hear(self, *parts: bytes) -> None:
        for part in parts:
            self.connection.data_received(part)

    def end(self, error: Exception | None = None) -> None:
        """The other side closes, or the connection breaks."""
        if error is None:
            self.connection.eof_received()
        self.connection.connection_lost(error)


def run(work: Callable[[], Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work(), 20))


def answered(*parts: bytes, ends: bool = False, **limits: Any) -> tuple[HttpAnswer, Wire]:
    """The answer that certain bytes are to one request."""

    async def ask() -> tuple[HttpAnswer, Wire]:
        wire = Wire(**limits)
        task = await wire.ask()
        wire.hear(*parts)
        if ends:
            wire.end()
        return await task, wire

    result: tuple[HttpAnswer, Wire] = run(ask)
    return result


def in_bytes(whole: bytes) -> Iterable[bytes]:
    return (whole[at : at + 1] for at in range(len(whole)))


# Answers


@pytest.mark.parametrize(
    ("whole", "body"), [(PLAIN, b"{}"), (CHUNKED, b'{"a":1}'), (CONTINUE + CONTINUE + PLAIN, b"{}")]
)
def test_an_answer_may_come_in_one_piece_or_in_many(whole: bytes, body: bytes) -> None:
    for parts in ([whole], in_bytes(whole)):
        answer, wire = answered(*parts)
        assert (answer.status, answer.body) == (200, body)
        assert wire.connection.is_reusable


def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    answer, wire = answered(b"HTTP/1.0 200 OK\r\n\r\n{", b"}", ends=True)
    assert answer.body == b"{}"
    assert not wire.connection.is_reusable
    assert wire.lost == [wire.connection]


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_can_have_no_body_needs_no_length(status: int) -> None:
    answer, wire = answered(b"HTTP/1.1 %d X\r\n\r\n" % status)
    assert (answer.status, answer.body) == (status, b"")
    assert wire.connection.is_reusable


@pytest.mark.parametrize(
    "whole",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        PLAIN + b"HTTP/1.1 408 Request Timeout\r\n",
    ],
)
def test_a_connection_that_the_server_gives_up_is_not_used_again(whole: bytes) -> None:
    answer, wire = answered(whole)
    assert answer.body == b"{}"
    assert not wire.connection.is_reusable


def test_a_connection_is_not_used_again_while_the_last_request_still_leaves() -> None:
    """An answer may come before its request was read to the end; what is left would come next."""

    async def ask() -> bool:
        wire = Wire()
        task = await wire.ask()
        wire.transport.unsent_bytes = 5
        wire.hear(PLAIN)
        await task
        return wire.connection.is_reusable

    assert not run(ask)


def test_headers_are_kept_that_say_when_to_come_back() -> None:
    answer, _ = answered(
        b"HTTP/1.1 503 Busy\r\nRETRY-AFTER: 3\r\nX-Amz-Retry-After: 200\r\nX-Other: 1\r\n"
        b"Content-Length: 0\r\n\r\n"
    )
    assert answer.headers["retry-after"] == "3"
    assert answer.headers["x-amz-retry-after"] == "200"
    assert "x-other" not in answer.headers


def test_headers_of_one_answer_are_not_those_of_the_next() -> None:
    async def ask() -> HttpAnswer:
        wire = Wire()
        task = await wire.ask()
        wire.hear(b"HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nContent-Length: 1\r\n\r\n!")
        await task
        task = await wire.ask()
        wire.hear(PLAIN)
        return await task

    answer = run(ask)
    assert "retry-after" not in answer.headers
    assert answer.body == b"{}"


# What is no answer


@pytest.mark.parametrize(
    "heard",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"Unproc',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"Unproc\r\n',
        CONTINUE,
    ],
)
@pytest.mark.parametrize("error", [None, ConnectionResetError("reset by peer")])
def test_half_an_answer_is_none(heard: bytes, error: Exception | None) -> None:
    async def ask() -> None:
        wire = Wire()
        task = await wire.ask()
        if heard:
            wire.hear(heard)
        wire.end(error)
        with pytest.raises(NoAnswerError, match="reset by peer" if error else "was closed"):
            await task
        assert wire.transport.closing
        assert not wire.connection.is_reusable

    run(ask)


def test_an_answer_that_ends_with_its_connection_does_not_end_with_a_reset() -> None:
    async def ask() -> None:
        wire = Wire()
        task = await wire.ask()
        wire.hear(b"HTTP/1.1 200 OK\r\n\r\n{}")
        wire.end(ConnectionResetError("reset by peer"))
        with pytest.raises(NoAnswerError, match="reset by peer"):
            await task

    run(ask)


@pytest.mark.parametrize(
    "heard",
    [
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    ],
)
def test_what_is_no_http_is_no_answer(heard: bytes) -> None:
    async def ask() -> None:
        wire = Wire()
        task = await wire.ask()
        wire.hear(heard)
        with pytest.raises(NoAnswerError, match="no HTTP answer"):
            await task
        assert wire.transport.closing

    run(ask)


@pytest.mark.parametrize(
    ("heard", "reason"),
    [
        ([b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200], "headers do not end"),
        ([CONTINUE] * 10, "headers do not end"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", b"z" * 400], "larger than 300 bytes"),
    ],
)
def test_an_answer_that_grows_without_end_is_cut_off(heard: list[bytes], reason: str) -> None:
    async def ask() -> None:
        wire = Wire(head_bytes_max=100, bytes_max=300)
        task = await wire.ask()
        for part in heard:
            if not wire.transport.closing:
                wire.hear(part)
        with pytest.raises(NoAnswerError, match=reason):
            await task
        assert wire.transport.closing

    run(ask)


def test_limits_are_those_of_one_answer_not_of_a_connection() -> None:
    async def ask() -> bool:
        wire = Wire(head_bytes_max=100, bytes_max=100)
        for _ in range(10):
            task = await wire.ask()
            wire.hear(PLAIN)
            await task
        return wire.connection.is_reusable

    assert run(ask)


# Silence


def test_silence_ends_a_request_whenever_it_begins() -> None:
    async def ask() -> None:
        for heard in (
            b"",
            b"HTTP/1.1 200 OK\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        ):
            wire = Wire()
            task = await wire.ask()
            if heard:
                wire.hear(heard)
            wire.loop.advance(59)
            await asyncio.sleep(0)
            assert not task.done()
            wire.loop.advance(1)
            with pytest.raises(NoAnswerError, match="time-out"):
                await task
            assert wire.transport.closing

    run(ask)


def test_an_answer_may_take_long_if_something_comes_now_and_then() -> None:
    async def ask() -> HttpAnswer:
        wire = Wire()
        task = await wire.ask()
        for part in in_bytes(PLAIN):
            wire.loop.advance(59)
            wire.hear(part)
        return await task

    assert run(ask).body == b"{}"


def test_a_large_request_may_take_long_as_long_as_it_moves() -> None:
    async def ask() -> None:
        wire = Wire()
        wire.transport.unsent_bytes = 3
        task = await wire.ask()
        for left in (2, 1, 0):
            wire.transport.unsent_bytes = left
            wire.loop.advance(60)
            await asyncio.sleep(0)
            assert not task.done()
        wire.loop.advance(60)
        with pytest.raises(NoAnswerError, match="time-out"):
            await task

    run(ask)


def test_silence_between_requests_is_no_silence() -> None:
    async def ask() -> HttpAnswer:
        wire = Wire()
        task = await wire.ask()
        wire.hear(PLAIN)
        await task
        for by_s in (30, 40, 50):  # the timer of the first request runs out on the way
            wire.loop.advance(by_s)
        task = await wire.ask()
        wire.loop.advance(59)
        wire.hear(PLAIN)
        return await task

    assert run(ask).body == b"{}"


def test_a_lost_connection_leaves_no_timer() -> None:
    async def ask() -> None:
        wire = Wire()
        task = await wire.ask()
        wire.end(ConnectionResetError())
        with suppress(NoAnswerError):
            await task
        assert all(timer.cancelled for timer in wire.loop.timers)

    run(ask)


# Sent or not


def test_a_request_that_the_system_refuses_at_once_was_not_sent() -> None:
    async def ask() -> None:
        wire = Wire(refuses=True)
        with pytest.raises(UnsentError):
            await wire.connection.exchange(b"request")

    run(ask)


def test_on_a_closed_connection_nothing_is_sent() -> None:
    async def ask() -> None:
        wire = Wire()
        wire.end()
        with pytest.raises(UnsentError):
            await wire.connection.exchange(b"request")
        assert wire.transport.written == []

    run(ask)


def test_what_comes_unasked_closes_an_idle_connection() -> None:
    async def ask() -> None:
        wire = Wire()
        wire.hear(PLAIN)
        assert wire.transport.closing
        with pytest.raises(UnsentError):
            await wire.connection.exchange(b"request")

    run(ask)


def test_a_cancelled_request_closes_its_connection() -> None:
    async def ask() -> None:
        wire = Wire()
        task = await wire.ask()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert wire.transport.closing

    run(ask)
