"""The workshop's server: a process of its own, which outlives the command that started it.

Whether it runs is not a matter of the process id in a note, which may be another's by now, but of
who holds the lock of the database folder. Only the process that holds it is ever ended.
"""

import os
import re
import signal
import socket
import sys
import time
from dataclasses import asdict, dataclass
from typing import Final

import orjson

from pannier.errors import UserError
from pannier.storage.folder import live_owner, read_owner, replace_file
from pannier.workshop.place import Workshop

PORT: Final = 8000
_HOST: Final = "127.0.0.1"
_START_S_MAX: Final = 30.0
_STOP_S_MAX: Final = 30.0
_LOG_S_MAX: Final = 2.0
_POLL_S: Final = 0.05
_LOG_LINES: Final = 5
_CONSOLE: Final = re.compile(r"^\s*console: (http\S+)", re.MULTILINE)
_LAST_LINE: Final = "Ctrl-C ends it"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs.

    Attributes:
        pid: its process id.
        url: where it answers.
        console: the address of its web console; None if it has none.
        is_ours: whether the workshop started it.
    """

    pid: int
    url: str
    console: str | None = None
    is_ours: bool = True

    @property
    def exports(self) -> str:
        """The line that points every AWS tool at it."""
        return (
            f"export AWS_ENDPOINT_URL={self.url} AWS_DEFAULT_REGION=us-east-1 "
            "AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local"
        )


def running(workshop: Workshop) -> Server | None:
    """The server of the workshop's database, if one runs."""
    owner = live_owner(workshop.database)
    if owner is None:
        return None
    pid, url = owner
    if pid is None or url is None:
        return None
    noted = _noted(workshop)
    if noted is not None and noted.pid == pid:
        return Server(pid, url, noted.console)
    return Server(pid, url, is_ours=False)


def start(workshop: Workshop, port: int | None) -> Server:
    """Start the server, and wait until it answers.

    Args:
        workshop: whose.
        port: 0 for any free one; None for the one it had before, else 8000, else any free one.

    Raises:
        UserError: the port is taken, the database is in use, or the server ends at once.
    """
    _refuse_held(workshop)
    chosen = _free_port(workshop, port)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    words = ["-m", "pannier", "serve", "--path", str(workshop.database), "--port", str(chosen)]
    words += ["--console-folder", str(workshop.path.absolute())]
    to_log = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, *words],
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(workshop.log), to_log, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,  # what the terminal sends to the command, Ctrl-C too, is not for the server
    )
    # Before anything can go wrong, so that whatever happens now, it can be stopped.
    _note(workshop, Server(pid, ""))
    url = _wait_for_address(workshop, pid)
    server = Server(pid, url, _console(workshop))
    _note(workshop, server)
    workshop.record.port = int(url.rpartition(":")[2])
    workshop.save()
    return server


def stop(workshop: Workshop) -> Server | None:
    """End the server; returns the one that ran, or None.

    Raises:
        UserError: the server that runs was not started by the workshop, or does not end.
    """
    server = running(workshop)
    if server is None:
        _refuse_held(workshop)
        workshop.server_note.unlink(missing_ok=True)
        return None
    if not server.is_ours:
        raise UserError(
            f"the server at {server.url} (process {server.pid}) was not started by the workshop",
            "End it where it was started, with Ctrl-C.",
        )
    os.kill(server.pid, signal.SIGTERM)
    give_up_at_s = time.monotonic() + _STOP_S_MAX
    while live_owner(workshop.database) is not None:
        if time.monotonic() > give_up_at_s:
            raise UserError(
                f"the server (process {server.pid}) has not ended in {_STOP_S_MAX:g} s",
                f"What was answered is on disk, so you may: kill -9 {server.pid}",
            )
        time.sleep(_POLL_S)
    workshop.server_note.unlink(missing_ok=True)
    return server


def _refuse_held(workshop: Workshop) -> None:
    owner = live_owner(workshop.database)
    if owner is not None and owner[1] is None:
        who = f"process {owner[0]}" if owner[0] else "another process"
        raise UserError(
            f"the workshop's database is in use by {who}",
            "Wait until that command is done, then do this again.",
        )


def _free_port(workshop: Workshop, port: int | None) -> int:
    if port is not None:
        if port and not _is_free(port):
            raise UserError(
                f"port {port} is taken by another program",
                "Name another, or none: pannier workshop start takes a free one by itself.",
            )
        return port
    wanted = [each for each in (workshop.record.port, PORT) if each is not None]
    return next((each for each in wanted if _is_free(each)), 0)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


def _wait_for_address(workshop: Workshop, pid: int) -> str:
    give_up_at_s = time.monotonic() + _START_S_MAX
    while time.monotonic() < give_up_at_s:
        ended, _ = os.waitpid(pid, os.WNOHANG)
        if ended:
            raise UserError("the server ended at once; it said:", _said(workshop))
        # Only its note is looked at: whoever asks for the lock might be in the server's way.
        owner, url = read_owner(workshop.database)
        if owner == pid and url is not None:
            return url
        time.sleep(_POLL_S)
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)
    raise UserError(f"the server was not ready in {_START_S_MAX:g} s; it said:", _said(workshop))


def _said(workshop: Workshop) -> str:
    lines = workshop.log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
    return "\n".join(f"  {line}" for line in lines or ["nothing"])


def _console(workshop: Workshop) -> str | None:
    """The console's address, which a server may print once it is ready."""
    give_up_at_s = time.monotonic() + _LOG_S_MAX
    while True:
        said = workshop.log.read_text(errors="replace")
        if _LAST_LINE in said or time.monotonic() > give_up_at_s:
            found = _CONSOLE.search(said)
            return found[1] if found else None
        time.sleep(_POLL_S)


def _note(workshop: Workshop, server: Server) -> None:
    replace_file(workshop.server_note, orjson.dumps(asdict(server)))


def _noted(workshop: Workshop) -> Server | None:
    try:
        note = orjson.loads(workshop.server_note.read_bytes())
        return Server(note["pid"], note["url"], note["console"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
