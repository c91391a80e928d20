"""A certificate and its key, as files, made ready for a server."""

import ssl
from pathlib import Path
from typing import Final

from pannier.errors import UserError

_MISMATCH: Final = "KEY_VALUES_MISMATCH"
_OWN: Final = "Name the key that the certificate was made for: --tls-key FILE."


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What a server needs to encrypt connections: TLS 1.2 or newer.

    Args:
        certificate: PEM; the server's first, then those that vouch for it.
        key: PEM, not encrypted.

    Raises:
        UserError: a file can't be used; the text says which, and why.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    load(context, certificate, key)
    return context


def load(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Give a context its certificate, or another one; connections that are open keep theirs.

    Raises:
        UserError: as `server_context`; the context has what it had then.
    """
    _check_pem(certificate, "certificate", "CERTIFICATE-----", "--tls-cert")
    _check_pem(key, "key", "PRIVATE KEY-----", "--tls-key")
    try:
        # First into another one: a pair that does not fit would leave half of itself behind.
        _load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), certificate, key)
        _load(context, certificate, key)
    except ssl.SSLError as error:
        if error.reason == _MISMATCH:
            raise UserError(f"{key} is not the key of {certificate}", _OWN) from None
        raise UserError(
            f"{certificate} and {key} can't be used: {error.reason or error}",
            "They must be a certificate and its key in PEM form.",
        ) from None


def _load(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    def encrypted() -> str:  # nobody is there to be asked
        raise UserError(
            f"the key {key} is encrypted",
            f"Take its passphrase away: openssl pkey -in {key} -out KEY.pem; "
            "nobody but the server's user should be able to read that.",
        )

    context.load_cert_chain(certificate, key, password=encrypted)


def _check_pem(path: Path, what: str, mark: str, option: str) -> None:
    try:
        content = path.read_text("ascii", "replace")
    except OSError as error:
        raise UserError(
            f"the {what} {path} can't be read: {error.strerror}", f"Name its file: {option} FILE."
        ) from None
    if mark not in content:
        raise UserError(
            f"{path} holds no {what} in PEM form",
            f"Name a file with a line -----BEGIN {'' if what == 'certificate' else '... '}{mark}",
        )
