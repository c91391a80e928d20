"""The load generator: a closed loop over plain sockets, one request a connection.

Written to cost little, so that what is measured is the server: requests are prebuilt,
an answer is received into a buffer that is never replaced, and the loop allocates next
to nothing. `calibrate` measures that cost in every run.
"""

from __future__ import annotations

import resource
import selectors
import socket
import statistics
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.framing import FramingError, Message
from benchmarks.load.verdicts import Expectation, Judge, Verdict

_ANSWER_BYTES_MAX = 2_000_000
_CONNECT_TIMEOUT_S = 5.0
_BAD_ANSWER_SHOWN_BYTES = 300


@dataclass(frozen=True)
class Load:
    """What to send where, and for how long.

    The first `ramp_s` are not counted. `requests` are sent in turn, from the start again
    where they run out; `answers_max` ends the run early.
    """

    port: int
    requests: Sequence[bytes]
    connections: int
    seconds: float
    ramp_s: float = 0.0
    expectation: Expectation = field(default_factory=Expectation)
    answers_max: int | None = None


@dataclass(frozen=True)
class LoadResult:
    """What came of a run, over its counted part only.

    `user_us` and `kernel_us` are the generator's own processor time for one answer, in
    its code and in the kernel's sockets; `requests_reused` says how many requests were
    sent a second time because the prebuilt ones ran out.
    """

    ok: int
    errors: int
    leftovers: int
    short: int
    reconnects: int
    requests_reused: int
    window_s: float
    user_us: float
    kernel_us: float
    p50_ms: float
    p99_ms: float
    first_bad_answer: str

    @property
    def answers(self) -> int:
        """All that was answered, rightly or wrongly."""
        return self.ok + self.errors + self.leftovers + self.short


class _Connection:
    """One keep-alive connection and the request outstanding on it."""

    __slots__ = ("answer", "port", "sent_at", "socket")

    def __init__(self, port: int) -> None:
        self.port = port
        self.answer = Message(_ANSWER_BYTES_MAX)
        self.sent_at = 0.0
        self.socket = self._connected()

    def _connected(self) -> socket.socket:
        connected = socket.create_connection(("127.0.0.1", self.port), _CONNECT_TIMEOUT_S)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.settimeout(None)  # With a timeout, Python polls before every call.
        return connected

    def reconnect(self) -> None:
        self.socket.close()
        self.socket = self._connected()

    def send(self, request: bytes) -> None:
        self.answer.clear()
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Take what has arrived; True where that completes the answer."""
        answer = self.answer
        arrived = self.socket.recv_into(answer.view[answer.filled :])
        if not arrived:
            raise FramingError("connection closed, or an answer beyond all bounds")
        answer.filled += arrived
        return answer.complete()


class _Tally:
    """Counts and latencies of one stretch of the run."""

    def __init__(self) -> None:
        self.counts = [0] * len(Verdict)
        self.latencies_s = array("d")
        self.reconnects = 0
        self.first_bad_answer = ""
        self.started_at = time.perf_counter()
        self.usage = resource.getrusage(resource.RUSAGE_SELF)

    @property
    def answers(self) -> int:
        return sum(self.counts)

    def bad(self, verdict: Verdict, shown: bytes) -> None:
        self.counts[verdict] += 1
        if not self.first_bad_answer:
            text = shown[:_BAD_ANSWER_SHOWN_BYTES].decode("utf-8", "replace")
            self.first_bad_answer = f"{verdict.name}: {text}"

    def result(self, sent: int, prebuilt: int) -> LoadResult:
        window_s = time.perf_counter() - self.started_at
        usage, answers = resource.getrusage(resource.RUSAGE_SELF), max(1, self.answers)
        p50_s, p99_s = _quantiles(self.latencies_s)
        return LoadResult(
            ok=self.counts[Verdict.OK],
            errors=self.counts[Verdict.ERROR],
            leftovers=self.counts[Verdict.LEFTOVERS],
            short=self.counts[Verdict.SHORT],
            reconnects=self.reconnects,
            requests_reused=max(0, sent - prebuilt),
            window_s=window_s,
            user_us=(usage.ru_utime - self.usage.ru_utime) / answers * 1e6,
            kernel_us=(usage.ru_stime - self.usage.ru_stime) / answers * 1e6,
            p50_ms=p50_s * 1e3,
            p99_ms=p99_s * 1e3,
            first_bad_answer=self.first_bad_answer,
        )


class _Loop:
    """Keeps every connection busy until told to stop."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._judge = Judge(load.expectation)
        self._selector = selectors.DefaultSelector()
        self.sent = 0
        for _ in range(load.connections):
            connection = _Connection(load.port)
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)
            self._send_next(connection)

    def _send_next(self, connection: _Connection) -> None:
        requests = self._load.requests
        connection.send(requests[self.sent % len(requests)])
        self.sent += 1

    def drive(self, seconds: float, answers_max: int | None) -> _Tally:
        """Run for *seconds* or *answers_max* answers; what is under way stays so."""
        tally = _Tally()
        until = tally.started_at + seconds
        now = tally.started_at
        while now < until and (answers_max is None or tally.answers < answers_max):
            for key, _ in self._selector.select(until - now):
                self._attend(key.data, tally)
            now = time.perf_counter()
        return tally

    def _attend(self, connection: _Connection, tally: _Tally) -> None:
        answer = connection.answer
        try:
            if not connection.receive():
                return
        except (FramingError, OSError) as reason:
            tally.bad(Verdict.ERROR, str(reason).encode())
            self._reconnect(connection, tally)
        else:
            verdict = self._judge.verdict(answer)
            if verdict is Verdict.OK:
                tally.counts[verdict] += 1
                tally.latencies_s.append(time.perf_counter() - connection.sent_at)
            else:
                tally.bad(verdict, bytes(answer.view[: answer.filled]))
            if answer.closes:
                self._reconnect(connection, tally)
        self._send_next(connection)

    def _reconnect(self, connection: _Connection, tally: _Tally) -> None:
        self._selector.unregister(connection.socket)
        connection.reconnect()
        self._selector.register(connection.socket, selectors.EVENT_READ, connection)
        tally.reconnects += 1

    def close(self) -> None:
        for key in list(self._selector.get_map().values()):
            key.data.socket.close()
        self._selector.close()


def run_load(load: Load) -> LoadResult:
    """Send *load* and tell what came of it. Raises OSError where nobody listens."""
    loop = _Loop(load)
    try:
        if load.ramp_s:
            loop.drive(load.ramp_s, None)
        tally = loop.drive(load.seconds, load.answers_max)
        return tally.result(loop.sent, len(load.requests))
    finally:
        loop.close()


def _quantiles(latencies_s: array[float]) -> tuple[float, float]:
    """p50 and p99, in seconds; zeros where nothing was answered."""
    if len(latencies_s) < 2:
        only = latencies_s[0] if latencies_s else 0.0
        return only, only
    cuts = statistics.quantiles(latencies_s, n=100, method="inclusive")
    return cuts[49], cuts[98]
