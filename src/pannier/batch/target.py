"""What the batch engine asks of the place it works on. `pannier.targets` has those that keep it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from pannier.batch.prepared import PreparedWrite
from pannier.errors import PannierError, UserError
from pannier.model.key_schema import KeySchema

LATE_EFFECT_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the DynamoDB API.

    Attributes:
        status: the HTTP status.
        body: JSON.
        retry_after_s: how long the service asks to wait, or None.
        request_id: by which the service knows the request, or empty.
    """

    status: int
    body: bytes
    retry_after_s: float | None = None
    request_id: str = ""


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


@runtime_checkable
class TakesWrites(Protocol):
    """A target in this process, which takes writes that were checked as they are."""

    async def send_writes(
        self, writes: Sequence[PreparedWrite], schemas: Mapping[str, KeySchema]
    ) -> Reply | None:
        """Send one BatchWriteItem that asks for the consumed capacity, indexes included.

        Args:
            writes: what to write.
            schemas: by which their keys were made, by table.

        Returns:
            The answer; None if it has to be sent as JSON.
        """


def late_effect_s(target: Target) -> float:
    """For how long a request of unknown outcome may still take effect, once others are answered.

    A target may say so itself, with an attribute of this name: none, where nothing outlives the
    call. Else half a minute is assumed. That is an assumption, and generous: the request has left
    this machine, its connection is closed, and the service answers. What AWS promises is more: a
    request that comes later than five minutes after its signature is refused (IAM User Guide, "AWS
    Signature Version 4 for API requests").
    """
    told: float = getattr(target, "late_effect_s", LATE_EFFECT_S)
    return told
