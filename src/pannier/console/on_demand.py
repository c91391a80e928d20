"""A server's console, which costs nothing until somebody opens it.

The server holds the console's socket, as systemd does for services. At the first visitor the
console is started as a process of its own, and handed the socket; the visitor waits in the
socket's queue meanwhile. The console ends with the server, however that ends: it notices the end
of a pipe. Should it break, the next visitor has it started again.
"""

import logging
import os
import select
import subprocess
import sys
import threading
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from pannier.console.ending import end
from pannier.console.listening import TOKEN_VARIABLE, listening, new_token, url_of

_LOG: Final = logging.getLogger(__name__)

_END_S_MAX: Final = 5.0
_REST_S: Final = 1.0


def available() -> bool:
    """Whether what the console needs is installed."""
    return find_spec("nicegui") is not None


class ConsoleOnDemand:
    """Holds the socket of a console until it is closed.

    Args:
        address: the server's URL, at which the console will look.
        port: the console's.
        or_any: whether any free port is taken where this one is in use.
        folder: for the files of the console's shell.
        environment: of the console's process, beside this one's; None takes a variable away.
        sign_in: whether visitors show credentials of the server, instead of a token.

    Raises:
        UserError: the port can't be had.

    Attributes:
        url: what to open in a browser.
    """

    def __init__(
        self,
        address: str,
        port: int,
        *,
        or_any: bool,
        folder: Path,
        environment: Mapping[str, str | None] | None = None,
        sign_in: bool = False,
    ) -> None:
        self._options = ["--target", address, "--folder", str(folder), "--of-server"]
        self._environment = dict(environment or {})
        self._listener = listening(port, or_any=or_any)
        if sign_in:
            self._options.append("--sign-in")
            self.url = url_of(self._listener)
        else:
            token = new_token()
            self._environment[TOKEN_VARIABLE] = token
            self.url = url_of(self._listener, token)
        self._lifeline, self._hold = os.pipe()
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="pannier-console", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the console, if it runs, and let go of the port."""
        self._ended.set()
        os.close(self._hold)
        if self._process is not None:
            end(self._process, _END_S_MAX)
        self._thread.join()
        self._listener.close()
        os.close(self._lifeline)

    def _watch(self) -> None:
        # The pipe's end wakes us, too: its writing end is closed when we are.
        while not self._ended.is_set():
            awaited = (self._listener.fileno(), self._lifeline)
            readable, _, _ = select.select(awaited, [], [])
            if self._lifeline in readable:
                return
            self._process = self._start()
            self._process.wait()
            self._ended.wait(_REST_S)  # should it break at once each time, not without end

    def _start(self) -> subprocess.Popen[bytes]:
        _LOG.info("the console is started")
        changed = {**os.environ, **self._environment}
        handed = (self._listener.fileno(), self._lifeline)
        ours = ["--socket", str(handed[0]), "--lifeline", str(handed[1])]
        return subprocess.Popen(  # noqa: S603  # this program itself
            [sys.executable, "-m", "pannier", "console", *self._options, *ours],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=handed,
            env={name: value for name, value in changed.items() if value is not None},
            start_new_session=True,  # a Ctrl-C on the terminal is for the server, which ends us
        )
