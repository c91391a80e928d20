"""How far a scan or query has come, so that one that was ended can go on.

Of each chain of pages (a segment, or the one of a query) the journal knows where its next page
begins. That place moves on when whoever asked has *taken* a page: what was answered and not yet
taken is read again by a run that goes on. In the same moment the size of the file that the page's
items were written to is noted, and both go into one record. So whatever record survives, the file
cut to that size holds exactly the items in front of those places, each once.
"""

from collections.abc import Callable, Sequence
from typing import Any, Self

from pannier.batch.journals.chain_places import ChainPlaces
from pannier.batch.journals.job_journal import JournalOf
from pannier.batch.pages.page_job import Chain, Page


class ScanNotes:
    """Where each chain goes on, and what was taken until there.

    Attributes:
        limit: how many items are wanted at most; None for all.
        counts: how many items were found and skipped, over all runs.
        changed: whether there was a change since the last `state`.
        on_change: called at the first of these.
    """

    def __init__(self) -> None:
        self.limit: int | None = None
        self.counts = {"found": 0, "skipped": 0}
        self.changed = False
        self.on_change: Callable[[], None] | None = None
        self._places = ChainPlaces()

    @property
    def chains(self) -> int:
        """How many chains there are; 0 as long as nobody has said it."""
        return len(self._places)

    @property
    def done(self) -> int:
        """How many items were read for good, over all runs."""
        return sum(self.counts.values())

    @property
    def left(self) -> int | None:
        """How many items are still wanted; None for all."""
        return None if self.limit is None else max(0, self.limit - self.counts["found"])

    @property
    def is_complete(self) -> bool:
        """Whether all chains are at their end, or there are as many items as are wanted."""
        return self.left == 0 or self._places.are_at_the_end

    @property
    def shortfall(self) -> str:
        """Nothing: a table may change meanwhile."""
        return ""

    @property
    def told(self) -> str:
        """What is done, in words."""
        return f"{self.counts['found']:,} items are written"

    def begin(self, chains: Sequence[Chain], limit: int | None) -> None:
        """Take up the chains of a job; those of one that goes on begin where they have come to."""
        self.limit = limit
        self._places.begin(chains)

    def taken(self, page: Page) -> None:
        """A page's items have been taken."""
        self._places.move(page.chain, page.next_key)
        self.counts["found"] += page.count
        self.counts["skipped"] += page.scanned - page.count
        if not self.changed:
            self.changed = True
            if self.on_change is not None:
                self.on_change()

    def state(self) -> dict[str, Any]:
        """Everything, as plain values; `restored` is the way back."""
        self.changed = False
        return {"segments": self._places.to_json(), "counts": dict(self.counts)}

    @classmethod
    def restored(cls, state: dict[str, Any]) -> Self:
        """The notes of a job that goes on.

        Raises:
            ValueError: the state contradicts itself.
        """
        notes = cls()
        notes._places = ChainPlaces.restored(state["segments"])
        notes.counts.update(state["counts"])
        if min(notes.counts.values()) < 0:
            raise ValueError("a count is below zero")
        return notes


class ScanJournal(JournalOf[ScanNotes]):
    """The journal of a scan or query."""

    @property
    def _kind(self) -> type[ScanNotes]:
        return ScanNotes
