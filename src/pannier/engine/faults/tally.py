"""What rules have injected, counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Counts:
    """What one rule has done.

    Attributes:
        matched: requests that it is about.
        struck: requests on which it had its effect.
        items: items that it left unprocessed.
    """

    matched: int = 0
    struck: int = 0
    items: int = 0

    def to_dict(self) -> dict[str, int]:
        """The counts by name."""
        return {"matched": self.matched, "struck": self.struck, "items": self.items}


class Tally:
    """The sum of several rules' counts, as it is at the moment.

    What `Faults.during` gives; it may be read after the rules are gone.
    """

    def __init__(self, counts: Sequence[Counts]) -> None:
        self._counts = tuple(counts)

    @property
    def matched(self) -> int:
        """Requests that the rules are about."""
        return sum(each.matched for each in self._counts)

    @property
    def struck(self) -> int:
        """Requests on which the rules had their effect."""
        return sum(each.struck for each in self._counts)

    @property
    def items(self) -> int:
        """Items that the rules left unprocessed."""
        return sum(each.items for each in self._counts)


class Injected:
    """What was injected in all, by effect."""

    def __init__(self) -> None:
        self._requests: Counter[str] = Counter()
        self._items = 0

    def strike(self, counts: Counts, label: str) -> None:
        """Note that a rule's effect has struck a request."""
        counts.struck += 1
        self._requests[label] += 1

    def item(self, counts: Counts) -> None:
        """Note that a rule left an item unprocessed."""
        counts.items += 1
        self._items += 1

    def to_dict(self) -> dict[str, int]:
        """Struck requests by effect, errors by name; and items left unprocessed."""
        return {**dict(sorted(self._requests.items())), "items": self._items}
