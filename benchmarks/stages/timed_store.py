"""A store that takes the time of what it is asked, whatever its methods are called."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

_WRITES: Final = frozenset({"new_group", "write"})


class TimedStore:
    """Stands before a store. Seconds gather in `read_s` and `written_s`."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.read_s = 0.0
        self.written_s = 0.0

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self._store, name)
        if not callable(asked):
            return asked
        timed = self._timed(asked, self._wrote if name in _WRITES else self._read)
        self.__dict__[name] = timed  # the next time it is found without coming here
        return timed

    def _read(self, seconds: float) -> None:
        self.read_s += seconds

    def _wrote(self, seconds: float) -> None:
        self.written_s += seconds

    def _timed(
        self, asked: Callable[..., Any], took: Callable[[float], None]
    ) -> Callable[..., Any]:
        def timed(*arguments: Any, **options: Any) -> Any:
            began_s = time.perf_counter()
            answer = asked(*arguments, **options)
            took(time.perf_counter() - began_s)
            return _TimedEntries(answer, took) if hasattr(answer, "__next__") else answer

        return timed


class _TimedEntries:
    """An iterator whose every step is timed."""

    def __init__(self, entries: Iterator[Any], took: Callable[[float], None]) -> None:
        self._entries = entries
        self._took = took

    def __iter__(self) -> _TimedEntries:
        return self

    def __next__(self) -> Any:
        began_s = time.perf_counter()
        try:
            return next(self._entries)
        finally:
            self._took(time.perf_counter() - began_s)

    def close(self) -> None:
        """End a generator."""
        close = getattr(self._entries, "close", None)
        if close is not None:
            close()
