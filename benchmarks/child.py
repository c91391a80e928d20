"""A function's result from a process of its own.

Every run of the generator gets a fresh process, so that no run inherits another's heap
or garbage collector's debts. Forking hands over the prebuilt requests for nothing.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TypeVar

_FORK = multiprocessing.get_context("fork")
_END_TIMEOUT_S = 5.0

Result = TypeVar("Result")


class ChildError(Exception):
    """The child ended without a result; says why."""


def in_child(work: Callable[[], Result], timeout_s: float) -> Result:
    """What *work* returns, computed in a forked process within *timeout_s*."""
    receiving, sending = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_work, args=(work, sending), daemon=True)
    process.start()
    sending.close()
    try:
        if not receiving.poll(timeout_s):
            raise ChildError(f"no result within {timeout_s:.0f} s")
        result, reason = receiving.recv()
    except EOFError as ended:
        raise ChildError("the generator's process died") from ended
    finally:
        receiving.close()
        process.kill()
        process.join(_END_TIMEOUT_S)
    if reason:
        raise ChildError(reason)
    answer: Result = result
    return answer


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[None]:
    """Run *work*, which need not end, in a forked process while the block runs."""
    process = _FORK.Process(target=work, daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join(_END_TIMEOUT_S)


def _work(work: Callable[[], Result], sending: Connection) -> None:
    gc.disable()
    try:
        sending.send((work(), ""))
    except OSError as reason:
        sending.send((None, f"{type(reason).__name__}: {reason}"))
