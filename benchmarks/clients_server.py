"""A DynamoDB that does nothing, for clients: right answers, nothing kept, everything counted.

`null_server` gives its answers in turn, whatever is asked, which suits a generator that knows what
it asks. Clients describe tables first, ask for units or not, and check the answer's checksum; so
here the answer depends on the operation. It has AWS's headers, since parsing them is a client's
work, and `ConsumedCapacity` where the request asks for it.

What it counts says whether a client has really sent what it was given.
"""

from __future__ import annotations

import mmap
import selectors
import socket
import struct
import zlib
from typing import Final

from benchmarks.framing import FramingError, Message

TABLE: Final = "bench"

_REQUEST_BYTES_MAX: Final = 1_000_000
_HEAD: Final = (
    "HTTP/1.1 200 OK\r\n"
    "Server: Server\r\n"
    "Date: Mon, 11 Aug 2025 00:00:00 GMT\r\n"
    "Content-Type: application/x-amz-json-1.0\r\n"
    "Content-Length: {length}\r\n"
    "Connection: keep-alive\r\n"
    "x-amzn-RequestId: 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEF\r\n"
    "x-amz-crc32: {checksum}\r\n"
    "\r\n"
)
DESCRIPTION: Final = (
    b'{"Table":{"AttributeDefinitions":[{"AttributeName":"PK","AttributeType":"S"},'
    b'{"AttributeName":"SK","AttributeType":"S"}],"TableName":"bench","KeySchema":'
    b'[{"AttributeName":"PK","KeyType":"HASH"},{"AttributeName":"SK","KeyType":"RANGE"}],'
    b'"TableStatus":"ACTIVE","CreationDateTime":1.7E9,"ProvisionedThroughput":'
    b'{"NumberOfDecreasesToday":0,"ReadCapacityUnits":0,"WriteCapacityUnits":0},'
    b'"TableSizeBytes":0,"ItemCount":0,"TableArn":'
    b'"arn:aws:dynamodb:us-east-1:000000000000:table/bench",'
    b'"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"}}}'
)
_WRITTEN: Final = b'{"UnprocessedItems":{}}'
_WRITTEN_WITH_UNITS: Final = (
    b'{"ConsumedCapacity":[{"CapacityUnits":25.0,"Table":{"CapacityUnits":25.0},'
    b'"TableName":"bench"}],"UnprocessedItems":{}}'
)
_COUNTERS: Final = struct.Struct("QQ")


def answer_of(body: bytes) -> bytes:
    """An answer with AWS's headers."""
    return _HEAD.format(length=len(body), checksum=zlib.crc32(body)).encode() + body


_DESCRIBED_ANSWER: Final = answer_of(DESCRIPTION)
_WRITTEN_ANSWER: Final = answer_of(_WRITTEN)
_WRITTEN_WITH_UNITS_ANSWER: Final = answer_of(_WRITTEN_WITH_UNITS)


class CountingServer:
    """Answers DescribeTable and BatchWriteItem on a free loopback port, in a forked process.

    Its counters lie in memory that the process which made it shares with the one that serves.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ, None)
        self._counters = mmap.mmap(-1, _COUNTERS.size)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def take_counts(self) -> tuple[int, int]:
        """Calls of BatchWriteItem and items in them, since the last time; ask while all is idle."""
        calls, items = _COUNTERS.unpack_from(self._counters)
        _COUNTERS.pack_into(self._counters, 0, 0, 0)
        return calls, items

    def run(self) -> None:
        """Serve until the process is ended."""
        while True:
            self._serve(None)

    def _serve(self, wait_s: float | None) -> None:
        """Attend to what has arrived, and wait for it that long; None for however long it takes."""
        for key, _ in self._selector.select(wait_s):
            if key.data is None:
                self._accept()
            else:
                self._attend(*key.data)

    def close(self) -> None:
        """Give up the port, where `run` was left to another process."""
        self._selector.close()
        self._listener.close()

    def _accept(self) -> None:
        accepted, _ = self._listener.accept()
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = (accepted, Message(_REQUEST_BYTES_MAX))
        self._selector.register(accepted, selectors.EVENT_READ, data)

    def _attend(self, connection: socket.socket, request: Message) -> None:
        try:
            arrived = connection.recv_into(request.view[request.filled :])
            if not arrived:
                raise FramingError("the client has gone")
            request.filled += arrived
            if request.complete():
                answer = self._answer(request)
                request.clear()
                self._send(connection, answer)
        except (FramingError, OSError):
            self._selector.unregister(connection)
            connection.close()

    def _send(self, connection: socket.socket, answer: bytes) -> None:
        connection.sendall(answer)

    def _answer(self, request: Message) -> bytes:
        content, head_bytes, total = request.buffer, request.head_bytes, request.filled
        if content.find(b".BatchWriteItem\r\n", 0, head_bytes) < 0:
            return _DESCRIBED_ANSWER
        calls, items = _COUNTERS.unpack_from(self._counters)
        items += content.count(b'"PutRequest"', head_bytes, total)
        _COUNTERS.pack_into(self._counters, 0, calls + 1, items)
        if content.find(b'"INDEXES"', head_bytes, total) >= 0:
            return _WRITTEN_WITH_UNITS_ANSWER
        return _WRITTEN_ANSWER
