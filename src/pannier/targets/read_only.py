"""A target that is only read from, whoever asks.

What is not known to change nothing is refused, so that operations which the API gets later are
refused too. PartiQL statements may write, so they are refused as well.
"""

from typing import Final

from pannier.batch.target import Reply, Target, late_effect_s
from pannier.errors import UserError

_READS: Final = frozenset({"BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"})
_READING: Final = ("Describe", "List")


class ReadOnlyError(UserError):
    """Something was asked of a read-only target that may change it."""


class ReadOnlyTarget:
    """Another target, without what may change it.

    Args:
        target: closed with this one.
        advice: what to do for writes to be allowed.
    """

    def __init__(self, target: Target, advice: str) -> None:
        self._target = target
        self._advice = advice
        self.late_effect_s = late_effect_s(target)

    @property
    def name(self) -> str:
        """How the target is shown to the user."""
        return self._target.name

    async def send(self, operation: str, body: bytes) -> Reply:
        """Send a request that changes nothing.

        Raises:
            ReadOnlyError: it may change something; it was not sent.
        """
        if not is_read(operation):
            raise ReadOnlyError(f"{operation} was not sent: writes are switched off", self._advice)
        return await self._target.send(operation, body)

    async def close(self) -> None:
        """Release the other target's connections."""
        await self._target.close()


def is_read(operation: str) -> bool:
    """Whether an operation of the API changes nothing, for certain."""
    return operation in _READS or operation.startswith(_READING)
