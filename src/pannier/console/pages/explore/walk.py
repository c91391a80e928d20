"""Pages of a scan or query, forward and back.

A page has as many items as the reader wants. The service counts otherwise: its pages end after 1 MB
or so many items *read*, of which a filter may leave few or none. So a page here may take several
calls; after some of them, or some seconds, it is shown as it is, and the reader may go on.

Where a page begins is kept for each page that was shown. A page that ends within an answer goes on
behind the key of its last item: any item's key can be a start, not only those that are answered.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from pannier.model.attribute_value import Item

Call: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]]

_CALLS_MAX: Final = 25
_TIME_S_MAX: Final = 4.0
_READ_MAX: Final = 20_000  # items a call; answers end after 1 MB of them anyway
_SPARE: Final = 1.1  # a little more than is likely to be needed, as a call costs more than an item
_STEP: Final = 8  # where nothing was found yet, the next call reads so many times more


@dataclass(slots=True)
class Page:
    """What is shown at once.

    Attributes:
        number: counted from 1.
        start: the key behind which it begins; None for the beginning.
        following: the key behind which it goes on.
        ended: whether there is nothing behind it.
        scanned: items read for it, before the filter.
        units: read units consumed for it.
    """

    number: int
    start: Item | None = None
    following: Item | None = None
    ended: bool = False
    items: list[Item] = field(default_factory=list)
    scanned: int = 0
    calls: int = 0
    units: float = 0.0
    elapsed_s: float = 0.0


class Walk:
    """A scan or query, page by page.

    Args:
        call: asks the target.
        operation: `Scan` or `Query`.
        request: what all requests say.
        key_names: the attributes that tell where it goes on.
        size: items a page.
        clock: seconds, for how long is asked.
    """

    def __init__(
        self,
        call: Call,
        operation: str,
        request: Mapping[str, Any],
        key_names: tuple[str, ...],
        size: int,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.operation = operation
        self.request = request
        self.page = Page(1)
        self._call = call
        self._key_names = key_names
        self._size = size
        self._clock = clock
        self._starts: list[Item | None] = [None]
        self._filtered = "FilterExpression" in request

    @property
    def full(self) -> bool:
        """Whether the page has as many items as are wanted."""
        return len(self.page.items) >= self._size

    @property
    def has_next(self) -> bool:
        """Whether there may be a page behind this."""
        return self.full and not self.page.ended

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before this."""
        return self.page.number > 1

    async def show(self) -> Page:
        """The current page, read anew.

        Raises:
            CallError: the service refused.
        """
        return await self._filled(Page(self.page.number, self._starts[self.page.number - 1]))

    async def next(self) -> Page:
        """The page behind; the page stays if it can't be read."""
        number = self.page.number + 1
        page = await self._filled(Page(number, self.page.following))
        self._starts[number - 1 :] = [page.start]
        return page

    async def previous(self) -> Page:
        """The page before."""
        number = self.page.number - 1
        return await self._filled(Page(number, self._starts[number - 1]))

    async def go_on(self) -> Page:
        """The current page, with more that belongs to it."""
        return await self._filled(self.page)

    async def _filled(self, page: Page) -> Page:
        began_s = self._clock()
        calls = 0
        while len(page.items) < self._size and not page.ended:
            if calls >= _CALLS_MAX or self._clock() - began_s > _TIME_S_MAX:
                break
            calls += 1
            await self._read(page)
        page.elapsed_s += self._clock() - began_s
        self.page = page
        return page

    async def _read(self, page: Page) -> None:
        start = page.following if page.calls else page.start
        members: dict[str, Any] = {
            "Limit": self._limit(page),
            "ReturnConsumedCapacity": "TOTAL",
        }
        if start is not None:
            members["ExclusiveStartKey"] = start
        answer = await self._call(self.operation, {**self.request, **members})
        items: list[Item] = answer.get("Items") or []
        room = self._size - len(page.items)
        page.items += items[:room]
        page.calls += 1
        page.scanned += int(answer.get("ScannedCount") or 0)
        page.units += float((answer.get("ConsumedCapacity") or {}).get("CapacityUnits") or 0)
        if len(items) > room:
            last = page.items[-1]
            page.following = {name: last[name] for name in self._key_names}
            return
        page.following = answer.get("LastEvaluatedKey")
        page.ended = page.following is None

    def _limit(self, page: Page) -> int:
        """How many items the next call reads, so that it finds what the page still needs."""
        wanted = self._size - len(page.items)
        if not self._filtered or not page.scanned:
            return wanted if not self._filtered else self._size
        if not page.items:
            return min(_READ_MAX, page.scanned * _STEP)
        share = len(page.items) / page.scanned
        return min(_READ_MAX, max(wanted, round(wanted / share * _SPARE)))
