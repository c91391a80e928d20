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
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    err = io.StringIO()
    with chdir(folder), redirect_stdout(out), redirect_stderr(err):
        try:
            status = main(arguments)
        except SystemExit as end:
            status = int(end.code or 0)
    return Done(status, out.buffer.getvalue().decode(), err.getvalue())  # type: ignore[attr-defined]


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
