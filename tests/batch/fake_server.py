"""The fake service behind HTTP, on a thread of the test: for programs that run beside it, and die.

Calls take effect after a while and are answered after another, so that a call whose client has died
may still take effect. A fate without an answer breaks the connection.
"""

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pannier.batch.target import OutcomeUnknownError, TargetUnreachableError
from tests.batch.fake_pages import FakePages
from tests.batch.fake_service import FakeService


class FakeServer:
    """Serves a `FakeService`, or a `FakePages`, on a free loopback port.

    Args:
        service: what answers.
        chance: decides how long calls take.
        delay_s_max: at most so long until the effect, and again until the answer.

    Attributes:
        url: where it listens.
        delay_s_max: may be changed under way.
        wrong: what a test should see: a call that the service would never accept.
    """

    def __init__(
        self, service: FakeService | FakePages, chance: random.Random, delay_s_max: float
    ) -> None:
        self.service = service
        self.url = ""
        self.wrong: list[BaseException] = []
        self._chance = chance
        self.delay_s_max = delay_s_max
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        """Stop listening, and wait for calls under way."""
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    async def _serve(self) -> None:
        handlers: set[asyncio.Task[None]] = set()
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            handlers.add(task)
            try:
                while await self._answer(reader, writer):
                    await writer.drain()
            except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                pass
            except BaseException as error:
                self.wrong.append(error)
            finally:
                handlers.discard(task)
                writer.close()

        listener = await asyncio.start_server(handle, "127.0.0.1", 0, limit=2**24)
        self.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._stop.wait()
        listener.close()
        for task in list(handlers):
            task.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        body = await reader.readexactly(int(fields["content-length"]))
        operation = {
            "batchwriteitem": "BatchWriteItem",
            "batchgetitem": "BatchGetItem",
            "describetable": "DescribeTable",
            "scan": "Scan",
            "query": "Query",
        }[fields["x-amz-target"].partition(".")[2]]
        await asyncio.sleep(self._chance.uniform(0, self.delay_s_max))
        try:
            if operation == "DescribeTable":
                reply = await self.service.send(operation, body)
            else:
                reply = self.service.answer(operation, body)
        except (OutcomeUnknownError, TargetUnreachableError):
            return False
        await asyncio.sleep(self._chance.uniform(0, self.delay_s_max))
        status = f"HTTP/1.1 {reply.status} Told\r\nContent-Length: {len(reply.body)}\r\n\r\n"
        writer.write(status.encode() + reply.body)
        return True


@contextmanager
def fake_server(
    service: FakeService | FakePages, chance: random.Random, delay_s_max: float = 0.01
) -> Iterator[FakeServer]:
    """A server while the block runs; fails if it was asked for something impossible."""
    server = FakeServer(service, chance, delay_s_max)
    server.start()
    try:
        yield server
    finally:
        server.stop()
    assert not server.wrong, server.wrong
