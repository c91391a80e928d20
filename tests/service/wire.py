"""Raw HTTP over a socket: what was sent and what came back, byte for byte."""

import asyncio
import http.client
import io
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import uvloop

from pannier.service.http import Connections, HttpLimits, Respond
from pannier.service.http.messages import HttpRequest, HttpResponse

TIMEOUT_S = 10


@dataclass(frozen=True)
class Reply:
    """One answer: its status line, headers with lower-case names, and body."""

    version: str
    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """A connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send_no_more(self) -> None:
        """Close this side alone: what was asked may still be answered."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Go away as a process does that is killed: nothing is taken any more."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def ask(self, data: bytes) -> Reply:
        """Send a request and read its answer."""
        self.send(data)
        return self.reply()

    def reply(self, *, head: bool = False) -> Reply:
        """Read one answer; that of a HEAD request has no body, whatever its length says."""
        while b"\r\n\r\n" not in self._received:
            self._more()
        head_bytes, _, self._received = self._received.partition(b"\r\n\r\n")
        status_line, _, header_lines = head_bytes.partition(b"\r\n")
        version, status, *_ = status_line.decode().split(" ", 2)
        parsed = http.client.parse_headers(io.BytesIO(header_lines + b"\r\n\r\n"))
        headers = {name.lower(): value for name, value in parsed.items()}
        length = 0 if head or status.startswith("1") else int(headers.get("content-length", 0))
        while len(self._received) < length:
            self._more()
        body, self._received = self._received[:length], self._received[length:]
        return Reply(version, int(status), headers, body)

    def is_closed(self) -> bool:
        """Whether the server closes the connection without another word; waits for it."""
        if self._received:
            return False
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def is_quiet(self, seconds: float = 0.05) -> bool:
        """Whether nothing comes for a moment."""
        self.socket.settimeout(seconds)
        try:
            self._received += self.socket.recv(65536)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(TIMEOUT_S)
        return False

    def _more(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError(f"the server closed the connection after {self._received!r}")
        self._received += data


def post(body: bytes = b"", path: str = "/", **headers: str) -> bytes:
    """A POST request."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Server:
    """An HTTP server in a thread, whose handler answers what it was asked.

    Paths say how: `/later` is held until `release`, `/big` is answered with a megabyte, `/huge`
    with more than the sockets' own buffers take.
    """

    port: int = 0
    handled: list[HttpRequest] = field(default_factory=list)
    held: list[tuple[HttpRequest, Respond]] = field(default_factory=list)
    connections: Any = None
    loop: Any = None

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        self.handled.append(request)
        if request.target.startswith(b"/later"):
            self.held.append((request, respond))
        else:
            respond(self.answer(request))

    def answer(self, request: HttpRequest) -> HttpResponse:
        sizes = {b"/big": 1_000_000, b"/huge": 8_000_000}
        size = sizes.get(request.target)
        body = request.target + b":" + request.body if size is None else b"x" * size
        return HttpResponse(413 if request.too_large else 200, {b"x-from": b"test"}, body)

    def release(self) -> None:
        """Answer the oldest request that is held."""
        request, respond = self.held.pop(0)
        self.do(lambda: respond(self.answer(request)))

    def do(self, action: Any) -> Any:
        """Run something on the server's loop, and wait for it."""
        done = threading.Event()
        results: list[Any] = []

        def run() -> None:
            results.append(action())
            done.set()

        self.loop.call_soon_threadsafe(run)
        assert done.wait(TIMEOUT_S)
        return results[0]

    def wait_until(self, condition: Any) -> None:
        """Wait until something holds on the server's side."""
        pause = threading.Event()
        for _ in range(1000):
            if self.do(condition):
                return
            pause.wait(0.005)
        raise AssertionError("waited in vain")


@contextmanager
def on_a_thread(begin: Callable[[], Awaitable[Any]], connections: Connections) -> Iterator[None]:
    """Run a server on a loop and a thread of its own until the block ends.

    Args:
        begin: on that loop, begins to accept; returns the `asyncio.Server`.
        connections: those of the server, which are cut at the end.
    """
    started = threading.Event()
    ended = threading.Event()

    async def run() -> None:
        accepting = await begin()
        started.set()
        await asyncio.to_thread(ended.wait)
        accepting.close()
        for connection in tuple(connections.open):
            connection.abort()

    thread = threading.Thread(target=lambda: uvloop.run(run()))
    thread.start()
    try:
        assert started.wait(TIMEOUT_S)
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def http_server(**limits: Any) -> Iterator[Server]:
    """A server with bounds of one's own."""
    served = Server()
    served.connections = Connections(served.handle, HttpLimits(**limits))

    async def begin() -> asyncio.Server:
        served.loop = asyncio.get_running_loop()
        accepting = await served.loop.create_server(served.connections.new, "127.0.0.1", 0)
        served.port = accepting.sockets[0].getsockname()[1]
        return accepting

    with on_a_thread(begin, served.connections):
        yield served
