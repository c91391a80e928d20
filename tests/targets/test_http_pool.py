"""The pool: which connection carries a request, and what is known when one breaks.

Each test runs on the loops that people use: asyncio's own and uvloop.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import uvloop

from pannier.batch.target import OutcomeUnknownError, TargetUnreachableError
from pannier.targets.http_client import HttpTarget
from pannier.targets.http_connection import AnswerLimits
from pannier.targets.http_pool import HttpPool
from pannier.targets.http_route import Endpoint, Route
from pannier.targets.signing import Credentials
from tests.targets.http_servers import echo, listening, read_request

Run = Callable[[Callable[[], Awaitable[None]]], None]


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    with asyncio.Runner(loop_factory=request.param) as runner:

        async def bounded(work: Callable[[], Awaitable[None]]) -> None:
            await asyncio.wait_for(work(), 20)

        yield lambda work: runner.run(bounded(work))


def target(port: int, **options: Any) -> HttpTarget:
    url = f"http://127.0.0.1:{port}"
    return HttpTarget(url, "us-east-1", lambda: Credentials("key", "secret"), **options)


def pool(port: int, **options: Any) -> HttpPool:
    route = Route(Endpoint.of(f"http://127.0.0.1:{port}"))
    return HttpPool(route, AnswerLimits(10.0), connect_s_max=5.0, **options)


def request(body: bytes) -> bytes:
    return b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body) + body


class Counted:
    """A server that answers with the request's body once it is allowed to, and counts."""

    def __init__(self, *, held: bool = False) -> None:
        self.connections = 0
        self.open = 0
        self.open_most = 0
        self.requests = 0
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        if not held:
            self.may_answer.set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.open_most = max(self.open, self.open_most)
        try:
            while True:
                _, body = await read_request(reader)
                self.requests += 1
                self.asked.set()
                await self.may_answer.wait()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
        finally:
            self.open -= 1


def test_many_at_once_each_get_their_own_answer(run: Run) -> None:
    async def send() -> None:
        async with listening(echo) as port:
            there = target(port)
            bodies = [b"%d" % number for number in range(500)]
            replies = await asyncio.gather(*(there.send("X", body) for body in bodies))
            assert [reply.body for reply in replies] == bodies
            await there.close()

    run(send)


def test_large_requests_and_answers_arrive_whole(run: Run) -> None:
    """Larger than any buffer of the system: 16 MB, as a batch may be."""

    async def send() -> None:
        async with listening(echo) as port:
            there = target(port)
            bodies = [bytes([number]) * 16_000_000 for number in range(2)]
            replies = await asyncio.gather(*(there.send("X", body) for body in bodies))
            assert [reply.body for reply in replies] == bodies
            await there.close()

    run(send)


def test_no_more_connections_are_open_than_allowed(run: Run) -> None:
    async def send() -> None:
        server = Counted()
        async with listening(server.handle) as port:
            there = pool(port, connections_max=3)
            answers = await asyncio.gather(*(there.exchange(request(b"x")) for _ in range(40)))
            assert all(answer.body == b"x" for answer in answers)
            await there.close()
        assert server.open_most == 3
        assert server.connections == 3

    run(send)


def test_one_that_gives_up_waiting_takes_nobodys_place(run: Run) -> None:
    async def send() -> None:
        server = Counted(held=True)
        async with listening(server.handle) as port:
            there = pool(port, connections_max=1)
            first = asyncio.ensure_future(there.exchange(request(b"first")))
            await server.asked.wait()
            second = asyncio.ensure_future(there.exchange(request(b"second")))
            third = asyncio.ensure_future(there.exchange(request(b"third")))
            await asyncio.sleep(0)
            second.cancel()
            server.may_answer.set()
            assert (await first).body == b"first"
            assert (await third).body == b"third"
            with pytest.raises(asyncio.CancelledError):
                await second
            await there.close()
        assert server.requests == 2

    run(send)


def test_a_cancelled_request_takes_its_connection_with_it(run: Run) -> None:
    """What comes on it later is the answer to nobody's question."""

    async def send() -> None:
        server = Counted(held=True)
        async with listening(server.handle) as port:
            there = target(port)
            first = asyncio.ensure_future(there.send("X", b"first"))
            await server.asked.wait()
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            server.may_answer.set()
            assert (await there.send("X", b"second")).body == b"second"
            assert server.connections == 2
            await there.close()

    run(send)


# Idle connections


def test_what_was_idle_for_long_is_not_used_again(run: Run) -> None:
    async def send() -> None:
        server = Counted()
        async with listening(server.handle) as port:
            there = pool(port, idle_s_max=4.0)
            await there.exchange(request(b"x"))
            (connection,) = there._idle
            connection.idle_since_s -= 4.0
            await there.exchange(request(b"x"))
            assert server.connections == 2
            await there.close()

    run(send)


