"""A `pannier serve` of the console's own, for folders that nobody serves and for memory.

So the engine has a process of its own here too, and everything else on the machine can use it.
"""

import subprocess
import sys
from collections.abc import Sequence
from typing import Final, Self

from pannier.console.ending import end
from pannier.errors import UserError

_END_S_MAX: Final = 15.0
_ANNOUNCES: Final = " at http"


class OwnServer:
    """A server that lives as long as the block in which it is used.

    Args:
        options: of `pannier serve`, which say what it serves.

    Raises:
        UserError: it did not start, in its own words.
    """

    def __init__(self, options: Sequence[str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # this program itself
            [sys.executable, "-m", "pannier", "serve", "--port", "0", "--no-console", *options],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a Ctrl-C on the terminal is for the console, which ends us
        )
        assert self._process.stderr is not None
        first = self._process.stderr.readline()
        if _ANNOUNCES not in first:
            said = (first + self._process.stderr.read()).strip()
            self._process.wait()
            message, _, advice = said.removeprefix("pannier: ").partition("\n")
            raise UserError(message or "the server did not start", advice)
        self.url = first.rpartition(" at ")[2].strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it, gently first."""
        end(self._process, _END_S_MAX)
        if self._process.stderr is not None:
            self._process.stderr.close()
