"""Where lines of the log go: a file or a stream, written by a thread of its own.

Who has a line to write leaves it here and goes on, however slow the disk is. Lines wait up to a
bound; those above it are dropped, counted, and the log says how many as soon as it can be written
again. The same goes for lines that the disk refused.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pannier.clock import Clock
from pannier.errors import UserError
from pannier.limits import MIB
from pannier.service.observing.log_lines import Fields

_WAITING_BYTES_MAX: Final = 4 * MIB
_GATHER_S: Final = 0.05  # a thread that woke for each line would take turns with the event loop
_CLOSE_S_MAX: Final = 5.0
_MODE: Final = 0o640
_STDOUT: Final = 1
_STDERR: Final = 2
_NEWLINE: Final = ord("\n")


class LogWriter:
    """Writes lines. Safe to share between threads.

    Args:
        path: the file, which is appended to; `-` for standard output, None for standard error.
        line: makes a line of what there is to say.
        clock: tells when.
        gather_s: for how long lines are gathered before they are written together.
        waiting_bytes_max: how much may wait.

    Raises:
        UserError: the file can't be opened.
    """

    def __init__(
        self,
        path: Path | None,
        line: Callable[[Fields], bytes],
        *,
        clock: Clock = time.time,
        gather_s: float = _GATHER_S,
        waiting_bytes_max: int = _WAITING_BYTES_MAX,
    ) -> None:
        is_stream = path is None or str(path) == "-"
        self._path = None if is_stream else path
        self._line = line
        self._clock = clock
        self._gather_s = gather_s
        self._waiting_bytes_max = waiting_bytes_max
        self._file = _STDERR if path is None else _STDOUT
        if self._path is not None:
            try:
                self._file = _opened(self._path)
            except OSError as error:
                raise UserError(
                    f"the log {self._path} can't be written: {error.strerror}",
                    "Name another file with --log, or mend its folder.",
                ) from None
        self._lines: list[bytes] = []
        self._waiting_bytes = 0
        self._dropped = 0
        self._torn = False  # whether the last line was written in part
        self._failed = False
        self._reopening = False
        self._closing = False
        self._lock = threading.Lock()
        self._alarm = threading.Event()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pannier-log", daemon=True)
        self._thread.start()

    def say(self, fields: Fields) -> None:
        """Have something written. Never waits, never raises."""
        self.put(self._line(fields))

    def put(self, line: bytes) -> None:
        """Have a line written."""
        with self._lock:
            if self._waiting_bytes + len(line) > self._waiting_bytes_max:
                self._dropped += 1
                return
            self._lines.append(line)
            self._waiting_bytes += len(line)
        if not self._alarm.is_set():
            self._alarm.set()

    def reopen(self) -> None:
        """Go on in a new file at the same place: the one there was may have been moved away."""
        self._reopening = True
        self._alarm.set()

    def close(self) -> None:
        """Write what waits, unless the disk takes too long, and let go. May be called twice."""
        if self._closing:
            return
        self._closing = True
        self._end.set()
        self._alarm.set()
        self._thread.join(_CLOSE_S_MAX)
        if self._path is not None and not self._thread.is_alive():
            os.close(self._file)

    def _run(self) -> None:
        while True:
            self._alarm.wait()
            self._end.wait(self._gather_s)
            closing = self._closing  # what was put before `close` is written
            self._alarm.clear()
            self._write_waiting()
            if self._reopening:
                self._reopening = False
                self._open_again()
                self._write_waiting()
            if closing:
                return

    def _write_waiting(self) -> None:
        with self._lock:
            lines, self._lines = self._lines, []
            dropped, self._dropped = self._dropped, 0
        taken_bytes = sum(map(len, lines))
        if dropped:
            lines.append(self._notice("lines of the log were dropped", lines=dropped))
        unwritten = self._write(b"".join(lines))
        with self._lock:  # only now may others take the place of these
            self._waiting_bytes -= taken_bytes
            if unwritten:  # the last of them may be the notice, which stands for those it counts
                self._dropped += dropped + unwritten - (1 if dropped else 0)

    def _write(self, text: bytes) -> int:
        """Write lines; how many of them the disk did not take."""
        rest = memoryview(text)
        try:
            if self._torn and text:
                os.write(self._file, b"\n")
                self._torn = False
            while rest:
                written = os.write(self._file, rest)
                self._torn = rest[written - 1] != _NEWLINE
                rest = rest[written:]
        except OSError as error:
            if not self._failed:
                self._failed = True
                _say_aside(f"the log can't be written, lines are dropped: {error.strerror}")
            return bytes(rest).count(b"\n")
        if self._failed and text:
            self._failed = False
            _say_aside("the log is written again")
        return 0

    def _open_again(self) -> None:
        if self._path is None:
            return
        try:
            opened = _opened(self._path)
        except OSError as error:
            self.put(self._notice("the log can't be reopened", reason=str(error.strerror)))
            _say_aside(f"the log {self._path} can't be reopened: {error.strerror}")
            return
        os.close(self._file)
        self._file, self._torn = opened, False

    def _notice(self, event: str, **fields: object) -> bytes:
        return self._line({"time": self._clock(), "level": "warning", "event": event, **fields})


def _opened(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)


def _say_aside(text: str) -> None:
    """Tell standard error what the log itself can't take."""
    try:
        sys.stderr.write(f"pannier: {text}\n")
        sys.stderr.flush()
    except OSError:  # nobody is left to be told
        return
