"""Slow clients, clients that take nothing, and very many of them.

No single client may hold more than its share of memory or its place for ever, and ten thousand of
them together must not add up. Those who behave go on being answered meanwhile.
"""

import asyncio
import resource
import subprocess
import sys
from contextlib import ExitStack
from typing import Any

import pytest

from pannier.service.http import Connections, HttpLimits
from pannier.service.http.connection import HttpConnection
from pannier.service.http.holdings import Holdings
from pannier.service.open_files import connections_max
from tests.service.taken import Taken
from tests.service.wire import Server, Wire, http_server, post

TRICKLES = {b"P": b"O", b"\r\n": b"\n", post(b"good") + b"POST": b" "}  # what may come next
HEAD = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n"


def after(server: Server, seconds: float) -> None:
    """Have the server look at its connections as it will after a time."""
    server.do(lambda: server.connections.drop_stale(server.loop.time() + seconds))


# --- Time ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "begun",
    [
        b"P",
        b"\r\n",
        b"POST / HTTP/1.1\r\nContent-Le",
        b"POST / HTTP/1.1\r\nHost: x\r\n",
        HEAD,
        HEAD + b"x" * 1000,
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell",
        post(b"good") + b"POST",
    ],
)
def test_a_request_has_to_be_complete_in_time(begun: bytes):
    """At a trickle, a client could hold its place for ever: a byte a minute is not idle."""
    with http_server(request_s_max=60) as server, Wire(server.port) as wire:
        wire.send(begun)
        if begun.startswith(post(b"good")):
            assert wire.reply().body == b"/:good"
        server.wait_until(lambda: any(each._receives for each in server.connections.open))
        after(server, 59)
        assert len(server.connections.open) == 1
        [connection] = server.connections.open
        held_bytes = server.do(lambda: connection._parser.held_bytes)
        wire.send(TRICKLES.get(begun, b"0"))
        server.wait_until(lambda: connection._parser.held_bytes != held_bytes)
        after(server, 61)
        reply = wire.reply()
        assert (reply.status, reply.headers["connection"]) == (408, "close")
        assert wire.is_closed()


def test_a_late_answer_is_not_held_against_the_client():
    """Only the client's own time counts, not that of the engine."""
    with http_server(request_s_max=60, idle_s_max=60) as server, Wire(server.port) as wire:
        wire.send(post(b"1", "/later") + b"POST / HTT")
        server.wait_until(lambda: server.held)
        after(server, 1000)
        server.release()
        assert wire.reply().body == b"/later:1"


def test_a_client_that_takes_nothing_is_let_go():
    """Answers wait for a client that has stopped reading: it must not hold its place for ever."""
    with http_server(answer_s_max=60) as server, Wire(server.port) as wire:
        wire.send(b"".join(post(b"", "/big") for _ in range(50)))
        server.wait_until(lambda: server.connections.unsent.total_bytes > 0)
        after(server, 59)
        assert len(server.connections.open) == 1
        after(server, 61)
        server.wait_until(lambda: not server.connections.open)


def test_a_client_that_takes_no_last_answer_is_let_go():
    """Also where the connection is to be closed once the answer is taken."""
    with http_server(answer_s_max=60) as server, Wire(server.port) as wire:
        wire.send(post(b"", "/huge", Connection="close"))
        server.wait_until(lambda: server.handled)
        after(server, 59)
        assert len(server.connections.open) == 1
        after(server, 61)
        server.wait_until(lambda: not server.connections.open)


def test_a_refused_client_that_goes_on_sending_reads_why():
    """Closed at once, its own bytes on the way would make the network take the answer back."""
    with http_server(linger_s_max=60) as server, Wire(server.port) as wire:
        wire.send(b"no HTTP\r\n\r\n")
        server.wait_until(lambda: any(each._refusal for each in server.connections.open))
        wire.send(b"x" * 1_000_000)
        assert wire.reply().status == 400
        assert wire.is_closed()
        assert len(server.connections.open) == 1  # reads on until the client has closed
        wire.socket.close()
        server.wait_until(lambda: not server.connections.open)


def test_a_refused_client_that_never_stops_is_cut_off():
    with http_server(linger_s_max=0.01) as server, Wire(server.port) as wire:
        wire.send(b"no HTTP\r\n\r\n")
        assert wire.reply().status == 400
        server.wait_until(lambda: not server.connections.open)


# --- Memory -------------------------------------------------------------------------------------


def test_bodies_of_all_clients_together_are_bounded():
    """The one too many is told to come again; small requests are served all the same."""
    half = post(b"x" * 600_000)[:-300_000]
    with http_server(received_bytes_max=1_250_000) as server, ExitStack() as stack:
        clients = [stack.enter_context(Wire(server.port)) for _ in range(5)]
        for count, client in enumerate(clients[:4], start=1):
            client.send(half)
            least = count * 300_000
            server.wait_until(lambda least=least: server.connections.received.total_bytes >= least)
        clients[4].send(half)
        reply = clients[4].reply()
        assert (reply.status, reply.headers["retry-after"]) == (503, "1")
        with Wire(server.port) as other:
            assert other.ask(post(b"x" * 10_000)).status == 200
        assert server.connections.received.total_bytes <= 1_250_000
        clients[3].reset()
        server.wait_until(lambda: server.connections.received.total_bytes < 1_000_000)
        for client in clients[:3]:
            client.send(b"x" * 300_000)
            assert client.reply().status == 200
        assert server.connections.received.total_bytes == 0


