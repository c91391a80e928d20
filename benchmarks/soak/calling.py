"""Calls over one connection, and a tally of what came of them."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from typing import Any, Final

import orjson

from benchmarks.load import wire
from pannier.batch.latencies import Latencies

_TIMEOUT_S: Final = 60.0
_IDLE_S_MAX: Final = 30.0
"""A connection that was idle for longer is opened anew: the server closes it at some time."""
_SHOWN_MAX: Final = 20
_OK: Final = 200

Json = dict[str, Any]


class Tally:
    """What came of all calls, by kind. Shared between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._interval: dict[str, Latencies] = {}
        self._quarter: dict[str, Latencies] = {}
        self.calls: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        """Answers that were to be expected, such as a false condition."""
        self.wrong: Counter[str] = Counter()
        """What nothing explains, by kind and reason."""
        self.examples: list[str] = []

    def answered(self, kind: str, latency_s: float) -> None:
        """Note a call that was answered."""
        with self._lock:
            self.calls[kind] += 1
            for each in (self._interval, self._quarter):
                each.setdefault(kind, Latencies()).add(latency_s)

    def refusal(self, kind: str, code: str) -> None:
        """Note an error that was to be expected."""
        with self._lock:
            self.refused[f"{kind}: {code}"] += 1

    def failed(self, kind: str, reason: str, shown: object = "") -> None:
        """Note what nothing explains."""
        with self._lock:
            self.wrong[f"{kind}: {reason}"] += 1
            if len(self.examples) < _SHOWN_MAX:
                self.examples.append(f"{kind}: {reason} {shown}"[:600])

    def take_interval(self) -> dict[str, dict[str, float]]:
        """Latencies since they were last taken, in milliseconds."""
        with self._lock:
            taken, self._interval = self._interval, {}
        return {kind: _figures(each) for kind, each in sorted(taken.items())}

    def take_quarter(self) -> dict[str, dict[str, float]]:
        """As `take_interval`, of a longer stretch."""
        with self._lock:
            taken, self._quarter = self._quarter, {}
        return {kind: _figures(each) for kind, each in sorted(taken.items())}


class Caller:
    """One connection, opened anew after a failure."""

    def __init__(self, port: int, tally: Tally) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
        self._tally = tally
        self._used_s = 0.0

    def call(
        self, kind: str, operation: str, request: Json, expected: tuple[str, ...] = ()
    ) -> Json | None:
        """The answer; None where it is an error, which is noted.

        Args:
            kind: under which the call is counted.
            operation: the operation's name in the API.
            request: its members.
            expected: errors that are no failure.
        """
        headers = wire.headers(operation)
        if operation in _STREAMS:
            headers["X-Amz-Target"] = f"DynamoDBStreams_20120810.{operation}"
        answered = self._ask(kind, "POST", "/", orjson.dumps(request), headers)
        if answered is None:
            return None
        status, payload = answered
        parsed: Json = orjson.loads(payload)
        if status == _OK:
            return parsed
        code = str(parsed.get("__type", "")).rpartition("#")[2] or str(status)
        if code in expected:
            self._tally.refusal(kind, code)
        else:
            self._tally.failed(kind, f"{status} {code}", parsed)
        return None

    def fetch(self, kind: str, method: str, path: str, body: bytes, headers: Json) -> bytes | None:
        """The body of any other answer; None where it is not 200, which is noted."""
        answered = self._ask(kind, method, path, body, headers)
        if answered is None:
            return None
        status, payload = answered
        if status != _OK:
            self._tally.failed(kind, f"HTTP {status}", payload[:200])
            return None
        return payload

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _ask(
        self, kind: str, method: str, path: str, body: bytes, headers: Json
    ) -> tuple[int, bytes] | None:
        if time.monotonic() - self._used_s > _IDLE_S_MAX:
            self._http.close()
        self._used_s = time.monotonic()
        began_s = time.perf_counter()
        try:
            self._http.request(method, path, body, headers)
            answer = self._http.getresponse()
            payload = answer.read()
        except (OSError, http.client.HTTPException) as reason:
            self._http.close()
            self._tally.failed(kind, type(reason).__name__, reason)
            return None
        self._tally.answered(kind, time.perf_counter() - began_s)
        return answer.status, payload


_STREAMS: Final = frozenset({"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"})


def _figures(latencies: Latencies) -> dict[str, float]:
    return {
        "calls": latencies.count,
        **{
            f"p{percentile:g}_ms": round(latencies.percentile_s(percentile) * 1000, 3)
            for percentile in (50, 95, 99)
        },
        "max_ms": round(latencies.slowest_s * 1000, 3),
    }
