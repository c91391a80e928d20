"""The options of `pannier serve` that say who may reach it, and how."""

import argparse
import shlex
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
from pannier.service.tls.certificate import ServerCertificate
from pannier.service.tls.self_signed import kept_or_made

TLS_FOLDER: Final = "tls"
_OTHERS: Final = 0o077
_CLEAR: Final = (
    "  Data travel in the clear: signatures protect the secrets, not the data. "
    "To encrypt them: --tls-cert, or --tls-self-signed."
)


@dataclass(frozen=True, slots=True)
class Entrance:
    """How a server may be reached, and what is to be said about it.

    Attributes:
        doors: for the server.
        lines: for the user.
        bundle: the certificate that clients have to be told to trust, if there is one.
    """

    doors: Doors
    lines: list[str]
    bundle: Path | None = None


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


def check_doors(options: argparse.Namespace) -> None:
    """Refuse what can't be, before anything is opened.

    Raises:
        UserError: it can't be; the text says how it can.
    """
    signed = options.credentials is not None
    if options.host and not signed and not is_near(options.host):
        raise UserError(
            f"--host {' --host '.join(options.host)} would let everybody in who gets there",
            "Demand credentials: pannier credentials new NAME, and add: --credentials FILE",
        )
    AllowedHosts(options.allow_host)
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


def entrance(options: argparse.Namespace, folder: Path | None, held: ExitStack) -> Entrance:
    """The doors that the options ask for.

    Args:
        options: of the command.
        folder: the database's; None for one in memory.
        held: ends with the server.

    Raises:
        UserError: they can't be had.
    """
    names = [each for each in options.host if not _is_wildcard(each)]
    lines: list[str] = []
    certificate: ServerCertificate | None = None
    bundle: Path | None = None
    if options.tls_self_signed:
        hosts = [*names, *options.allow_host]
        certificate = kept_or_made(_kept_in(folder, held), hosts, time.time)
        bundle = certificate.path.absolute()
    elif options.tls_cert is not None:
        certificate = ServerCertificate.read(options.tls_cert, options.tls_key)
        lines += _warnings(options.tls_key, certificate)
    if options.host and not is_near(options.host):
        lines.append(f"  Other machines reach it, too: it listens on {', '.join(options.host)}.")
        if certificate is None:
            lines.append(_CLEAR)
    doors = Doors(
        addresses=tuple(options.host),
        hosts=AllowedHosts([*options.allow_host, *names]),
        origins=AllowedOrigins(options.allow_origin),
        certificate=certificate,
    )
    return Entrance(doors, lines, bundle)


def _kept_in(folder: Path | None, held: ExitStack) -> Path:
    if folder is not None:
        return folder / TLS_FOLDER
    return Path(held.enter_context(tempfile.TemporaryDirectory(prefix="pannier-tls-")))


def _warnings(key: Path, certificate: ServerCertificate) -> list[str]:
    lines: list[str] = []
    problem = certificate.found.problem
    if problem:
        lines.append(f"  Clients will not accept the certificate {certificate.path}: {problem}.")
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
