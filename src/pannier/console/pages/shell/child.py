"""One command at a time, as a process of its own whose output arrives while it runs."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from pannier.console.pages.shell.scrollback import Decoder
from pannier.errors import UserError

_READ_BYTES: Final = 1 << 16
_GRACE_S: Final = 3.0
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


class Child:
    """Runs commands, never through a shell.

    Args:
        folder: where they work.
        environment: theirs.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_running(self) -> bool:
        """Whether one runs."""
        return self._process is not None and self._process.returncode is None

    async def run(self, arguments: Sequence[str], say: Callable[[str], None]) -> int:
        """Run a command to its end.

        Args:
            arguments: the program's path and its arguments.
            say: called with what it writes, both to standard output and to standard error.

        Returns:
            Its exit status; of one that a signal has ended, 128 and the signal's number, as shells
            have it.

        Raises:
            UserError: it can't be started.
        """
        try:
            process = self._process = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                cwd=self._folder,
                env=dict(self._environment),
                start_new_session=True,  # so that it and what it starts can be ended together
            )
        except (OSError, ValueError) as error:
            raise UserError(f"{arguments[0]} can't be started: {error}") from None
        assert process.stdout is not None
        decoder = Decoder()
        try:
            while piece := await process.stdout.read(_READ_BYTES):
                say(decoder.text(piece))
            say(decoder.text(b"", last=True))
            status = await process.wait()
        finally:
            await self.stop()
            self._process = None
        return 128 - status if status < 0 else status

    async def stop(self) -> None:
        """Interrupt the command, as Ctrl-C does; end it if it goes on all the same."""
        process = self._process
        if process is None:
            return
        for number in _SIGNALS:
            if process.returncode is not None:
                return
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _GRACE_S)
