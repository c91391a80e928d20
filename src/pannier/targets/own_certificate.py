"""The certificate that a server on this machine has made for itself, beside its database.

Whoever may use the database's folder may believe what its server has left there, so `local` needs
no `AWS_CA_BUNDLE`.
"""

from pathlib import Path
from typing import Final

UNTRUSTED_ADVICE: Final = (
    "If it is the right one, name the file that vouches for it: export AWS_CA_BUNDLE=FILE "
    "(pannier serve --tls-self-signed prints it). Ask for it by a name that the certificate has."
)
"""What to do where a server's certificate is not trusted."""

_FILE: Final = "tls/certificate.pem"


def own_certificate(folder: Path, url: str) -> Path | None:
    """The certificate to trust when a folder's server is asked; None for those that others have.

    Args:
        folder: the database's.
        url: at which it is served.
    """
    kept = folder / _FILE
    return kept if url.startswith("https:") and kept.exists() else None
