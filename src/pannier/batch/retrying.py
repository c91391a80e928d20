"""What an answer means for the operations in it, and how long to wait before the next attempt.

Backoff is exponential with full jitter: a random time up to a bound that doubles with each troubled
answer in a row, as AWS advises (Developer Guide, "Error retries and exponential backoff": 50, 100,
200 ms ..., with jitter between clients, stop near one minute).
"""

import random
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import orjson

from pannier.batch.target import Reply

_BASE_S: Final = 0.05
_DELAY_S_MAX: Final = 20.0
_DOUBLINGS_MAX: Final = 16
_RETRY_AFTER_S_MAX: Final = 300.0  # whatever a service asks for

_THROTTLES: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "Throttling",
        "RequestLimitExceeded",
        "TooManyRequestsException",
    }
)
# A refusal that may be about one operation: taking the batch apart finds which.
_REFUSALS: Final = frozenset(
    {
        "ValidationException",
        "SerializationException",
        "ItemCollectionSizeLimitExceededException",
        "RequestEntityTooLargeException",
    }
)
_SERVER_ERROR: Final = 500
_TOO_LARGE: Final = 413
_OK: Final = 200


class Verdict(Enum):
    """What becomes of a batch."""

    DONE = "done"
    THROTTLED = "throttled"
    AGAIN = "again"
    REFUSED = "refused"
    HOPELESS = "hopeless"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, the decoded answer, and the service's words if it is an error."""

    verdict: Verdict
    body: dict[str, Any]
    reason: str = ""


def judge(reply: Reply) -> Judgement:
    """Read an answer."""
    try:
        body = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        body = None
    if reply.status == _OK and isinstance(body, dict):
        return Judgement(Verdict.DONE, body)
    if not isinstance(body, dict):
        body = {}
    code = str(body.get("__type", "")).rpartition("#")[2]
    text = body.get("message") or body.get("Message") or ""
    reason = f"{code}: {text}" if code and text else code or text or f"HTTP {reply.status}"
    if code in _THROTTLES:
        return Judgement(Verdict.THROTTLED, body, reason)
    if code in _REFUSALS or reply.status == _TOO_LARGE:
        return Judgement(Verdict.REFUSED, body, reason)
    if reply.status >= _SERVER_ERROR or reply.status == _OK:
        return Judgement(Verdict.AGAIN, body, reason)
    return Judgement(Verdict.HOPELESS, body, reason)


class Backoff:
    """How long to wait, given the troubled answers in a row.

    Args:
        chance: a seeded generator makes the delays reproducible.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._troubles = 0

    def trouble(self, retry_after_s: float | None = None) -> float:
        """Note a troubled answer; returns the seconds to wait."""
        bound_s = min(_DELAY_S_MAX, _BASE_S * 2 ** min(self._troubles, _DOUBLINGS_MAX))
        self._troubles += 1
        delay_s = self._chance.uniform(0, bound_s)
        return max(delay_s, min(retry_after_s or 0.0, _RETRY_AFTER_S_MAX))

    def success(self) -> None:
        """Note a clean answer."""
        self._troubles = 0


class Patience:
    """When a job may send again after trouble, and when it gives up.

    Args:
        chance: decides the jitter of backoff.
        give_up_after_s: seconds of nothing but trouble after which there is no next time.

    Attributes:
        not_before_s: nothing is sent before this time.
    """

    def __init__(self, chance: random.Random, give_up_after_s: float) -> None:
        self.not_before_s = 0.0
        self._backoff = Backoff(chance)
        self._give_up_after_s = give_up_after_s
        self._stuck_since_s: float | None = None

    @property
    def exhausted(self) -> str:
        """What to say when it has come to an end."""
        return f"no progress for {self._give_up_after_s:g} s"

    def progress(self) -> None:
        """Something got through."""
        self._stuck_since_s = None

    def success(self) -> None:
        """Everything in an answer got through."""
        self._backoff.success()

    def trouble(self, now_s: float, retry_after_s: float | None) -> float | None:
        """Note a troubled answer.

        Returns:
            The seconds by which it delays the next attempt; None if there is none.
        """
        if self._stuck_since_s is None:
            self._stuck_since_s = now_s
        give_up_s = self._stuck_since_s + self._give_up_after_s
        if now_s >= give_up_s:
            return None
        later_s = min(now_s + self._backoff.trouble(retry_after_s), give_up_s)
        delay_s = max(0.0, later_s - max(now_s, self.not_before_s))
        self.not_before_s = max(self.not_before_s, later_s)
        return delay_s
