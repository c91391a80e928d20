"""`pannier workshop`: the chapter's exercises, from setting up to cleaning up."""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import orjson

from pannier.cli import options as shared
from pannier.cli.status import DONE, FAILED
from pannier.cli.workshop_text import (
    progress_lines,
    server_lines,
    started_lines,
    state_of,
    status_lines,
)
from pannier.errors import UserError
from pannier.library.connecting import connect
from pannier.targets.resolve import resolve
from pannier.workshop.checking import check
from pannier.workshop.cleaning import readers_own, remove
from pannier.workshop.files import NAMES, write_files
from pannier.workshop.place import Workshop
from pannier.workshop.server import running, start, stop
from pannier.workshop.steps import steps
from pannier.workshop.table import make_table

_EXAMPLES: Final = """  pannier workshop start
  pannier workshop start --path lessons --port 0
  pannier workshop status
  pannier workshop files                  all files of the exercises, to save typing
  pannier workshop files large-batch.json
  pannier workshop check                  how far you are, and what is next
  pannier workshop check 3.2
  pannier workshop stop                   ends the server; everything stays on disk
  pannier workshop clean

The exercises are in docs/workshop. Every action looks for the workshop in this folder, then in
./workshop, unless --path names another.
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    begin = _action(
        actions,
        "start",
        _start,
        "make the folder, the table and its items, and start a server that goes on by itself; "
        "whatever is there already stays as it is",
    )
    begin.add_argument(
        "--port",
        type=shared.port,
        help="of the server; 0 for any free one (default: the one it had before, else 8000, else "
        "any free one)",
    )
    write = _action(
        actions,
        "files",
        _files,
        f"write the files of the exercises into the folder: {', '.join(NAMES)}",
    )
    write.add_argument("names", nargs="*", metavar="NAME", help="which (default: all)")
    write.add_argument("--force", action="store_true", help="also over those that you changed")
    _add_check(actions)
    status = _action(actions, "status", _status, "say what runs where, and how far you are")
    _add_output(status)
    _action(actions, "stop", _stop, "end the server; the database and your files stay")
    clean = _action(
        actions, "clean", _clean, "end the server and delete what the workshop made, its folder too"
    )
    clean.add_argument(
        "--yes",
        action="store_true",
        help="also delete files of your own that are in the folder that the workshop made",
    )


def _add_check(actions: shared.Subparsers) -> None:
    parser = _action(
        actions,
        "check",
        _check,
        "say of each step whether it is done, by what that is known, and what is next; the exit "
        "status is 0 if nothing is left to do, else 1",
    )
    parser.add_argument(
        "step", nargs="?", metavar="STEP", help="only this one, as in 3.2, or an exercise, as in 3"
    )
    parser.add_argument(
        "--target",
        metavar="TARGET",
        help="where you followed the exercises, if not on the workshop's own server: aws, a URL, "
        "local:PATH; files are then looked for in this folder",
    )
    _add_output(parser)


def _action(
    actions: shared.Subparsers,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=summary, description=summary[:1].upper() + summary[1:] + "."
    )
    parser.add_argument(
        "--path",
        type=Path,
        metavar="FOLDER",
        help="of the workshop (default: this folder if it is one, else ./workshop)",
    )
    parser.set_defaults(run=run)
    return parser


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output",
        choices=("text", "json"),
        default="text",
        help="how it is written (default %(default)s)",
    )


def _start(options: argparse.Namespace) -> int:
    workshop = Workshop.make(options.path)
    server = running(workshop)
    was_running = server is not None
    if server is None:
        server = start(workshop, options.port)
    elif options.port not in (None, workshop.record.port):
        raise UserError(
            f"the workshop's server runs already, at {server.url}",
            "To move it: pannier workshop stop, then start it again with --port.",
        )
    with connect(resolve(server.url)) as connection:
        table = make_table(connection)
    wanted_port = options.port is None and not was_running
    _print(started_lines(workshop, server, table, was_running, wanted_port=wanted_port))
    return DONE


def _files(options: argparse.Namespace) -> int:
    workshop = Workshop.look(options.path)
    if workshop is None and options.names:  # whoever names them may want them anywhere
        folder = options.path or Path()
        if not folder.is_dir():
            raise UserError(f"there is no folder {folder}", "Make it, or name another: --path.")
        outcomes = write_files(
            folder, options.names, {}, force=options.force, note=lambda _name, _print: None
        )
    else:
        workshop = Workshop.find(options.path)
        outcomes = write_files(
            workshop.path,
            options.names or NAMES,
            workshop.record.files,
            force=options.force,
            note=workshop.note_file,
        )
    kept = [each.name for each in outcomes if each.outcome == "kept"]
    _print(f"{each.outcome}: {each.name}" for each in outcomes)
    if kept:
        raise UserError(
            f"you changed {', '.join(kept)}: left as it is",
            "To have the workshop's instead: pannier workshop files --force " + " ".join(kept),
        )
    return DONE


def _check(options: argparse.Namespace) -> int:
    if options.target is not None:
        name, folder = options.target, options.path or Path()
    else:
        workshop = Workshop.find(options.path)
        server = running(workshop)
        if server is None:
            list(steps(options.step))  # a step that is none is said first
            raise UserError(
                "the workshop's server does not run", "Start it: pannier workshop start"
            )
        name, folder = server.url, workshop.path
    progress = check(name, folder, options.step)
    if options.output == "json":
        _print_json(progress.to_json())
    else:
        sys.stderr.write(f"target: {progress.target}\n")
        _print(progress_lines(progress))
    return DONE if progress.is_done else FAILED


def _status(options: argparse.Namespace) -> int:
    workshop = Workshop.find(options.path)
    state = state_of(workshop)
    if options.output == "json":
        _print_json(state)
    else:
        _print(status_lines(state))
    return DONE


def _stop(options: argparse.Namespace) -> int:
    server = stop(Workshop.find(options.path))
    if server is None:
        _print(["the server does not run; start it with: pannier workshop start"])
    else:
        _print([f"ended the server at {server.url} (process {server.pid})"])
    return DONE


def _clean(options: argparse.Namespace) -> int:
    workshop = Workshop.find(options.path)
    here, shown = Path.cwd(), workshop.shown()
    own = readers_own(workshop)
    if own and workshop.record.made_folder and not options.yes:
        _ask(shown, own)
    server = stop(workshop)
    _print(server_lines(server))
    gone = remove(workshop, everything=True)
    _print([f"deleted {shown}" if gone else f"deleted what the workshop made in {shown}"])
    if gone and here.is_relative_to(workshop.path):
        _print(["Leave it: this folder is no more. cd .."])
    return DONE


def _ask(folder: str, own: list[str]) -> None:
    """Go on only if the reader's own files may go, too.

    Raises:
        UserError: they may not.
    """
    kept = UserError(
        f"in {folder} there are files of your own: {', '.join(own)}; nothing was deleted",
        "Move them away, or delete them with the rest: pannier workshop clean --yes",
    )
    if not sys.stdin.isatty():
        raise kept
    sys.stderr.write(f"Delete {folder} with your own files ({', '.join(own)})? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise kept


def _print(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")
