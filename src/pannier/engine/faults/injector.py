"""Which faults a request meets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pannier.errors import ServiceError
from pannier.model.attribute_value import Item

Leaves = Callable[[str, Item], bool]
"""Whether an item of a batch stays unprocessed: by its table's name, and the item or key."""


@dataclass(frozen=True, slots=True)
class Injection:
    """The faults that one request meets.

    Attributes:
        error: it is answered this, and has no effect.
        lost_before: the connection ends before it has an effect.
        lost_after: the connection ends after it had its effect.
        delay_s: its answer is held back by so many seconds.
        leaves: which items of a batch stay unprocessed; None for none.
    """

    error: ServiceError | None = None
    lost_before: bool = False
    lost_after: bool = False
    delay_s: float = 0.0
    leaves: Leaves | None = None


class Faults:
    """The rules in force."""

    @property
    def active(self) -> bool:
        """Whether there is any rule."""
        return False

    def inject(self, operation: str, request: dict[str, Any]) -> Injection | None:
        """Decide what a request meets. Called once for each request, in their order."""
        return None
