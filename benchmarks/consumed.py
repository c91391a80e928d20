"""What a server says it has metered, looked at again and again while something else works on it.

The figures are the server's own, of `/metrics`. A look takes time, and so does the way of a call:
each sum is known to have been reached between two moments.
"""

import re
import threading
import time
import urllib.request
from types import TracebackType
from typing import Final, NamedTuple, Self

_EVERY_S: Final = 0.1
_TIMEOUT_S: Final = 10.0


class Look(NamedTuple):
    """Units that had been consumed, from the server's start, when somebody looked."""

    before_s: float
    after_s: float
    units: float


class Consumed:
    """Looks at a server until it is left.

    Args:
        url: the server's.
        table: whose units count; those of its indexes do not.
        kind: `read` or `write`.

    Attributes:
        looks: what was seen, in order of time.
    """

    def __init__(self, url: str, table: str, kind: str) -> None:
        self.looks: list[Look] = []
        self._url = f"{url}/metrics"
        self._table = table
        self._kind = kind
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self.looks.append(self._look())
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        self.looks.append(self._look())

    @property
    def units(self) -> float:
        """All that was consumed."""
        return self.looks[-1].units - self.looks[0].units

    @property
    def took_s(self) -> float:
        """From the first unit to the last."""
        first, last = self._busy()
        return last.after_s - first.before_s

    def windows(self, length_s: float) -> list[float]:
        """Units a second in each window of a length, while there was something to do."""
        first, last = self._busy()
        looks = [look for look in self.looks if first.after_s <= look.after_s <= last.after_s]
        found: list[float] = []
        end = 0
        for begin in looks:
            while end < len(looks) and looks[end].after_s - begin.before_s < length_s:
                end += 1
            if end == len(looks):
                break
            took_s = looks[end].after_s - begin.before_s
            found.append((looks[end].units - begin.units) / took_s)
        return found

    def _busy(self) -> tuple[Look, Look]:
        """The last look before the first unit, and the first after the last one."""
        nothing, everything = self.looks[0].units, self.looks[-1].units
        first = next(look for look in reversed(self.looks) if look.units == nothing)
        return first, next(look for look in self.looks if look.units == everything)

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY_S):
            self.looks.append(self._look())

    def _look(self) -> Look:
        before_s = time.monotonic()
        with urllib.request.urlopen(self._url, timeout=_TIMEOUT_S) as answer:
            text = answer.read().decode()
        units = sum(
            float(number)
            for labels, number in re.findall(
                r"^pannier_consumed_units_total\{(.*)\} (.*)$", text, re.MULTILINE
            )
            if f'table="{self._table}"' in labels
            and f'kind="{self._kind}"' in labels
            and 'index=""' in labels
        )
        return Look(before_s, time.monotonic(), units)
