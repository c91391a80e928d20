"""The command in this process: as a user runs it, without the time that starting Python takes."""

import io
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from pannier.cli.main import main


@dataclass(frozen=True)
class Done:
    """A command that has ended: its status, standard output, and standard error."""

    status: int
    out: str
    err: str


def run(folder: Path, *arguments: str) -> Done:
    """Run a command in a folder."""
    out, err = _stream(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = _status(folder, arguments)
    return Done(status, _content(out), err.getvalue())


def run_as_shown(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run a command in a folder; its status, and all that a terminal would show of it."""
    shown = _stream()
    with redirect_stdout(shown), redirect_stderr(shown):
        status = _status(folder, arguments)
    return status, _content(shown)


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _content(stream: io.TextIOWrapper) -> str:
    return stream.buffer.getvalue().decode()  # type: ignore[attr-defined, no-any-return]


def _status(folder: Path, arguments: tuple[str, ...]) -> int:
    with chdir(folder):
        try:
            return main(arguments)
        except SystemExit as end:
            return int(end.code or 0)


def good(folder: Path, *arguments: str) -> Done:
    """Run a command that must end well."""
    done = run(folder, *arguments)
    assert done.status == 0, done.err
    return done


def refused(folder: Path, *arguments: str) -> str:
    """What a command says that can't do what it was told: in words, and what to do next."""
    done = run(folder, *arguments)
    assert done.status == 1, done.err
    assert "Traceback" not in done.err
    assert done.out == ""
    return " ".join(done.err.split())
