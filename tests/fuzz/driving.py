"""Sends mutations over raw sockets and watches the server."""

import socket
from collections import Counter
from urllib.parse import urlsplit

from tests.fuzz.mutations import Mutations

_HEAD = (
    b"POST / HTTP/1.1\r\nhost: localhost\r\nx-amz-date: 20260101T000000Z\r\nauthorization: "
    b"AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=c, Signature=d\r\n"
    b"x-amz-target: %s\r\ncontent-length: %d\r\n\r\n"
)


class Driver:
    """One connection that is made anew when the server closes it."""

    def __init__(self, url: str, seed: int) -> None:
        host, port = urlsplit(url).hostname, urlsplit(url).port
        assert host is not None
        assert port is not None
        self._address = (host, port)
        self._socket: socket.socket | None = None
        self.mutations = Mutations(seed)
        self.statuses: Counter[int] = Counter()
        self.failures: list[str] = []

    def send(self, target: bytes, body: bytes) -> tuple[int, bytes]:
        """Send one request; returns the status, 0 if the connection was closed without one."""
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=30)
        try:
            self._socket.sendall(_HEAD % (target, len(body)) + body)
            answer = self._read()
        except ConnectionError:
            answer = (0, b"")
        if answer[0] in (0, 400, 431) and b"connection: close" in answer[1]:
            self.close()
        if answer[0] == 0:
            self.close()
        return answer

    def step(self) -> None:
        """One mutation, and a note if the server did not take it well."""
        target, body = self.mutations.next()
        status, answer = self.send(target, body)
        self.statuses[status] += 1
        if status == 0 or status >= 500:
            self.failures.append(f"{status}: {target!r} {body[:500]!r} -> {answer[-300:]!r}")

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _read(self) -> tuple[int, bytes]:
        assert self._socket is not None
        data = b""
        while b"\r\n\r\n" not in data:
            part = self._socket.recv(65536)
            if not part:
                return 0, data
            data += part
        head, _, rest = data.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        while len(rest) < length:
            part = self._socket.recv(65536)
            if not part:
                return 0, data
            rest += part
        return status, head + b"\r\n\r\n" + rest
