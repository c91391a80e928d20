"""A DynamoDB that does nothing, for jobs: as the one for clients, and with pages to be read.

Every scan finds a table of as many items as were asked for, in segments of equal numbers of pages.
A page has about 1 MB, as DynamoDB's have. What is written is counted, and not kept.

It can take its time for each answer, as a service does that is not on this machine. Then it is not
the processor, which all share here, that bounds a task, but the calls that it has in flight.
"""

from __future__ import annotations

import re
import socket
import time
from collections import deque
from contextlib import suppress
from typing import Final

from benchmarks.clients_server import DESCRIPTION, TABLE, CountingServer, answer_of
from benchmarks.framing import Message
from benchmarks.items import product_json

SEGMENTS: Final = 8
PAGE_ITEMS: Final = 2500

_NAME: Final = re.compile(rb'"TableName":\s*"([^"]+)"')
_TOLD: Final = re.compile(rb'"ExclusiveStartKey":\s*\{"PK":\s*\{"S":\s*"(\d+)"')


class PagingServer(CountingServer):
    """Answers Scan too.

    Args:
        items: in the table that scans find; rounded up to whole pages in each segment.
        delay_s: how long each answer takes.
    """

    def __init__(self, items: int, delay_s: float = 0.0) -> None:
        super().__init__()
        self._delay_s = delay_s
        self._due: deque[tuple[float, socket.socket, bytes]] = deque()
        pages = -(-items // (SEGMENTS * PAGE_ITEMS))
        self.items = pages * SEGMENTS * PAGE_ITEMS
        self._pages = [_page(number, is_last=number == pages - 1) for number in range(pages)]

    def run(self) -> None:
        """Serve until the process is ended."""
        while True:
            self._serve(max(0.0, self._due[0][0] - time.monotonic()) if self._due else None)
            while self._due and self._due[0][0] <= time.monotonic():
                _, connection, answer = self._due.popleft()
                with suppress(OSError):  # the client has gone
                    connection.sendall(answer)

    def _send(self, connection: socket.socket, answer: bytes) -> None:
        self._due.append((time.monotonic() + self._delay_s, connection, answer))

    def _answer(self, request: Message) -> bytes:
        content, head, end = request.buffer, request.head_bytes, request.filled
        if content.find(b".Scan\r\n", 0, head) >= 0:
            told = _TOLD.search(content, head, end)
            return self._pages[int(told[1]) + 1 if told else 0]
        if content.find(b".DescribeTable\r\n", 0, head) >= 0:
            name = _NAME.search(content, head, end)
            return answer_of(DESCRIPTION.replace(TABLE.encode(), name[1] if name else b"?"))
        return super()._answer(request)


def _page(number: int, *, is_last: bool) -> bytes:
    items = ",".join(product_json(each).replace(": ", ":") for each in range(PAGE_ITEMS))
    count = f'"Count":{PAGE_ITEMS},"ScannedCount":{PAGE_ITEMS}'
    units = '"ConsumedCapacity":{"CapacityUnits":128.0,"TableName":"bench"}'
    key = f'"LastEvaluatedKey":{{"PK":{{"S":"{number}"}},"SK":{{"S":"DETAILS"}}}},'
    return answer_of(f'{{{units},{count},{"" if is_last else key}"Items":[{items}]}}'.encode())