def test_what_was_idle_for_long_is_closed_even_if_nobody_comes(run: Run) -> None:
    async def send() -> None:
        server = Counted()
        async with listening(server.handle) as port:
            there = pool(port, idle_s_max=4.0)
            await asyncio.gather(*(there.exchange(request(b"x")) for _ in range(3)))
            assert len(there._idle) == 3
            there._idle[0].idle_since_s -= 4.0
            there._sweep()
            assert len(there._idle) == 2
            assert there._sweeping is not None  # it comes back for the others
            for connection in there._idle:
                connection.idle_since_s -= 4.0
            there._sweep()
            assert not there._idle
            while there._open:  # noqa: ASYNC110  # until the loop has closed the sockets
                await asyncio.sleep(0)
            await there.close()

    run(send)


class Fickle:
    """A server without a loop, whose every step the test takes, so that nothing happens between."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.accepted: list[socket.socket] = []

    async def attend(self, answer: bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") -> None:
        """Take one connection, one request, and answer it."""
        loop = asyncio.get_running_loop()
        self._listener.setblocking(False)
        connection, _ = await loop.sock_accept(self._listener)
        connection.setblocking(False)
        self.accepted.append(connection)
        await loop.sock_recv(connection, 65536)
        await loop.sock_sendall(connection, answer)

    def close(self) -> None:
        for each in (self._listener, *self.accepted):
            each.close()


@pytest.mark.parametrize("seen", [True, False], ids=["seen by the loop", "not yet seen"])
@pytest.mark.parametrize("last_words", [b"", b"HTTP/1.1 408 Request Timeout\r\n\r\n"])
def test_a_connection_that_the_server_closed_while_idle_does_no_harm(
    run: Run, seen: bool, last_words: bytes
) -> None:
    """The request goes on another one, and nothing is unknown."""

    async def send() -> None:
        server = Fickle()
        there = target(server.port)
        try:
            await asyncio.gather(there.send("X", b"first"), server.attend())
            assert there._pool is not None
            (connection,) = there._pool._idle
            if last_words:
                server.accepted[0].send(last_words)
            server.accepted[0].close()
            if seen:
                while connection.is_reusable:  # noqa: ASYNC110  # until the loop has seen it
                    await asyncio.sleep(0)
            connection.idle_since_s -= 1.0
            reply, _ = await asyncio.gather(there.send("X", b"second"), server.attend())
            assert reply.status == 200
            assert len(server.accepted) == 2
        finally:
            await there.close()
            server.close()

    run(send)


# Closing


def test_closing_ends_what_is_under_way_and_calls_it_unknown(run: Run) -> None:
    async def send() -> None:
        server = Counted(held=True)
        async with listening(server.handle) as port:
            there = target(port)
            sending = asyncio.ensure_future(there.send("X", b"x"))
            await server.asked.wait()
            await there.close()
            with pytest.raises(OutcomeUnknownError, match="was closed"):
                await sending

    run(send)


def test_closing_ends_what_has_no_connection_yet_and_calls_it_unsent(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def send() -> None:
        begun = asyncio.Event()

        async def never(*_: Any, **__: Any) -> Any:
            begun.set()
            await asyncio.Event().wait()

        there = target(1)
        there._open_pool()._opener.open = never  # type: ignore[union-attr, method-assign]
        sending = asyncio.ensure_future(there.send("X", b"x"))
        await begun.wait()
        await there.close()
        with pytest.raises(TargetUnreachableError, match="was closed"):
            await sending

    run(send)


def test_closing_ends_those_that_wait_for_a_place(run: Run) -> None:
    async def send() -> None:
        server = Counted(held=True)
        async with listening(server.handle) as port:
            there = pool(port, connections_max=1)
            tasks = [asyncio.ensure_future(there.exchange(request(b"x"))) for _ in range(3)]
            await server.asked.wait()
            await there.close()
            done, pending = await asyncio.wait(tasks, timeout=10)
            assert not pending
            assert all(task.exception() is not None for task in done)
        assert server.requests == 1

    run(send)


def test_closing_leaves_nothing_open(run: Run) -> None:
    async def send() -> None:
        async with listening(echo) as port:
            there = pool(port)
            await asyncio.gather(*(there.exchange(request(b"x")) for _ in range(5)))
            await there.close()
            assert not there._open
            await there.close()

    run(send)


def test_a_request_that_breaks_gives_its_place_back(run: Run) -> None:
    async def send() -> None:
        async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_request(reader)

        async with listening(hang_up) as port:
            there = pool(port, connections_max=1)
            for _ in range(5):
                with suppress(Exception):
                    await there.exchange(request(b"x"))
            assert not there._slots.locked()
            await there.close()

    run(send)
