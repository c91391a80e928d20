"""HTTP/1.1 to the letter, where two readers of the same bytes could differ.

A proxy in front of the server reads each request, too. What the one takes for a header and the
other for a body is how requests are smuggled past it; so whatever is not plain is refused with 400.
"""

import asyncio
import itertools
import re
import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.service.http import Connections, HttpLimits
from pannier.service.listening import listening
from tests.service.taken import Taken
from tests.service.wire import Server, Wire, http_server, post


@pytest.fixture(scope="module")
def server():
    with http_server() as server:
        yield server


@pytest.fixture
def wire(server: Server):
    server.handled.clear()
    with Wire(server.port) as wire:
        yield wire


# --- What is refused ----------------------------------------------------------------------------

START = b"POST / HTTP/1.1\r\n"
EMPTY = b"Content-Length: 0\r\n\r\n"
CHUNKED = START + b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        # Two lengths, or a length in a doubtful spelling
        START + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
        START + b"Content-Length: 2, 2\r\n\r\nhi",
        START + b"Content-Length: +2\r\n\r\nhi",
        START + b"Content-Length: 0x2\r\n\r\nhi",
        START + b"Content-Length: 2_0\r\n\r\n" + b"x" * 20,
        START + b"Content-Length: 99999999999999999999999\r\n\r\nhi",
        START + b"Content-Length:\r\n\r\n",
        # A coding besides chunked, or chunked and a length
        CHUNKED + b"Content-Length: 2\r\n\r\n0\r\n\r\n",
        START + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        START + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        START + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        START + b"Transfer-Encoding: identity\r\n\r\n",
        START + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        CHUNKED + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        CHUNKED + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        # Chunks
        CHUNKED + b"\r\n2\nhi\n0\n\n",
        CHUNKED + b"\r\n0x2\r\nhi\r\n0\r\n\r\n",
        CHUNKED + b"\r\n-1\r\nhi\r\n0\r\n\r\n",
        CHUNKED + b"\r\nfffffffffffffffff\r\nhi\r\n0\r\n\r\n",
        CHUNKED + b"\r\n2\r\nhix\r\n0\r\n\r\n",
        # Lines
        START + b"A: b\n" + EMPTY,
        b"POST / HTTP/1.1\nContent-Length: 0\n\n",
        START + b"A: b\r" + EMPTY,
        START + b"A: b\r\n folded\r\n" + EMPTY,
        START + b" A: b\r\n" + EMPTY,
        START + b"A: b\0c\r\n" + EMPTY,
        START + b"A: \x01\r\n" + EMPTY,
        START + b"A\0: b\r\n" + EMPTY,
        START + b"A : b\r\n" + EMPTY,
        START + b": b\r\n" + EMPTY,
        START + b"A\r\n" + EMPTY,
        # The first line
        b"POST / HTTP/1.1 \r\n" + EMPTY,
        b"POST / HTTP/2.0\r\n" + EMPTY,
        b"POST / HTTP/0.9\r\n" + EMPTY,
        b"POST /\r\n" + EMPTY,
        b"POST /a b HTTP/1.1\r\n" + EMPTY,
        b"POST /\0 HTTP/1.1\r\n" + EMPTY,
        b"POST /\xff HTTP/1.1\r\n" + EMPTY,
        b"post / HTTP/1.1\r\n" + EMPTY,
        b"NOSUCH / HTTP/1.1\r\n" + EMPTY,
        b"CONNECT a:1 HTTP/1.1\r\n" + EMPTY,
        # Headers by which a request is understood or let in, twice
        START + b"Host: a\r\nHost: b\r\n" + EMPTY,
        START + b"Host: a\r\nhost: a\r\n" + EMPTY,
        START + b"Authorization: a\r\nAUTHORIZATION: b\r\n" + EMPTY,
        START + b"X-Amz-Target: a\r\nX-Amz-Target: b\r\n" + EMPTY,
        START + b"X-Amz-Date: a\r\nX-Amz-Date: b\r\n" + EMPTY,
        START + b"X-Amz-Security-Token: a\r\nX-Amz-Security-Token: b\r\n" + EMPTY,
        START + b"Content-Type: a\r\nContent-Type: b\r\n" + EMPTY,
        START + b"Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n" + EMPTY,
        START + b"Origin: a\r\nOrigin: b\r\n" + EMPTY,
        # An absolute target that names another server than Host
        b"POST http://other/ HTTP/1.1\r\nHost: test\r\n" + EMPTY,
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(
    wire: Wire, server: Server, request_bytes: bytes
):
    """And nothing behind it is looked at: it may have been a part of it."""
    wire.send(request_bytes + post(b"smuggled"))
    reply = wire.reply()
    assert (reply.status, reply.headers["connection"]) == (400, "close")
    assert wire.is_closed()
    assert server.handled == []


