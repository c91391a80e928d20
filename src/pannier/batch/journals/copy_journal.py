"""How far a copy has come, so that one that was ended can go on.

Items are read ahead of the calls that write them, and their writes end in any order. So of each
segment the journal knows where its first page begins that is not *done*: a page is done when each
of its items was written, left out or noted as failed, and so were those of all pages in front of
it. What a page came to is counted when it is done, and its failures are written down then. So
whatever record survives, everything in front of the noted places is in the destination or among the
failures, each once; what is behind them is read, and written, again.

At most as many pages are open as the window of the write job can hold.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

from pannier.batch.journals.chain_places import ChainPlaces
from pannier.batch.journals.job_journal import JournalOf
from pannier.batch.pages.page_job import Chain, Page
from pannier.batch.prepared import PreparedWrite
from pannier.batch.report import Failure, OnFailure
from pannier.model.attribute_value import Item

_ENDS: Final = ("written", "superseded", "skipped", "failed")


@dataclass(slots=True)
class OpenPage:
    """A page whose items are on their way.

    Attributes:
        chain: the number of its segment.
        next_key: where the next page begins; None if this is the last one.
        open: how many of its writes have not ended.
        taken: whether all of its items were taken from it.
        counts: how those ended that have.
        failures: of these, until the page is done.
    """

    chain: int
    next_key: Item | None
    open: int = 0
    taken: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)


class CopyNotes:
    """Where each segment goes on, and what became of the items until there.

    Attributes:
        counts: how many items ended how, over all runs; of pages that are done.
        changed: whether there was a change since the last `state`.
        on_change: called at the first of these.
        on_failure: told each failure, when its page is done.
    """

    def __init__(self) -> None:
        self.counts = dict.fromkeys(_ENDS, 0)
        self.changed = False
        self.on_change: Callable[[], None] | None = None
        self.on_failure: OnFailure | None = None
        self._places = ChainPlaces()
        self._pages: list[deque[OpenPage]] = []
        self._page_of: dict[int, OpenPage] = {}
        self._numbered = 0

    @property
    def chains(self) -> int:
        """How many segments there are; 0 as long as nobody has said it."""
        return len(self._places)

    @property
    def done(self) -> int:
        """How many items are done for good, over all runs."""
        return sum(self.counts.values())

    @property
    def open_pages(self) -> int:
        """How many pages are on their way."""
        return sum(map(len, self._pages))

    @property
    def is_complete(self) -> bool:
        """Whether all segments are at their end."""
        return self._places.are_at_the_end

    @property
    def shortfall(self) -> str:
        """Nothing: a table may change meanwhile."""
        return ""

    @property
    def told(self) -> str:
        """What is done, in words."""
        return f"{self.counts['written']:,} items are copied for good"

    def begin(self, chains: Sequence[Chain]) -> None:
        """Take up the segments of a job; of one that goes on they begin where they have come to."""
        self._places.begin(chains)
        self._pages = [deque() for _ in chains]
        self._numbered = self.done

    # What the copy tells

    def opened(self, page: Page) -> OpenPage:
        """A page has come. Those of a segment come in their order."""
        made = OpenPage(page.chain, page.next_key)
        self._pages[page.chain].append(made)
        return made

    def number(self, page: OpenPage) -> int:
        """A number for a write that comes of a page; the page is not done before it has ended."""
        self._numbered += 1
        page.open += 1
        self._page_of[self._numbered] = page
        return self._numbered

    def taken(self, page: OpenPage) -> None:
        """No more writes come of a page."""
        page.taken = True
        self._move_on(page.chain)

    def hold(self, failure: Failure) -> None:
        """Keep a failure until its page is done; its place is the number of the write."""
        page = self._page_of.get(failure.origin.position)
        if page is not None:
            page.failures.append(failure)

    def release(self) -> None:
        """Tell the failures of the pages that are not done: the run ends without them."""
        for pages in self._pages:
            for page in pages:
                self._tell(page)

    def applied(self, stack: Sequence[PreparedWrite]) -> None:
        """A write has had its effect: the last of the stack, which supersedes those before it."""
        for write in stack[:-1]:
            self._ended(write.number, "superseded")
        self._ended(stack[-1].number, "written")

    def failed(self, number: int) -> None:
        """A write can't have its effect, or could not be made."""
        self._ended(number, "failed")

    def _ended(self, number: int, end: str) -> None:
        page = self._page_of.pop(number)
        page.open -= 1
        page.counts[end] += 1
        if not page.open and page.taken:
            self._move_on(page.chain)

    def _move_on(self, chain: int) -> None:
        pages = self._pages[chain]
        while pages and pages[0].taken and not pages[0].open:
            page = pages.popleft()
            self._places.move(chain, page.next_key)
            for end, count in page.counts.items():
                self.counts[end] += count
            self._tell(page)
            self._note()

    def _tell(self, page: OpenPage) -> None:
        failures, page.failures = page.failures, []
        if self.on_failure is not None:
            for failure in failures:
                self.on_failure(failure)

    def _note(self) -> None:
        if not self.changed:
            self.changed = True
            if self.on_change is not None:
                self.on_change()

    # What is written down

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
        if set(notes.counts) != set(_ENDS) or min(notes.counts.values()) < 0:
            raise ValueError("its counts are none")
        return notes


class CopyJournal(JournalOf[CopyNotes]):
    """The journal of a copy."""

    @property
    def _kind(self) -> type[CopyNotes]:
        return CopyNotes
