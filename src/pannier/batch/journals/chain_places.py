"""Where each chain of pages goes on: what the journals of scans and of copies have in common.

A segment means the same items only among the same number of segments; the number is the journal's,
not what the size of the table suggests by then.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Self

from pannier.batch.pages.page_job import Chain
from pannier.model.attribute_value import Item

_BEGINNING: Final = None
_END: Final = True


class ChainPlaces:
    """The place of each chain: its next ExclusiveStartKey, its beginning, or its end."""

    def __init__(self) -> None:
        self._places: list[Any] = []

    def __len__(self) -> int:
        """How many chains there are; 0 as long as nobody has said it."""
        return len(self._places)

    @property
    def are_at_the_end(self) -> bool:
        """Whether all chains are."""
        return all(place is _END for place in self._places)

    def begin(self, chains: Sequence[Chain]) -> None:
        """Take up the chains of a job; those of one that goes on begin where they have come to."""
        if not self._places:
            self._places = [_BEGINNING] * len(chains)
        for chain, place in zip(chains, self._places, strict=True):
            if place is _END:
                chain.done = True
            elif place is not _BEGINNING:
                chain.start_key = place

    def move(self, chain: int, next_key: Item | None) -> None:
        """A page of a chain is done; the next one begins at `next_key`, if there is one."""
        self._places[chain] = _END if next_key is None else next_key

    def to_json(self) -> list[Any]:
        """The places as plain values; `restored` is the way back."""
        return list(self._places)

    @classmethod
    def restored(cls, values: Iterable[Any]) -> Self:
        """The places of a job that goes on.

        Raises:
            ValueError: one of them is none.
        """
        places = cls()
        for place in values:
            if place is not _BEGINNING and place is not _END and not isinstance(place, dict):
                raise ValueError("a segment is nowhere")
            places._places.append(place)
        return places