# --- What is taken ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_bytes", "target", "body"),
    [
        (START + b"Content-Length: 2 \r\n\r\nhi", b"/", b"hi"),
        (START + b"A:\r\nContent-Length: 2\r\n\r\nhi", b"/", b"hi"),
        (START + b"A:\t b \t\r\nContent-Length:2\r\n\r\nhi", b"/", b"hi"),
        (b"\r\n\r\n" + post(b"after empty lines"), b"/", b"after empty lines"),
        (CHUNKED + b"\r\n002;a=b;c=\"d\"\r\nhi\r\n0\r\n\r\n", b"/", b"hi"),
        (CHUNKED + b"\r\nA\r\n0123456789\r\n0000\r\n\r\n", b"/", b"0123456789"),
        (b"POST http://test/ HTTP/1.1\r\nHost: TEST\r\n" + EMPTY, b"/", b""),
        (b"POST http://test HTTP/1.1\r\nHost: test\r\n" + EMPTY, b"/", b""),
        (b"POST HTTP://test/a?b=/c HTTP/1.1\r\nHost: test\r\n" + EMPTY, b"/a?b=/c", b""),
        (b"OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n", b"*", b""),
        (b"GET /x HTTP/1.1\r\nHost: test\r\n\r\n", b"/x", b""),
        (b"DELETE /x HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi", b"/x", b"hi"),
    ],
)  # fmt: skip
def test_what_is_unusual_but_plain_is_taken(
    wire: Wire, request_bytes: bytes, target: bytes, body: bytes
):
    """And the next request on the connection is found where it begins."""
    assert wire.ask(request_bytes).body == target + b":" + body
    assert wire.ask(post(b"next")).body == b"/:next"


def test_headers_that_are_lists_may_come_in_lines(wire: Wire, server: Server):
    wire.ask(START + b"Accept: a\r\nX-Forwarded-For: 1\r\nAccept: b\r\n" + EMPTY)
    assert server.handled[0].headers[b"accept"] == b"a,b"


def test_trailers_change_nothing(wire: Wire, server: Server):
    """They come after the request was understood, and must not become its headers."""
    trailers = b"X-Amz-Target: other\r\nAuthorization: other\r\nHost: other\r\n"
    head = CHUNKED + b"X-Amz-Target: mine\r\n\r\n"
    assert wire.ask(head + b"2\r\nhi\r\n0\r\n" + trailers + b"\r\n").body == b"/:hi"
    assert server.handled[0].headers == {
        b"transfer-encoding": b"chunked",
        b"x-amz-target": b"mine",
    }
    assert wire.ask(post(b"next")).body == b"/:next"


def test_trailers_are_bounded(wire: Wire, server: Server):
    wire.send(CHUNKED + b"\r\n0\r\n" + b"X: y\r\n" * 20_000 + b"\r\n")
    assert wire.reply().status == 431
    assert server.handled == []


def test_the_answer_to_head_has_no_body(wire: Wire):
    """A client reads none: what came would be taken for the beginning of the next answer."""
    wire.send(b"HEAD /some/where HTTP/1.1\r\nHost: test\r\n\r\n" + post(b"next"))
    reply = wire.reply(head=True)
    assert (reply.status, reply.headers["content-length"]) == (200, "12")
    reply = wire.reply()
    assert (reply.version, reply.body) == ("HTTP/1.1", b"/:next")


def test_http_1_0_is_told_that_the_connection_stays(wire: Wire):
    request = b"POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi"
    for _ in range(2):
        reply = wire.ask(request)
        assert (reply.body, reply.headers["connection"]) == (b"/:hi", "keep-alive")


def test_a_body_is_permitted_once_the_answer_before_it_is_sent(wire: Wire, server: Server):
    """A permission in front of an answer that is owed would be taken for it."""
    head, _, body = post(b"body", Expect="100-Continue").partition(b"\r\n\r\n")
    wire.send(post(b"1", "/later") + head + b"\r\n\r\n")
    server.wait_until(lambda: server.held)
    assert wire.is_quiet()
    server.release()
    assert wire.reply().body == b"/later:1"
    assert wire.reply().status == 100
    assert wire.ask(body).body == b"/:body"


