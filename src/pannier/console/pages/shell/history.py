"""What was typed before, to be had again with the arrow keys. In memory, and bounded."""

from collections import deque
from typing import Final

_KEPT_MAX: Final = 500


class History:
    """What was run on a console, by whichever of its pages."""

    def __init__(self) -> None:
        self._entries: deque[str] = deque(maxlen=_KEPT_MAX)

    def add(self, text: str) -> None:
        """Keep a text, unless it is the one before."""
        if text.strip() and (not self._entries or self._entries[-1] != text):
            self._entries.append(text)

    def listed(self) -> str:
        """All of them, the oldest first."""
        return "".join(
            f"{number:5}  {text.replace(chr(10), chr(10) + ' ' * 7)}\n"
            for number, text in enumerate(self._entries, 1)
        )

    @property
    def entries(self) -> tuple[str, ...]:
        """All of them, the oldest first."""
        return tuple(self._entries)


class Recall:
    """Going back and forth in a history; what was being typed is at its end.

    Args:
        history: it may grow meanwhile.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._back = 0
        self._typed = ""

    def older(self, now: str) -> str | None:
        """The text before; None if there is none."""
        entries = self._history.entries
        if self._back >= len(entries):
            return None
        if self._back == 0:
            self._typed = now
        self._back += 1
        return entries[-self._back]

    def newer(self) -> str | None:
        """The text after; None if there is none."""
        if self._back == 0:
            return None
        self._back -= 1
        entries = self._history.entries
        return entries[-self._back] if self._back else self._typed

    def reset(self) -> None:
        """Begin at the end again."""
        self._back = 0
