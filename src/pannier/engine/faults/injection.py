"""The faults that one request meets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pannier.engine.capacity import UnitsOf
from pannier.errors import ServiceError
from pannier.model.attribute_value import Item

Leaves: TypeAlias = Callable[[str, Item], bool]
"""Whether an item of a batch stays unprocessed: by its table's name, and the item or key."""


@dataclass(frozen=True, slots=True)
class Injection:
    """The faults that one request meets.

    Attributes:
        error: it is answered this, and has no effect.
        page: the HTML that takes the place of the error's JSON, or None.
        throttled: it is refused for want of capacity: of each item that the rule is about its
            table, and whether the request would read or write it.
        lost_before: the connection ends before it has an effect.
        lost_after: the connection ends after it had its effect.
        delay_s: its answer is held back by so many seconds.
        leaves: which items of a batch stay unprocessed; None for none.
    """

    error: ServiceError | None = None
    page: bytes | None = None
    throttled: Sequence[tuple[str, UnitsOf]] = ()
    lost_before: bool = False
    lost_after: bool = False
    delay_s: float = 0.0
    leaves: Leaves | None = None
