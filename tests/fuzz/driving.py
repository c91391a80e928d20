"""Sends cases over raw sockets, and says what the server did not take well.

Cases go pipelined, several at once, which is quick and is a test in itself. A case that may break
the connection goes alone on one of its own, and ends with a half-closed connection, so that the
server has to answer or close, whatever it has made of it.
"""

import socket
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from tests.fuzz.cases import Case

HANG_S = 30.0
_TOGETHER = 16
_TOGETHER_BYTES = 48_000  # fits into the sockets' buffers: nobody waits for the other to read
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Failure:
    """What went wrong, and all that was sent on the connection to make it so."""

    reason: str
    cases: tuple[Case, ...]


class AnswerError(Exception):
    """The server's answer is none, or there is none."""


class ClosedError(AnswerError):
    """The server has closed the connection between two answers."""


class Driver:
    """One client.

    Args:
        address: the server's.
        hang_s: how long an answer may take.
    """

    def __init__(self, address: tuple[str, int], hang_s: float = HANG_S) -> None:
        self._address = address
        self._hang_s = hang_s
        self._socket: socket.socket | None = None
        self._received = b""
        self.statuses: Counter[int] = Counter()
        self.failures: list[Failure] = []
        self.hangs = 0

    @property
    def sent(self) -> int:
        """How many cases were sent."""
        return sum(self.statuses.values())

    def run(self, cases: Iterable[Case], count: int) -> None:
        """Send so many cases of a stream, until there are too many failures."""
        together: list[Case] = []
        size_bytes = 0
        for case in cases:
            if case.alone:
                self._attempt((case,))
            else:
                together.append(case)
                size_bytes += len(case.data)
                if len(together) == _TOGETHER or size_bytes > _TOGETHER_BYTES:
                    self._attempt(tuple(together))
                    together, size_bytes = [], 0
            count -= 1
            if count <= 0 or len(self.failures) >= 20:
                break
        if together:
            self._attempt(tuple(together))

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _attempt(self, cases: tuple[Case, ...]) -> None:
        try:
            if cases[0].alone:
                self._send_alone(cases[0])
            else:
                self._send_together(cases)
        except TimeoutError:
            self.hangs += 1
            self._fail(f"no answer within {self._hang_s:g} s", cases)
        except (AnswerError, OSError, ValueError) as error:
            self._fail(f"{type(error).__name__}: {error}", cases)

    def _fail(self, reason: str, cases: tuple[Case, ...]) -> None:
        self.failures.append(Failure(reason, cases))
        self.close()

    def _open(self) -> socket.socket:
        self._received = b""
        return socket.create_connection(self._address, timeout=self._hang_s)

    def _send_together(self, cases: tuple[Case, ...]) -> None:
        if self._socket is None:
            self._socket = self._open()
        self._socket.sendall(b"".join(case.data for case in cases))
        for case in cases:
            status, head, body = self._answer(self._socket, is_head=case.is_head)
            self.statuses[status] += 1
            if status >= _SERVER_ERROR:
                self._fail(f"{status}: {body[:300]!r}", (case,))
                return
            if b"connection: close" in head:  # what follows is dropped
                self.close()
                return

    def _send_alone(self, case: Case) -> None:
        answers: list[tuple[int, bytes]] = []
        with self._open() as connection:
            with suppress(
                OSError
            ):  # refused already; it says so below, or has reset the connection
                connection.sendall(case.data)
                connection.shutdown(socket.SHUT_WR)
            with suppress(ClosedError, ConnectionResetError):  # closed, as it may
                while True:
                    status, _, body = self._answer(connection, is_head=False)
                    answers.append((status, body))
        self.statuses[answers[-1][0] if answers else 0] += 1
        for status, body in answers:
            if status >= _SERVER_ERROR:
                self._fail(f"{status}: {body[:300]!r}", (case,))

    def _answer(self, connection: socket.socket, *, is_head: bool) -> tuple[int, bytes, bytes]:
        while (end := self._received.find(b"\r\n\r\n")) < 0:
            self._more(connection)
        head = self._received[:end]
        at = head.find(b"content-length: ")
        if not head.startswith(b"HTTP/1.1 "):
            raise AnswerError(f"no HTTP: {head[:200]!r}")
        length = 0 if is_head or at < 0 else int(head[at + 16 : at + 28].split(b"\r\n")[0])
        while len(self._received) < end + 4 + length:
            self._more(connection)
        body = self._received[end + 4 : end + 4 + length]
        self._received = self._received[end + 4 + length :]
        return int(head[9:12]), head, body

    def _more(self, connection: socket.socket) -> None:
        part = connection.recv(262_144)
        if not part and self._received:
            raise AnswerError(f"the connection ended within an answer: {self._received[:200]!r}")
        if not part:
            raise ClosedError("the server closed the connection without a word")
        self._received += part
