"""Work behind a screen, in a thread that nobody waits for.

A place that does not answer may hold a thread for half a minute. The screen goes on meanwhile, and
may be left: the thread is let go with the process. What it finds is fetched by the screen, so it
never touches a screen that is gone.
"""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Final, Generic, TypeVar

_Found = TypeVar("_Found")

FETCHED_EVERY_S: Final = 0.1
"""How often a screen fetches what was found."""


class Behind(Generic[_Found]):
    """One thing after another; what is begun while another is under way waits for it.

    Of several that wait only the last is done: the others are out of date.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._busy = False
        self._next: Callable[[], _Found] | None = None
        self._ended: SimpleQueue[_Found | Exception] = SimpleQueue()

    def begin(self, work: Callable[[], _Found]) -> None:
        """Do something, now or as soon as the thread is free."""
        with self._lock:
            self._next = work
            if self._busy:
                return
            self._busy = True
        Thread(target=self._run, name="behind the screen", daemon=True).start()

    def fetch(self) -> list[_Found | Exception]:
        """What was found since the last time; or the error, if there was one."""
        found: list[_Found | Exception] = []
        while True:
            try:
                found.append(self._ended.get_nowait())
            except Empty:
                return found

    def _run(self) -> None:
        while True:
            with self._lock:
                work, self._next = self._next, None
                if work is None:
                    self._busy = False
                    return
            try:
                self._ended.put(work())
            except Exception as error:  # whoever fetches it knows what to do with it
                self._ended.put(error)
