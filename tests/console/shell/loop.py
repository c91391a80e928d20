"""Tests of coroutines."""

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any

_PATIENCE_S = 30


def on_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test on an event loop of its own."""

    @functools.wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*arguments, **named), _PATIENCE_S))

    return run
