"""What a server's certificate says, found out as a client would: by a handshake, in memory.

The standard library shows the members of a certificate only to who has verified it. So a client
that trusts this very certificate, and no other, shakes hands with the server's context.
"""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pannier.errors import UserError

_TIMES_OUT: Final = 10  # X509_V_ERR_CERT_HAS_EXPIRED
_NOT_YET: Final = 9  # X509_V_ERR_CERT_NOT_YET_VALID
_ROUNDS_MAX: Final = 20
_NAMED: Final = ("DNS", "IP Address")


@dataclass(frozen=True, slots=True)
class Examined:
    """A certificate.

    Attributes:
        names: the hosts that it is for, none where it can't be verified.
        ends_s: until when it is good, in seconds since 1970; 0 where it can't be verified.
        problem: why clients will not accept it, if that can be seen here; else empty.
    """

    names: tuple[str, ...]
    ends_s: float
    problem: str


def examined(context: ssl.SSLContext, certificate: Path) -> Examined:
    """What a certificate says.

    Args:
        context: of a server that has it.
        certificate: its file.

    Raises:
        UserError: no client could shake hands with this server.
    """
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.check_hostname = False
    # Trusted is the certificate itself, not only who vouches for it.
    client_context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    client_context.load_verify_locations(certificate)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server)
    server = context.wrap_bio(to_server, to_client, server_side=True)
    try:
        _shake_hands(client, server)
    except ssl.SSLCertVerificationError as error:
        return Examined((), 0.0, _words(error))
    except ssl.SSLError as error:
        raise UserError(
            f"{certificate} can't be used: {error.reason or error}",
            "Have one made with a key of today's strength, e.g. EC P-256 or RSA 2048.",
        ) from None
    found = client.getpeercert() or {}
    names = [str(pair[1]) for pair in found.get("subjectAltName", ()) if pair[0] in _NAMED]
    ends_s = float(ssl.cert_time_to_seconds(str(found["notAfter"])))
    problem = "" if names else "it names no host (subjectAltName)"
    return Examined(tuple(names), ends_s, problem)


def _words(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code == _TIMES_OUT:
        return "it has expired"
    if error.verify_code == _NOT_YET:
        return "it is not valid yet"
    return error.verify_message


def _shake_hands(client: ssl.SSLObject, server: ssl.SSLObject) -> None:
    for _ in range(_ROUNDS_MAX):
        waiting = 0
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                waiting += 1
        if not waiting:
            return
