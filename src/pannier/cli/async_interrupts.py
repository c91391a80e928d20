"""Ctrl-C and SIGTERM in a command that runs on an event loop of its own.

The loop calls the handler between two steps of its tasks, and only the command's own task is
cancelled. An exception out of an ordinary signal handler could come up in the middle of a
connection's work, and would have `asyncio.run` cancel the connections too, which are still needed
to clear up.
"""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

_ENDED_BY: Final = (signal.SIGINT, signal.SIGTERM)
_Result = TypeVar("_Result")


async def cancelled_by_signals(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Do some work; the first signal cancels it, so that it clears up; the second ends at once.

    Only the main thread may use it.

    Raises:
        asyncio.CancelledError: a signal came, and the work has cleared up.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)

    def interrupt() -> None:
        sys.stderr.write("pannier: removing what was written; once more ends at once\n")
        for number in _ENDED_BY:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        task.cancel()

    before = {number: signal.getsignal(number) for number in _ENDED_BY}
    for number in _ENDED_BY:
        loop.add_signal_handler(number, interrupt)
    try:
        return await task
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