# --- Clients that go away -----------------------------------------------------------------------


def test_a_client_that_sends_no_more_is_answered(wire: Wire, server: Server):
    """`nc -N` and some libraries close their side once they have asked."""
    wire.send(post(b"1") + post(b"2", "/later") + post(b"3"))
    wire.send_no_more()
    assert wire.reply().body == b"/:1"
    server.wait_until(lambda: server.held)
    server.release()
    assert wire.reply().body == b"/later:2"
    assert wire.reply().body == b"/:3"
    assert wire.is_closed()


@pytest.mark.parametrize("gone", ["closed", "half closed", "reset"])
def test_a_client_may_go_at_every_byte(server: Server, gone: str):
    """No half request is handled, nothing is kept, and the server goes on."""
    whole = (
        b"POST /a HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2;x=y\r\nhi\r\n0\r\nT: u\r\n\r\n"
    )
    server.handled.clear()
    for end in range(len(whole)):
        with Wire(server.port) as wire:
            wire.send(whole[:end])
            if gone == "half closed":
                wire.send_no_more()
                wire.socket.settimeout(10)
                while wire.socket.recv(4096):
                    pass
            elif gone == "reset":
                wire.reset()
    server.wait_until(lambda: not server.connections.open)
    assert server.handled == []
    assert server.connections.received.total_bytes == 0
    with Wire(server.port) as wire:
        assert wire.ask(post(b"on")).body == b"/:on"


def test_a_client_that_resets_while_it_is_answered(server: Server):
    for path in ("/later", "/huge"):
        with Wire(server.port) as wire:
            server.handled.clear()
            wire.send(post(b"1", path))
            server.wait_until(lambda: server.handled)
            wire.reset()
    server.wait_until(lambda: not server.connections.open)
    server.release()
    assert server.connections.unsent.total_bytes == 0


# --- However it is cut --------------------------------------------------------------------------

ROW = (
    post(b"usual"),
    post(b"", "/late", X_Other="1"),
    CHUNKED + b"\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nT: u\r\n\r\n",
    b"GET /g HTTP/1.1\r\nHost: test\r\n\r\n",
    post(b"x" * 3000),
    b"\r\nOPTIONS * HTTP/1.1\r\n\r\n",
)


def taken(pieces: list[bytes]) -> Taken:
    seen = Taken()

    async def run() -> None:
        connection: Any = Connections(seen.handle, HttpLimits()).new()
        connection.connection_made(seen)
        for piece in pieces:
            connection.data_received(piece)
        for _ in range(2 * len(ROW)):
            await asyncio.sleep(0)

    asyncio.run(run())
    return seen


def without_ids(written: bytes) -> bytes:
    return re.sub(rb"x-amzn-requestid: [A-Z0-9]+\r\n", b"", written)


@settings(deadline=None, max_examples=150)
@given(
    order=st.permutations(range(len(ROW))),
    cuts=st.lists(st.integers(0, sum(map(len, ROW))), max_size=8),
)
def test_requests_are_the_same_however_they_are_cut(order: list[int], cuts: list[int]):
    """The quick reader and the parser take turns on a connection; no cut may confuse them."""
    row = [ROW[number] for number in order]
    data = b"".join(row)
    places = [0, *sorted(cuts), len(data)]
    pieces = [data[at:end] for at, end in itertools.pairwise(places) if at < end]
    one_by_one, cut = taken(row), taken(pieces)
    assert len(cut.handled) == len(ROW)
    assert cut.handled == one_by_one.handled
    assert without_ids(cut.written) == without_ids(one_by_one.written)


def test_sockets_of_the_server_notice_that_a_machine_is_gone():
    """Accepted sockets inherit what the listener has: a pulled cable is noticed without a word."""
    listeners = listening(0)
    listeners[0].listen()
    try:
        with socket.create_connection(listeners[0].getsockname()):
            listeners[0].setblocking(True)
            accepted, _ = listeners[0].accept()
            with accepted:
                assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
                if hasattr(socket, "TCP_KEEPIDLE"):
                    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 60
    finally:
        for listener in listeners:
            listener.close()
