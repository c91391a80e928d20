"""`pannier credentials`: who may ask a server that is started with `--credentials`."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import orjson

from pannier.cli import options as shared
from pannier.cli.running_server import columns
from pannier.cli.status import DONE
from pannier.errors import UserError
from pannier.service.access.credentials import Credential
from pannier.service.access.credentials_change import (
    add_credential,
    new_credential,
    remove_credential,
)
from pannier.service.access.credentials_file import (
    DEFAULT_FILE,
    check_name,
    check_prefix,
    read_credentials,
)

_EXAMPLES: Final = """  pannier credentials new loader
  pannier credentials new reports --read-only
  pannier credentials new demo --table-prefix demo- --table-prefix test-
  eval "$(pannier credentials new me)"      and use it in this shell
  pannier credentials list
  pannier credentials remove demo
  pannier serve --credentials pannier-credentials.toml

A secret is shown once. A running server reads its file again on SIGHUP (kill -HUP PID).
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    new = _action(
        actions, "new", _new, "make a credential, and print the lines with which a shell uses it"
    )
    new.add_argument("name", type=_name, metavar="NAME", help="of whoever will have it")
    new.add_argument("--read-only", action="store_true", help="only operations that change nothing")
    new.add_argument(
        "--table-prefix",
        type=_prefix,
        action="append",
        default=[],
        metavar="P",
        help="only tables whose name begins with P; may be given several times",
    )
    shown = _action(actions, "list", _list, "list the credentials, without their secrets")
    shown.add_argument("--output", choices=("text", "json"), default="text")
    remove = _action(actions, "remove", _remove, "remove a credential from the file")
    remove.add_argument("name", metavar="NAME")


def _action(
    actions: shared.Subparsers, name: str, run: Callable[[argparse.Namespace], int], summary: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=summary, description=summary[:1].upper() + summary[1:] + "."
    )
    parser.add_argument(
        "--file",
        type=Path,
        default=Path(DEFAULT_FILE),
        metavar="FILE",
        help="of the credentials (default ./%(default)s)",
    )
    parser.set_defaults(run=run)
    return parser


def _new(options: argparse.Namespace) -> int:
    credential = new_credential(
        options.name, read_only=options.read_only, table_prefixes=options.table_prefix
    )
    add_credential(options.file, credential)
    sys.stderr.write(
        f"{credential.name} is in {options.file}: {_rights(credential)}. "
        "Its secret is not shown again.\n"
        f"Serve with it: pannier serve --credentials {options.file}\n"
    )
    sys.stdout.write(
        f"export AWS_ACCESS_KEY_ID={credential.access_key_id}\n"
        f"export AWS_SECRET_ACCESS_KEY={credential.secret_access_key}\n"
    )
    return DONE


def _list(options: argparse.Namespace) -> int:
    known = read_credentials(options.file)
    if options.output == "json":
        sys.stdout.write(
            orjson.dumps([_shown(each) for each in known], option=orjson.OPT_INDENT_2).decode()
            + "\n"
        )
        return DONE
    rows = [(each.name, each.access_key_id, _rights(each)) for each in known]
    sys.stdout.writelines(f"{line}\n" for line in (columns(rows) if rows else []))
    sys.stderr.write(f"{len(known)} in {options.file}\n")
    return DONE


def _remove(options: argparse.Namespace) -> int:
    removed = remove_credential(options.file, options.name)
    sys.stderr.write(
        f"{removed.name} ({removed.access_key_id}) is not in {options.file} any more. A running "
        "server knows it until it is sent SIGHUP.\n"
    )
    return DONE


def _shown(credential: Credential) -> dict[str, Any]:
    return {
        "name": credential.name,
        "access_key_id": credential.access_key_id,
        "read_only": credential.read_only,
        "table_prefixes": list(credential.table_prefixes),
    }


def _rights(credential: Credential) -> str:
    what = "reads" if credential.read_only else "everything"
    if not credential.table_prefixes:
        return what
    return f"{what} in tables {', '.join(f'{each}*' for each in credential.table_prefixes)}"


def _name(text: str) -> str:
    return _checked(check_name, text)


def _prefix(text: str) -> str:
    return _checked(check_prefix, text)


def _checked(check: Callable[[str], str], text: str) -> str:
    try:
        return check(text)
    except UserError as error:
        raise argparse.ArgumentTypeError(f"{error.message}; {error.advice}") from None
