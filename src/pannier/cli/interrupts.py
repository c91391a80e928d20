"""Ctrl-C and SIGTERM: the first lets what is in flight finish, the second ends at once."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_ENDED_BY = (signal.SIGINT, signal.SIGTERM)
_AGAIN_S = 0.5


FINISHING: Final = "finishing the calls in flight"


@contextmanager
def interruptible(first: str = FINISHING) -> Iterator[None]:
    """Raise `KeyboardInterrupt` at both signals while the block runs, and say what happens.

    Only the main thread may enter it.

    Args:
        first: what happens at the first of them, in words.
    """
    seen = 0

    def interrupt(number: int, _: FrameType | None) -> None:
        nonlocal seen
        if number == signal.SIGALRM:
            raise KeyboardInterrupt
        seen += 1
        if seen == 1:
            sys.stderr.write(f"pannier: {first}; once more ends at once\n")
        else:  # a third ends the process without another word
            for each in _ENDED_BY:
                signal.signal(each, signal.SIG_DFL)
            # Close upon the first, its exception takes the place of the first one's, and counts
            # for one; then another has to follow.
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)
        raise KeyboardInterrupt(signal.Signals(number).name)

    before = {number: signal.signal(number, interrupt) for number in (*_ENDED_BY, signal.SIGALRM)}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
