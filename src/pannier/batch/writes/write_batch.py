"""One BatchWriteItem call: as JSON, or straight into a database of this process."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from pannier.batch.pace.pacing import Permit
from pannier.batch.prepared import PreparedWrite, encode_writes, encoded_bytes
from pannier.batch.target import Reply, TakesWrites, Target
from pannier.model.key_schema import KeySchema

_BODY_BEGIN: Final = b'{"RequestItems":'
_BODY_END: Final = b',"ReturnConsumedCapacity":"INDEXES"}'


class WriteBatch:
    """One BatchWriteItem call.

    Attributes:
        writes: what it holds.
        permit: under which it was sent; None only outside of a job.
        is_suspect: whether it is part of a batch that was refused.
    """

    def __init__(
        self,
        writes: Sequence[PreparedWrite],
        permit: Permit | None = None,
        is_suspect: bool = False,
    ) -> None:
        self.writes = writes
        self.permit = permit
        self.is_suspect = is_suspect

    @property
    def size(self) -> int:
        """How many operations it holds."""
        return len(self.writes)

    @property
    def body(self) -> bytes:
        """The request as JSON. It always asks for the units, which costs nothing."""
        return _BODY_BEGIN + encode_writes(self.writes) + _BODY_END

    @property
    def body_bytes(self) -> int:
        """How many bytes `body` has."""
        return len(_BODY_BEGIN) + encoded_bytes(self.writes) + len(_BODY_END)


def direct_way(
    target: Target, schemas: Mapping[str, KeySchema]
) -> Callable[[WriteBatch], Awaitable[tuple[Reply, int] | None]] | None:
    """How to send batches to a target that takes them without JSON; None for all other targets.

    Args:
        target: where they are sent.
        schemas: by which their keys are made, by table; more may come.
    """
    if not isinstance(target, TakesWrites):
        return None
    taking = target

    async def send(batch: WriteBatch) -> tuple[Reply, int] | None:
        reply = await taking.send_writes(batch.writes, schemas)
        return None if reply is None else (reply, batch.body_bytes)

    return send
