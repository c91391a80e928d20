"""What `pannier workshop` says: how to go on after setting up, where things are, the progress."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pannier.errors import UserError
from pannier.workshop.chapter import TABLE
from pannier.workshop.checking import Progress, check
from pannier.workshop.files import NAMES
from pannier.workshop.finding import State
from pannier.workshop.place import Workshop
from pannier.workshop.server import PORT, Server, running
from pannier.workshop.steps import STEPS
from pannier.workshop.table import TableState

_MARKS: Final = {
    State.DONE: "done",
    State.NOT_YET: "not yet",
    State.WRONG: "wrong",
    State.UNSEEN: "unseen",
}
_WIDTH: Final = max(len(mark) for mark in _MARKS.values())


def started_lines(
    workshop: Workshop,
    server: Server,
    table: TableState,
    was_running: bool,
    *,
    wanted_port: bool,
) -> Iterator[str]:
    """What was set up, and what to type next."""
    yield f"folder   {workshop.shown()}"
    running_since = "runs already, " if was_running else ""
    yield f"server   {running_since}{server.url} (process {server.pid})"
    if wanted_port and workshop.record.port != PORT:
        yield f"         port {PORT} is taken, or another was asked for before"
    if server.console is not None:
        yield f"console  {server.console}"
    made = "made, with what earlier chapters put into it" if table == "made" else "there already"
    yield f"table    {TABLE} ({made})"
    yield ""
    yield "Work in that folder, and point every AWS tool at the server:"
    yield ""
    if Path.cwd() != workshop.path:
        yield f"  cd {shlex.quote(workshop.shown())}"
    yield f"  {server.exports}"
    yield ""
    yield f"Begin with step {STEPS[0].number}: {STEPS[0].title}. docs/workshop has the pages."
    yield "How far you are: pannier workshop check"


def server_lines(server: Server | None) -> Iterator[str]:
    """That a server was ended, if one was."""
    if server is not None:
        yield f"ended the server at {server.url} (process {server.pid})"


def state_of(workshop: Workshop) -> dict[str, Any]:
    """Where the workshop is and what of it runs, as plain values."""
    server = running(workshop)
    state: dict[str, Any] = {
        "folder": str(workshop.path),
        "database": str(workshop.database),
        "log": str(workshop.log),
        "files": [name for name in NAMES if (workshop.path / name).exists()],
        "server": None,
        "progress": None,
        "trouble": None,
    }
    if server is None:
        return state
    state["server"] = {
        "url": server.url,
        "pid": server.pid,
        "console": server.console,
        "started_by_workshop": server.is_ours,
    }
    try:
        progress = check(server.url, workshop.path, None)
    except UserError as error:
        state["trouble"] = f"{error.message}; {error.advice}"
        return state
    upcoming = progress.next
    state["progress"] = {
        "done": progress.count(State.DONE),
        "of": len(progress.found),
        "next": None if upcoming is None else upcoming.number,
    }
    return state


def status_lines(state: dict[str, Any]) -> Iterator[str]:
    """The same for reading."""
    yield f"folder    {state['folder']}"
    yield f"database  {state['database']}"
    yield f"files     {', '.join(state['files']) or 'none yet'}"
    server = state["server"]
    if server is None:
        yield "server    does not run; start it with: pannier workshop start"
        return
    whose = "" if server["started_by_workshop"] else ", which the workshop did not start"
    yield f"server    {server['url']} (process {server['pid']}{whose})"
    if server["console"]:
        yield f"console   {server['console']}"
    yield f"log       {state['log']}"
    if state["trouble"]:
        yield f"table     {state['trouble']}"
        return
    progress = state["progress"]
    upcoming = f"; next is {progress['next']}" if progress["next"] else ""
    yield f"progress  {progress['done']} of {progress['of']} steps done{upcoming}"


def progress_lines(progress: Progress) -> Iterator[str]:
    """A line for each step, with its evidence, and what is next."""
    for step, finding in progress.found:
        mark = _MARKS[finding.state]
        yield f"{step.number}  {mark:{_WIDTH}}  {step.title}"
        yield f"     {'':{_WIDTH}}  {finding.evidence}"
    yield ""
    yield f"{progress.count(State.DONE)} of {len(progress.found)} steps done"
    upcoming = progress.next
    if upcoming is not None:
        yield f"Next is {upcoming.number}, {upcoming.title}:"
        yield f"  {upcoming.todo}"
    elif progress.count(State.UNSEEN):
        yield "What can't be seen here is for you to judge."
