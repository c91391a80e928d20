"""What became of the keys of a batch read, until whoever asked takes it."""

from collections import deque
from dataclasses import dataclass

from pannier.batch.input_order import InputOrder
from pannier.batch.operation import Origin
from pannier.batch.prepared import PreparedKey
from pannier.batch.report import Failure, Report
from pannier.model.attribute_value import Item


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one key.

    Attributes:
        table: the table's name.
        key: the key, as it was asked for.
        item: the item in the API's JSON form, projected; None if it does not exist.
        origin: the key's place in its source.
    """

    table: str
    key: Item
    item: Item | None
    origin: Origin


class ReadResults:
    """Results that can be taken; in the order of the input, if that is asked for.

    Args:
        report: where they are counted when they can be taken.
        ordered: in the order of the keys, whose origins must then be numbered.

    Attributes:
        there: what can be taken now.
        order: what waits for an earlier key; None if results come as they are.
    """

    def __init__(self, report: Report, *, ordered: bool) -> None:
        self.there: deque[Found] = deque()
        self.order: InputOrder[Found] | None = InputOrder() if ordered else None
        self._report = report

    @property
    def waiting_bytes(self) -> int:
        """About how large the results are that wait for an earlier key."""
        return self.order.held_bytes if self.order is not None else 0

    def expect(self, origin: Origin) -> None:
        """An element of the input was taken."""
        if self.order is not None:
            self.order.expect(origin)

    def add(self, askers: list[PreparedKey], item: Item | None, size_bytes: int) -> None:
        """A key has its result.

        Args:
            askers: the key, as often as it was asked for.
            item: what was found.
            size_bytes: about the size of an item in this answer.
        """
        for asker in askers:
            found = Found(asker.table, asker.attributes, item, asker.origin)
            if self.order is None:
                self._put(found)
            else:
                self.order.arrived(asker.origin, found, size_bytes if item is not None else 0)
                size_bytes = 0  # all of them share the item

    def fail(self, failure: Failure, *, resolved: bool) -> None:
        """A key has none: for good, or because the job stopped."""
        self._report.fail(failure, resolved=resolved)
        if self.order is not None:
            self.order.failed(failure.origin, resolved=resolved)
            self.come_forward()

    def come_forward(self) -> None:
        """Results whose turn it is can be taken; those after an unresolved key are unresolved."""
        if self.order is None:
            return
        for found in self.order.due():
            if self.order.broken:
                reason = self._report.stopped
                failure = Failure(found.table, "get", found.key, reason, found.origin)
                self._report.fail(failure, resolved=False)
            else:
                self._put(found)

    def take(self) -> list[Found]:
        """The results that are there."""
        results = list(self.there)
        self.there.clear()
        return results

    def _put(self, found: Found) -> None:
        if found.item is None:
            self._report.missing += 1
        else:
            self._report.found += 1
        self.there.append(found)
