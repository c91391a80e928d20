"""HTTP/1.1 as clients really speak it, and bounds on what they may do.

SDKs keep connections open and send the next request on them; proxies chunk bodies; curl asks
before it sends a big one. And nothing that a client sends, or fails to read, may cost the server
more than a bounded amount of memory or make it answer in the wrong order.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from pannier.service.http import Connections, HttpLimits, Respond
from pannier.service.http.messages import HttpRequest, HttpResponse
from tests.service.wire import Server, Wire, http_server, post


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with http_server() as server:
        yield server


@pytest.fixture
def wire(server: Server) -> Iterator[Wire]:
    server.handled.clear()
    with Wire(server.port) as wire:
        yield wire


# --- What clients do ----------------------------------------------------------------------------


def test_keep_alive(wire: Wire):
    """One connection, many requests: opening one for each would cost more than the request."""
    for n in range(5):
        reply = wire.ask(post(f"{n}".encode()))
        assert (reply.version, reply.status, reply.body) == ("HTTP/1.1", 200, f"/:{n}".encode())
        assert "connection" not in reply.headers


def test_connection_close(wire: Wire):
    """The client's wish is answered, and followed."""
    reply = wire.ask(post(b"last", Connection="close"))
    assert reply.body == b"/:last"
    assert reply.headers["connection"] == "close"
    assert wire.is_closed()


def test_http_1_0(wire: Wire):
    """Without keep-alive in HTTP/1.0, the end of the connection is the end of the answer."""
    reply = wire.ask(b"POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi")
    assert (reply.status, reply.body) == (200, b"/:hi")
    assert wire.is_closed()


def test_a_request_in_small_pieces(wire: Wire, server: Server):
    """A network may cut anywhere."""
    for byte in post(b"in pieces", Some_Header="value"):
        wire.send(bytes((byte,)))
    assert wire.reply().body == b"/:in pieces"
    assert server.handled[0].headers[b"some-header"] == b"value"


@pytest.mark.parametrize("cut", [1, 3, 1000])
def test_chunked_bodies(wire: Wire, cut: int):
    """Some clients and proxies send bodies whose length they do not know yet."""
    body = bytes(range(256)) * 20
    chunks = b"".join(
        b"%x;extension=1\r\n%s\r\n" % (len(body[at : at + cut]), body[at : at + cut])
        for at in range(0, len(body), cut)
    )
    head = b"POST /chunked HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert wire.ask(head + chunks + b"0\r\nTrailer: yes\r\n\r\n").body == b"/chunked:" + body
    assert wire.ask(post(b"next")).body == b"/:next"


def test_expect_100_continue(wire: Wire):
    """curl asks before it sends more than a kilobyte, and waits a second for the permission."""
    head, _, body = post(b"b" * 2000, Expect="100-continue").partition(b"\r\n\r\n")
    wire.send(head + b"\r\n\r\n")
    assert wire.reply().status == 100
    assert wire.ask(body).body == b"/:" + body


def test_pipelined_requests_are_answered_in_order(wire: Wire):
    """A client may send the next request before it has the answer to the last."""
    wire.send(b"".join(post(f"{n}".encode()) for n in range(500)))
    assert [wire.reply().body for _ in range(500)] == [f"/:{n}".encode() for n in range(500)]


def test_a_late_answer_holds_back_those_after_it(wire: Wire, server: Server):
    """A write waits for the disk; the read behind it on the same connection waits for the write.

    HTTP/1.1 has no other way to say which answer belongs to which request than their order.
    """
    wire.send(post(b"1", "/later") + post(b"2") + post(b"3", "/later") + post(b"4"))
    server.wait_until(lambda: len(server.held) == 1)
    assert wire.is_quiet()
    server.release()
    assert [wire.reply().body for _ in range(2)] == [b"/later:1", b"/:2"]
    server.wait_until(lambda: len(server.held) == 1)
    assert wire.is_quiet()
    server.release()
    assert [wire.reply().body for _ in range(2)] == [b"/later:3", b"/:4"]


class Transport:
    """What a connection has written, and whether it reads; for tests that need every step."""

    def __init__(self) -> None:
        self.written = b""
        self.reading = True
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return 0


def test_a_request_does_not_overtake_those_that_wait():
    """The moment between an answer and the next waiting request: what arrives then waits, too."""
    handled: list[bytes] = []
    held: list[Respond] = []

    def handle(request: HttpRequest, respond: Respond) -> None:
        handled.append(request.body)
        if request.body == b"1":
            held.append(respond)
        else:
            respond(HttpResponse(200, {}, request.body))

    async def run() -> Transport:
        connection = Connections(handle, HttpLimits()).new()
        transport: Any = Transport()
        connection.connection_made(transport)
        connection.data_received(post(b"1") + post(b"2"))
        held[0](HttpResponse(200, {}, b"1"))
        connection.data_received(post(b"3"))  # before the loop has come to request 2
        for _ in range(5):
            await asyncio.sleep(0)
        return transport

    transport = asyncio.run(run())
    assert handled == [b"1", b"2", b"3"]
    bodies = [part.rpartition(b"\r\n\r\n")[2] for part in transport.written.split(b"HTTP/1.1")[1:]]
    assert bodies == [b"1", b"2", b"3"]


