"""The console of `pannier serve`: its options, its port, and who may see it."""

import argparse
from contextlib import ExitStack
from pathlib import Path

from pannier.cli import options as shared
from pannier.console.on_demand import ConsoleOnDemand, available
from pannier.service.access.credentials_change import new_credential
from pannier.service.access.server_access import ServerAccess

_NAME = "console"


def add_console(parser: argparse.ArgumentParser) -> None:
    """Whether there is one, and where."""
    parser.add_argument("--no-console", action="store_true", help="leave out the web console")
    parser.add_argument(
        "--console-port",
        type=shared.port,
        metavar="PORT",
        help="the console's port (default the next after the server's, or any free one)",
    )
    parser.add_argument(
        "--console-folder",
        type=shared.folder,
        default=Path(),
        metavar="FOLDER",
        help="where the console's shell has its files (default: where the server is started)",
    )


def console_lines(
    options: argparse.Namespace,
    url: str,
    held: ExitStack,
    access: ServerAccess | None,
    bundle: Path | None,
) -> list[str]:
    """Have a console, unless there is none to be, and say where it is.

    Args:
        options: of the command.
        url: the server's.
        held: ends the console with the server.
        access: who may ask the server; the console gets a credential of its own then.
        bundle: the certificate that the console has to trust.
    """
    if options.no_console:
        return []
    if not available():
        return ["  console: not installed (pip install 'pannier[console]')"]
    port = options.console_port
    after = int(url.rpartition(":")[2]) + 1 if options.port else 0
    wanted = min(after, shared.PORT_MAX) if port is None else port
    console = ConsoleOnDemand(
        url,
        wanted,
        or_any=port is None,
        folder=options.console_folder,
        environment=_environment(access, bundle),
        sign_in=access is not None,
    )
    held.callback(console.close)
    how = "" if access is None else " (sign in with a credential that has all rights)"
    return [f"  console: {console.url}{how}"]


def _environment(access: ServerAccess | None, bundle: Path | None) -> dict[str, str | None]:
    """What the console's process needs to get to the server; on no command line, in no file."""
    environment: dict[str, str | None] = {}
    if bundle is not None:
        environment["AWS_CA_BUNDLE"] = str(bundle)
    if access is not None:
        credential = new_credential(_NAME)
        access.credentials.add(credential)
        environment |= {
            "AWS_ACCESS_KEY_ID": credential.access_key_id,
            "AWS_SECRET_ACCESS_KEY": credential.secret_access_key,
            "AWS_SESSION_TOKEN": None,
            "AWS_SECURITY_TOKEN": None,
            "AWS_PROFILE": None,
        }
    return environment
