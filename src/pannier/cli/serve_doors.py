"""The options of `pannier serve` that say who may reach it, and how."""

import argparse
import shlex
import ssl
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pannier.errors import UserError
from pannier.service.doorkeeper import check_together
from pannier.service.doors import Doors
from pannier.service.hosts import AllowedHosts, AllowedOrigins
from pannier.service.listening import is_near
from pannier.service.tls.context import server_context
from pannier.service.tls.examining import Examined, examined
from pannier.service.tls.self_signed import CERTIFICATE_FILE, kept_or_made

TLS_FOLDER: Final = "tls"
_OTHERS: Final = 0o077
_CLEAR: Final = (
    "  Data travel in the clear: signatures protect the secrets, not the data. "
    "To encrypt them: --tls-cert, or --tls-self-signed."
)
_LOOPBACK_NAMES: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Entrance:
    """How a server may be reached, and what is to be said about it.

    Attributes:
        doors: for the server.
        bundle: the certificate that clients have to be told to trust, if there is one.
        lines: for the user.
    """

    doors: Doors
    bundle: Path | None
    lines: list[str]


def add_doors(parser: argparse.ArgumentParser) -> None:
    """Addresses, names, pages, certificates."""
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="listen there: an address or a name of this machine, 0.0.0.0 for all, may be given "
        "several times (default: loopback); anything but loopback needs --credentials",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="also answer requests for this host, beside those for loopback; may be given several "
        "times (with --credentials every host is answered)",
    )
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let web pages of this origin in, e.g. http://localhost:3000; may be given several "
        "times (default: no page)",
    )
    parser.add_argument(
        "--tls-cert", type=Path, metavar="FILE", help="encrypt: the certificate, in PEM form"
    )
    parser.add_argument(
        "--tls-key", type=Path, metavar="FILE", help="the certificate's key, in PEM form"
    )
    parser.add_argument(
        "--tls-self-signed",
        action="store_true",
        help="encrypt with a certificate of the server's own, for development; it is kept in the "
        "database's folder",
    )


def check_doors(options: argparse.Namespace, *, signed: bool) -> None:
    """Refuse what can't be, before anything is opened.

    Raises:
        UserError: it can't be; the text says how it can.
    """
    if options.host and not signed and not is_near(options.host):
        raise UserError(
            f"--host {' --host '.join(options.host)} would let everybody in who gets there",
            "Demand credentials: pannier credentials new NAME, and add: --credentials FILE",
        )
    check_together(AllowedOrigins(options.allow_origin), signed=signed)
    if options.tls_self_signed and (options.tls_cert or options.tls_key):
        raise UserError(
            "--tls-self-signed makes a certificate, so there is none to name",
            "Leave it out, or leave out --tls-cert and --tls-key.",
        )
    if (options.tls_cert is None) != (options.tls_key is None):
        missing = "--tls-key" if options.tls_key is None else "--tls-cert"
        raise UserError(
            "--tls-cert and --tls-key belong together", f"Name the other one, too: {missing} FILE"
        )


def entrance(
    options: argparse.Namespace, folder: Path | None, held: ExitStack, *, signed: bool
) -> Entrance:
    """The doors that the options ask for.

    Args:
        options: of the command.
        folder: the database's; None for one in memory.
        held: ends with the server.
        signed: whether credentials are demanded.

    Raises:
        UserError: they can't be had.
    """
    check_doors(options, signed=signed)
    names = [each for each in options.host if not _is_wildcard(each)]
    lines: list[str] = []
    tls: ssl.SSLContext | None = None
    bundle: Path | None = None
    url_hosts: tuple[str, ...] = ()
    if options.tls_self_signed:
        where = _kept_in(folder, held)
        tls, _ = kept_or_made(where, [*names, *options.allow_host], time.time)
        bundle = (where / CERTIFICATE_FILE).absolute()
    elif options.tls_cert is not None:
        tls = server_context(options.tls_cert, options.tls_key)
        found = examined(tls, options.tls_cert)
        url_hosts = _url_hosts(found)
        lines += _warnings(options.tls_cert, options.tls_key, found)
    if options.host and not is_near(options.host):
        lines.append(f"  Other machines reach it, too: it listens on {', '.join(options.host)}.")
        if tls is None:
            lines.append(_CLEAR)
    doors = Doors(
        addresses=tuple(options.host),
        hosts=AllowedHosts([*options.allow_host, *names]),
        origins=AllowedOrigins(options.allow_origin),
        signed=signed,
        tls=tls,
        url_hosts=url_hosts,
    )
    return Entrance(doors, bundle, lines)


def _kept_in(folder: Path | None, held: ExitStack) -> Path:
    if folder is not None:
        return folder / TLS_FOLDER
    return Path(held.enter_context(tempfile.TemporaryDirectory(prefix="pannier-tls-")))


def _url_hosts(found: Examined) -> tuple[str, ...]:
    """The names of a certificate that a URL may have, those of loopback first."""
    names = [each.lower() for each in found.names if "*" not in each and ":" not in each]
    return tuple(sorted(names, key=lambda each: each not in _LOOPBACK_NAMES))


def _warnings(certificate: Path, key: Path, found: Examined) -> list[str]:
    lines: list[str] = []
    if found.problem:
        lines.append(f"  Clients will not accept the certificate {certificate}: {found.problem}.")
    if key.stat().st_mode & _OTHERS:
        lines.append(f"  The key can be read by others; take that away: chmod 600 {key}")
    return lines


def _is_wildcard(host: str) -> bool:
    return host.strip("[]") in ("0.0.0.0", "::")  # noqa: S104  # it is compared


def exports(url: str, bundle: Path | None, *, signed: bool) -> list[str]:
    """What to paste into a shell, so that every SDK finds the server."""
    words = [f"AWS_ENDPOINT_URL={url}", "AWS_DEFAULT_REGION=us-east-1"]
    if bundle is not None:
        words.append(f"AWS_CA_BUNDLE={shlex.quote(str(bundle))}")
    if not signed:
        words += ["AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local"]
    return [f"  export {' '.join(words)}"]
