"""The socket and the token of a console, which are there before the console itself is."""

import secrets
import socket
from typing import Final

from pannier.errors import UserError

DEFAULT_PORT: Final = 8001
TOKEN_VARIABLE: Final = "PANNIER_CONSOLE_TOKEN"  # noqa: S105  # its name; never on a command line
_LOOPBACK: Final = "127.0.0.1"
_BACKLOG: Final = 128
_TOKEN_BYTES: Final = 32


def listening(port: int, *, or_any: bool = False) -> socket.socket:
    """A socket that listens on loopback.

    Args:
        port: 0 for any free one.
        or_any: whether any free one is taken where this one is in use.

    Raises:
        UserError: the port can't be had.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        try:
            listener.bind((_LOOPBACK, port))
        except OSError:
            if not or_any:
                raise
            listener.bind((_LOOPBACK, 0))
    except OSError as error:
        listener.close()
        raise UserError(
            f"the console can't have port {port}: {error.strerror}",
            "Use another, or 0 for any free one.",
        ) from None
    listener.listen(_BACKLOG)
    return listener


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def url_of(listener: socket.socket, token: str = "") -> str:
    """What to open in a browser."""
    url = f"http://{_LOOPBACK}:{listener.getsockname()[1]}/"
    return f"{url}?token={token}" if token else url
