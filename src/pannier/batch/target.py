"""What the batch engine asks of the place it works on. `pannier.targets` has those that keep it."""

from dataclasses import dataclass
from typing import Protocol

from pannier.errors import PannierError, UserError


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the DynamoDB API.

    Attributes:
        status: the HTTP status.
        body: JSON.
        retry_after_s: how long the service asks to wait, or None.
    """

    status: int
    body: bytes
    retry_after_s: float | None = None


class TargetUnreachableError(UserError):
    """Nobody answers at the target; nothing was sent."""


class OutcomeUnknownError(PannierError):
    """The request was sent and no answer came: it may have taken effect, or not."""


class Target(Protocol):
    """A place that answers the DynamoDB API."""

    @property
    def name(self) -> str:
        """How the target is shown to the user, e.g. `local (./.pannier)`."""

    async def send(self, operation: str, body: bytes) -> Reply:
        """Send one request, once: no retries of the target's own.

        Args:
            operation: the operation's name in the API, e.g. `BatchWriteItem`.
            body: the request as JSON.

        Raises:
            TargetUnreachableError: nothing was sent.
            OutcomeUnknownError: it was sent, and no answer came.
        """

    async def close(self) -> None:
        """Release connections."""
