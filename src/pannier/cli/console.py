"""`pannier console`: the web console, for any target."""

import argparse
import asyncio
import os
import socket
import sys
import time
import webbrowser
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pannier.cli import options as shared
from pannier.cli.status import DONE
from pannier.console.listening import DEFAULT_PORT, TOKEN_VARIABLE, listening, new_token, url_of
from pannier.errors import UserError

if TYPE_CHECKING:
    from pannier.console.gate import Entry
    from pannier.console.place import Place

_EXAMPLES: Final = """  pannier console
  pannier console --target http://127.0.0.1:8000 --open
  pannier console --target aws                      reads only
  pannier console --target aws --allow-writes
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    shared.add_target(parser)
    parser.add_argument(
        "--port",
        type=shared.port,
        help=f"0 for any free one (default {DEFAULT_PORT}, or any free one where that is in use)",
    )
    parser.add_argument(
        "--allow-writes",
        action="store_true",
        help="allow changes also on AWS and on other machines, where they are off by default",
    )
    parser.add_argument("--no-shell", action="store_true", help="leave out the page with a shell")
    parser.add_argument(
        "--folder",
        type=shared.folder,
        default=Path(),
        metavar="FOLDER",
        help="where the shell has its files (default: where the console is started)",
    )
    parser.add_argument("--open", action="store_true", help="open it in the browser")
    # For `pannier serve`, which holds the socket and hands it over at the first request.
    parser.add_argument("--socket", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--lifeline", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--of-server", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--sign-in", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve the console until interrupted."""
    if find_spec("nicegui") is None:
        raise UserError(
            "the console needs NiceGUI, which is not installed",
            "Install it: pip install 'pannier[console]'",
        )
    from pannier.console.serving import serve

    token = os.environ.pop(TOKEN_VARIABLE, "") or new_token()
    with _place(options) as here, _listener(options) as listener:
        url = url_of(listener, token)

        def ready() -> None:
            if options.socket is not None:
                return  # whoever holds the socket has told the user
            sys.stderr.write(f"target: {here.name}\nconsole: {url}\n  Ctrl-C ends it.\n")
            sys.stderr.flush()
            if options.open:
                webbrowser.open(url)

        asyncio.run(
            serve(
                lambda: here.open(
                    allow_writes=options.allow_writes,
                    shell=not options.no_shell,
                    folder=options.folder.absolute(),
                ),
                listener,
                _entry(options, listener, token),
                ready,
                options.lifeline,
            )
        )
    return DONE


def _place(options: argparse.Namespace) -> AbstractContextManager["Place"]:
    from pannier.console.place import of_server, place

    if options.of_server:
        return nullcontext(of_server(options.target, signed_in=options.sign_in))
    return place(options.target)


def _entry(options: argparse.Namespace, listener: socket.socket, token: str) -> "Entry":
    from pannier.console.credential_check import checked_by
    from pannier.console.sign_in import SignInEntry
    from pannier.console.token_entry import TokenEntry

    port: int = listener.getsockname()[1]
    if options.sign_in:
        return SignInEntry(port, checked_by(options.target), time.monotonic)
    return TokenEntry(port, token)


def _listener(options: argparse.Namespace) -> socket.socket:
    if options.socket is not None:
        return socket.socket(fileno=options.socket)
    if options.port is not None:
        return listening(options.port)
    return listening(DEFAULT_PORT, or_any=True)
