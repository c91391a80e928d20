"""An event loop on a thread of its own: where a database of a test lives.

The service's handlers belong on one loop. A test must not have to provide it: its own loop, if it
has one, is blocked while a client that is not asynchronous waits for an answer.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import uvloop

_Result = TypeVar("_Result")


class LoopThread:
    """An event loop that runs until `close`. It never keeps a process alive."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
        self._thread = threading.Thread(
            target=self.loop.run_forever, name="pannier-testing", daemon=True
        )
        self._thread.start()

    def call_soon(self, action: Callable[[], object]) -> None:
        """Have something done on the loop, without waiting for it."""
        self.loop.call_soon_threadsafe(action)

    def run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Run something on the loop, and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def do(self, action: Callable[[], _Result]) -> _Result:
        """Do something on the loop, and wait for its result."""

        async def step() -> _Result:
            return action()

        return self.run(step())

    def close(self) -> None:
        """End the loop and its thread; tasks that are left are cancelled."""
        self.do(self._cancel_tasks)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    def _cancel_tasks(self) -> None:
        current = asyncio.current_task(self.loop)
        for task in asyncio.all_tasks(self.loop):
            if task is not current:
                task.cancel()
