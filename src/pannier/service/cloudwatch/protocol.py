"""What the three protocols have in common."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from pannier.engine.cloudwatch.errors import CloudWatchError
from pannier.service.http.messages import HttpRequest


class Encoded(NamedTuple):
    """An answer's body, and the headers that belong to it."""

    headers: Mapping[bytes, bytes]
    body: bytes


class WireProtocol(Protocol):
    """One protocol."""

    def decode(self, request: HttpRequest, body: bytes) -> tuple[str, dict[str, Any]]:
        """The operation of a request, and its members with the types of the service model.

        Args:
            request: the request.
            body: its body, decompressed.

        Raises:
            CloudWatchError: it can't be read.
        """

    def encode(self, operation: str, answer: Mapping[str, Any], request_id: str) -> Encoded:
        """An answer."""

    def encode_error(self, error: CloudWatchError, request_id: str) -> Encoded:
        """An error's answer."""


def query_error(error: CloudWatchError) -> bytes:
    """The header's value that tells newer SDKs what the query protocol calls an error."""
    return f"{error.query_code};{error.fault}".encode()