def test_a_slow_client_makes_room_for_one_that_is_not():
    """Ten thousand who send a byte a second must not keep out those who send at once."""
    with (
        http_server(received_bytes_max=1_000_000) as server,
        Wire(server.port) as slow,
        Wire(server.port) as quick,
    ):
        slow.send(HEAD + b"x" * 600_000)
        server.wait_until(lambda: server.connections.received.total_bytes >= 600_000)

        with Wire(server.port) as small:
            assert small.ask(post(b"1")).status == 200
        server.wait_until(lambda: len(server.connections.open) <= 2)
        server.do(lambda: [setattr(each, "began_s", each.began_s - 10)
                           for each in server.connections.open if each._receives])  # fmt: skip
        quick.send(HEAD + b"x" * 1_000_000)
        assert slow.reply().status == 503
        assert quick.reply().status == 200


def test_bytes_of_pipelined_requests_are_bounded():
    """Sixty-four requests of 16 MB behind a late one would be a gigabyte."""
    with http_server(pipelined_bytes_max=100_000) as server, Wire(server.port) as wire:
        wire.send(post(b"", "/later"))
        server.wait_until(lambda: server.held)
        wire.socket.setblocking(False)
        sent = 0
        one = post(b"x" * 50_000)
        try:
            while sent < 100_000_000:
                sent += wire.socket.send(one[sent % len(one) :])
        except BlockingIOError:
            pass
        [connection] = server.connections.open
        server.wait_until(lambda: connection._is_full)
        assert server.do(lambda: connection._waiting_bytes) < 100_000 + 400_000  # and one reading
        wire.socket.settimeout(10)
        server.release()
        assert wire.reply().body == b"/later:"
        for _ in range(sent // len(one)):
            assert wire.reply().status == 200
        # Of what was held, nothing counts any more but the request that was not sent to its end.
        server.wait_until(lambda: server.connections.received.total_bytes < len(one))


def test_answers_that_nobody_takes_are_bounded():
    """The one that has waited longest is closed; those who read are answered."""
    with http_server(unsent_bytes_max=8_000_000) as server, ExitStack() as stack:
        for _ in range(3):
            client = stack.enter_context(Wire(server.port))
            client.send(post(b"", "/huge"))
        server.wait_until(lambda: len(server.handled) == 3)
        server.wait_until(lambda: len(server.connections.open) < 3)
        assert server.connections.unsent.total_bytes <= 8_000_000
        with Wire(server.port) as other:
            assert len(other.ask(post(b"", "/big")).body) == 1_000_000


def test_holdings():
    holdings = Holdings()
    for holder, size_bytes in (("a", 5), ("b", 7), ("a", 6), ("c", 0), ("b", 0), ("b", 1)):
        holdings.hold(holder, size_bytes)
    assert (holdings.total_bytes, holdings.oldest) == (7, "a")
    holdings.hold("a", 0)
    holdings.hold("b", 0)
    assert (holdings.total_bytes, holdings.oldest) == (0, None)


# --- Very many ----------------------------------------------------------------------------------


def test_one_connection_too_many_is_told_to_come_again():
    """With HTTP 503, which SDKs try again; the others go on."""
    with http_server(connections_max=2) as server:
        with Wire(server.port) as one, Wire(server.port) as two:
            assert one.ask(post(b"1")).status == two.ask(post(b"2")).status == 200
            with Wire(server.port) as three:
                assert three.reply().status == 503
                assert three.is_closed()
            assert one.ask(post(b"1")).status == two.ask(post(b"2")).status == 200
        server.wait_until(lambda: not server.connections.open)
        with Wire(server.port) as again:
            assert again.ask(post(b"4")).status == 200


def test_the_longest_idle_makes_room():
    """Connections that are held open for nothing must not keep out those who ask."""
    with http_server(connections_max=3) as server, ExitStack() as stack:
        busy, idle, idler = (stack.enter_context(Wire(server.port)) for _ in range(3))
        busy.send(post(b"3", "/later"))
        server.wait_until(lambda: server.held)
        for wire in (idler, idle):
            assert wire.ask(post(b"1")).status == 200
            server.do(lambda: [setattr(each, "touched_s", each.touched_s - 10)
                               for each in server.connections.open])  # fmt: skip
        with Wire(server.port) as new:
            assert new.ask(post(b"new")).status == 200
            assert idler.is_closed()
            assert idle.ask(post(b"2")).status == 200
        server.release()
        assert busy.reply().body == b"/later:3"


def test_looking_for_room_costs_little():
    """At the limit, those who are in use are looked through once a second at most."""

    async def run() -> None:
        connections = Connections(lambda request, respond: None, HttpLimits(connections_max=100))
        for _ in range(100):
            connection: Any = HttpConnection(connections)
            connection.connection_made(Taken())
            connection.data_received(post(b"never answered"))
        newcomer = HttpConnection(connections)
        for number in range(900):
            assert not connections.admit(newcomer, 50.0 + number / 1000)
            assert connections._looked_s == 50.0
        assert not connections.admit(newcomer, 51.0)
        assert connections._looked_s == 51.0

    asyncio.run(run())


def test_as_many_connections_as_the_process_may_open():
    """The limit of open files is raised as far as it goes, and some are left for the store."""
    program = (
        "import resource\n"
        "from pannier.service.open_files import connections_max\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 400))\n"
        "print(connections_max(16384), connections_max(5))\n"
        "print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["300", "5", "400"]
    assert connections_max(10) == 10
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 10
