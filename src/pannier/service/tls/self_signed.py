"""A certificate for development, made by the server itself and kept, so that clients can pin it.

It vouches for itself and can vouch for nothing else: who trusts it trusts this one key, on this
machine's names. A new one is made when it runs out, or when it does not have a name that is needed.
"""

import ipaddress
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from pannier.errors import UserError
from pannier.service.tls.certificate import ServerCertificate

CERTIFICATE_FILE: Final = "certificate.pem"
KEY_FILE: Final = "key.pem"
ALWAYS: Final = ("localhost", "127.0.0.1", "::1")
_DAYS: Final = 397  # what browsers accept at most
_LEFT_S_MIN: Final = 30 * 86400.0
_BACKDATED: Final = timedelta(minutes=5)  # clocks of clients may be behind
_OWNER_ONLY: Final = 0o600


def kept_or_made(
    folder: Path, hosts: Sequence[str], clock: Callable[[], float]
) -> ServerCertificate:
    """The certificate in a folder, if it is still good for a month and for these hosts; else a new.

    Args:
        folder: where it is kept; made where it is not there.
        hosts: names and addresses, beside those of loopback.
        clock: seconds since 1970.

    Raises:
        UserError: it can't be made: what is needed is not installed, or the folder can't be
            written.
    """
    certificate, key = folder / CERTIFICATE_FILE, folder / KEY_FILE
    wanted = {_plain(each) for each in (*ALWAYS, *hosts)}
    if certificate.exists() and key.exists():
        try:
            kept = ServerCertificate.read(certificate, key)
        except UserError:
            pass  # half of a pair, or damaged: a new one takes its place
        else:
            has_all = wanted <= {_plain(each) for each in kept.found.names}
            if has_all and not kept.found.problem and kept.found.ends_s - clock() > _LEFT_S_MIN:
                return kept
    _make(folder, sorted(wanted), clock())
    return ServerCertificate.read(certificate, key)


def _make(folder: Path, hosts: Sequence[str], now_s: float) -> None:
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
    except ImportError:
        raise UserError(
            "a certificate can't be made: `cryptography` is not installed",
            "Install it: pip install 'pannier[tls]'; or name a certificate: --tls-cert, --tls-key.",
        ) from None
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, "Pannier, for development on this machine")]
    )
    now = datetime.fromtimestamp(now_s, UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.IPAddress(ipaddress.ip_address(each))
                    if _is_address(each)
                    else x509.DNSName(each)
                    for each in hosts
                ]
            ),
            critical=False,
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        _write(folder / KEY_FILE, secret)
        _write(folder / CERTIFICATE_FILE, certificate.public_bytes(serialization.Encoding.PEM))
    except OSError as error:
        raise UserError(
            f"a certificate can't be kept in {folder}: {error.strerror}",
            "Let the server write there, or name a certificate: --tls-cert, --tls-key.",
        ) from None


def _write(path: Path, content: bytes) -> None:
    """So that nobody else can read it at any moment, and all of it is there or nothing."""
    fresh = path.with_suffix(".tmp")
    fresh.unlink(missing_ok=True)
    number = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(number, "wb") as file:
        file.write(content)
    fresh.replace(path)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _plain(host: str) -> str:
    """A host as it can be compared: getpeercert writes IPv6 addresses in full, in capitals."""
    name = host.strip().strip("[]").lower()
    return str(ipaddress.ip_address(name)) if _is_address(name) else name