# --- What is no HTTP ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello",
        b"hello?\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"POST / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_garbage_is_refused(server: Server, garbage: bytes):
    """HTTP 400 and the end, and never a guess: two lengths in one request are an attack's tool.

    A request to change the protocol is refused, too, since its body would not be read.
    """
    server.handled.clear()
    with Wire(server.port) as wire:
        reply = wire.ask(garbage)
        assert reply.status == 400
        assert reply.headers["connection"] == "close"
        assert wire.is_closed()
    assert server.handled == []


def test_garbage_behind_a_good_request(wire: Wire, server: Server):
    """What was asked properly is answered first, also when its answer comes late."""
    wire.send(post(b"good", "/later") + b"\0\0\0garbage\r\n\r\n")
    server.wait_until(lambda: len(server.held) == 1)
    assert wire.is_quiet()
    server.release()
    assert wire.reply().body == b"/later:good"
    assert wire.reply().status == 400
    assert wire.is_closed()


# --- Bounds -------------------------------------------------------------------------------------


def refused_with(port: int, pieces: Iterator[bytes]) -> int:
    """The status with which a client is refused that goes on sending."""
    with Wire(port) as wire:
        try:
            for piece in pieces:
                wire.send(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused already, while we were sending
        reply = wire.reply()
        assert reply.headers["connection"] == "close"
        assert wire.is_closed()
        return reply.status


def in_pieces(start: bytes, piece: bytes, count: int) -> Iterator[bytes]:
    yield start
    for _ in range(count):
        yield piece


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"POST / HTTP/1.1\r\n", b"X-Header: " + b"x" * 100 + b"\r\n"),
        (b"POST / HTTP/1.1\r\nX-Header: ", b"x" * 1000),
        (b"POST / HTTP/1.1\r\n", b"X" * 1000),
        (b"POST /", b"x" * 1000),
    ],
    ids=["many headers", "endless header", "endless name", "endless target"],
)
def test_headers_are_bounded(start: bytes, piece: bytes):
    """HTTP 431 above 4 KB here; a header that never ends must not fill the memory meanwhile.

    The last read may go beyond the bound, so a megabyte is sent.
    """
    with http_server(header_bytes_max=4096) as server:
        assert refused_with(server.port, in_pieces(start, piece, 1_000_000 // len(piece))) == 431
        assert server.handled == []


def test_bodies_are_bounded():
    """A body above the limit is read to its end but not kept; the answer is the handler's."""
    with http_server(body_bytes_max=10_000) as server, Wire(server.port) as wire:
        assert wire.ask(post(b"x" * 10_000)).status == 200
        assert wire.ask(post(b"x" * 10_001)).status == 413
        assert wire.is_closed()
        assert server.handled[1].too_large
        assert server.handled[1].body == b""


def test_a_client_that_does_not_read_is_not_answered_without_end():
    """Requests that fit into a packet can ask for gigabytes; the server waits until some are taken.

    In the end every request is answered, in order.
    """
    with http_server() as server, Wire(server.port) as wire:
        wire.send(b"".join(post(b"", "/big") for _ in range(80)))
        server.wait_until(lambda: len(server.handled) > 2)
        pause = [server.do(lambda: len(server.handled)) for _ in range(20)]
        assert pause[-1] < 40  # what fits into the sockets' own buffers, and no more
        for _ in range(80):
            assert len(wire.reply().body) == 1_000_000


def test_a_client_that_reads_slowly_gets_everything():
    """Mixed big and small answers; none is lost or changes its place."""
    with http_server() as server, Wire(server.port) as wire:
        paths = ["/big", "/a", "/b"] * 30
        wire.send(b"".join(post(b"", path) for path in paths))
        bodies = [wire.reply().body for _ in paths]
        assert [body[:2] for body in bodies] == [
            b"xx" if path == "/big" else path.encode() for path in paths
        ]


def test_idle_connections_are_closed():
    """A client that went away without a word must not hold a place for ever.

    One whose answer is still owed is not idle, however long the answer takes.
    """
    with (
        http_server(idle_s_max=60) as server,
        Wire(server.port) as idle,
        Wire(server.port) as waiting,
    ):

        def a_minute_later() -> None:
            server.do(lambda: server.connections.drop_stale(server.loop.time() + 61))

        assert idle.ask(post(b"1")).status == 200
        waiting.send(post(b"2", "/later"))
        server.wait_until(lambda: len(server.held) == 1 and len(server.connections.open) == 2)
        server.do(lambda: server.connections.drop_stale(server.loop.time() + 1))
        assert len(server.connections.open) == 2  # nobody has been quiet for long enough
        a_minute_later()
        assert idle.is_closed()
        server.release()
        assert waiting.reply().body == b"/later:2"
        a_minute_later()
        assert waiting.is_closed()


def test_finishing_answers_what_is_owed():
    """At the end: idle connections close at once, others after their answer, which says so."""
    with http_server() as server, Wire(server.port) as idle, Wire(server.port) as waiting:
        assert idle.ask(post(b"1")).status == 200
        waiting.send(post(b"2", "/later"))
        server.wait_until(lambda: len(server.held) == 1)
        server.do(lambda: server.connections.finish())
        assert idle.is_closed()
        assert waiting.is_quiet()
        server.release()
        reply = waiting.reply()
        assert (reply.body, reply.headers["connection"]) == (b"/later:2", "close")
        assert waiting.is_closed()
        server.wait_until(lambda: server.connections.all_closed.is_set())
