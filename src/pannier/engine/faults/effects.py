"""What a rule does to the requests that it strikes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

from pannier.engine.faults.checks import RuleError, check_flag, check_number
from pannier.engine.faults.latency import DELAY_S_MAX, Latency
from pannier.engine.faults.named_errors import check_named_error

When: TypeAlias = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave a share of a batch's items unprocessed, as if there were no capacity for them.

    Where nothing of the batch is left to be processed, the whole request is throttled, as DynamoDB
    does.

    Attributes:
        share: of the items that the rule matches, from 0 to 1. What is no whole number of items is
            rounded up or down by chance, so that the mean is exact.
        pass_one: whether at least one item of the batch passes.
    """

    share: float = 0.5
    pass_one: bool = False

    def __post_init__(self) -> None:
        check_number("share", self.share, 0.0, 1.0)
        check_flag("pass_one", self.pass_one)

    @property
    def label(self) -> str:
        """What counters call it."""
        return "leave"


@dataclass(frozen=True, slots=True)
class Throttle:
    """Refuse a request as DynamoDB does when there is no capacity for any of it."""

    @property
    def label(self) -> str:
        """What counters call it."""
        return "throttle"


@dataclass(frozen=True, slots=True)
class Error:
    """Answer an error instead of doing anything.

    Attributes:
        name: the error's name in the API, e.g. `InternalServerError`.
        message: its text; None for the one that the service uses, as far as it is known.
        status: its HTTP status; None for its usual one.
        fields: further members of its shape, e.g. `CancellationReasons`.
        html: whether a page takes the place of the JSON; None for what the service does.
    """

    name: str = "InternalServerError"
    message: str | None = None
    status: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    html: bool | None = None

    def __post_init__(self) -> None:
        check_named_error(self.name, self.status)
        if self.message is not None and not isinstance(self.message, str):
            raise RuleError(f"'message' can't be {self.message!r}", "Give a text.")
        if not isinstance(self.fields, Mapping):
            raise RuleError(f"'fields' can't be {self.fields!r}", "Give an object.")
        if self.html is not None:
            check_flag("html", self.html)

    @property
    def label(self) -> str:
        """What counters call it."""
        return self.name


@dataclass(frozen=True, slots=True)
class Slow:
    """Hold the answer back.

    Attributes:
        latency: by how much.
        max_s: no delay is longer, in seconds.
    """

    latency: Latency
    max_s: float = DELAY_S_MAX

    def __post_init__(self) -> None:
        check_number("max_s", self.max_s, 0.0, DELAY_S_MAX, " seconds")

    def delay_s(self, chance: float) -> float:
        """The delay for a number of chance from 0 to 1, in seconds."""
        return min(max(self.latency.at(chance), 0.0), self.max_s)

    @property
    def label(self) -> str:
        """What counters call it."""
        return "slow"


@dataclass(frozen=True, slots=True)
class Drop:
    """End the connection without an answer, before or after the request has its effect."""

    when: When = "before"

    def __post_init__(self) -> None:
        if self.when not in get_args(When):
            raise RuleError(f"'drop' can't be {self.when!r}", 'Give "before" or "after".')

    @property
    def label(self) -> str:
        """What counters call it."""
        return f"drop {self.when}"


Effect: TypeAlias = Leave | Throttle | Error | Slow | Drop

EFFECTS: Final[dict[str, type[Effect]]] = {
    "leave": Leave,
    "throttle": Throttle,
    "error": Error,
    "slow": Slow,
    "drop": Drop,
}
"""The effects by the names that they have in files."""
