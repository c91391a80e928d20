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

    Raises:
        UserError: the port can't be had.

    Attributes:
        url: what to open in a browser.
    """

    def __init__(self, address: str, port: int, *, or_any: bool, folder: Path) -> None:
        self._options = ["--target", address, "--folder", str(folder)]
        self._listener = listening(port, or_any=or_any)
        self._token = new_token()
        self.url = url_of(self._listener, self._token)
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
        handed = (self._listener.fileno(), self._lifeline)
        ours = ["--socket", str(handed[0]), "--lifeline", str(handed[1])]
        return subprocess.Popen(  # noqa: S603  # this program itself
            [sys.executable, "-m", "pannier", "console", *self._options, *ours],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=handed,
            env={**os.environ, TOKEN_VARIABLE: self._token},
            start_new_session=True,  # a Ctrl-C on the terminal is for the server, which ends us
        )
