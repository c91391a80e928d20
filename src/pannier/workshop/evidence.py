"""By what the reader's progress is known: items on the target, CloudWatch's counts, files."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from pannier.errors import UserError
from pannier.library.connection import Connection
from pannier.workshop.chapter import TABLE, Item, name_of
from pannier.workshop.files import REQUESTS, is_as_made
from pannier.workshop.finding import Finding, difference, done, not_yet, unseen, wrong

_PAGES_MAX: Final = 8
_SHOWN: Final = 3


class Counts(Protocol):
    """What CloudWatch counted; each is None if nobody knows."""

    def requests(self, operation: str) -> int | None:
        """Requests of an operation that were answered."""

    def refused(self) -> int | None:
        """Requests that were refused."""

    def throttled_writes(self) -> int | None:
        """Writes that were throttled, item by item."""


class Nothing:
    """Counts where there is no CloudWatch."""

    def requests(self, operation: str) -> None:
        """Nobody knows."""

    def refused(self) -> None:
        """Nobody knows."""

    def throttled_writes(self) -> None:
        """Nobody knows."""


@dataclass(frozen=True)
class Evidence:
    """What there is to judge by.

    Attributes:
        folder: where the reader's files are.
        items: those of the table, by partition key and sort key.
        counts: CloudWatch's.
        is_late: whether the counts are minutes behind, as AWS's are.
    """

    folder: Path
    items: Mapping[tuple[str, str], Item]
    counts: Counts
    is_late: bool = False

    def item(self, wanted: Item) -> Item | None:
        """What the table has under the key of an item."""
        return self.items.get(_place(wanted))

    def missing(self, wanted: Iterable[Item]) -> list[Item]:
        """Those items of which the table has nothing."""
        return [item for item in wanted if self.item(item) is None]

    def other(self, wanted: Iterable[Item]) -> str | None:
        """In what an item that is there is not as it should be; None if all are."""
        for item in wanted:
            found = self.item(item)
            told = None if found is None else difference(item, found)
            if told is not None:
                return f"{name_of(item)}: {told}"
        return None

    def file(self, name: str) -> Finding:
        """Whether a file of the exercises is there and says what it should."""
        path = self.folder / name
        if not path.exists():
            return not_yet(f"there is no {name}")
        if is_as_made(path):
            return done(f"{name} says what it should")
        try:
            content = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            return wrong(f"{name} is no JSON: {error}")
        return wrong(f"{name}: {difference(REQUESTS[name], content)}")

    def answer(self, name: str) -> Any | None:
        """The JSON in a file that the reader made out of an answer; None if there is none."""
        try:
            return json.loads((self.folder / name).read_text())
        except (OSError, ValueError):
            return None

    def called(self, operation: str) -> Finding:
        """Whether an operation was called."""
        count = self.counts.requests(operation)
        if count is None:
            return unseen(f"who called {operation} is seen in CloudWatch, which is not here")
        if not count:
            return self.uncounted(operation)
        return done(f"CloudWatch counts {count:,} {operation}")

    def uncounted(self, what: str) -> Finding:
        """That CloudWatch has counted none of something."""
        late = "; it is minutes behind, so check again" if self.is_late else ""
        return not_yet(f"CloudWatch counts no {what}{late}")


def items_of(connection: Connection) -> dict[tuple[str, str], Item]:
    """All items of the workshop's table, by key. A scan, which no step counts.

    Raises:
        UserError: there is no table, or far more in it than the workshop writes.
    """
    if TABLE not in connection.tables():
        raise UserError(
            f"there is no table {TABLE} on {connection.target.name}",
            "Make it again, with the items of earlier chapters: pannier workshop start",
        )
    found: dict[tuple[str, str], Item] = {}
    request: dict[str, Any] = {"TableName": TABLE, "ConsistentRead": True}
    for _ in range(_PAGES_MAX):
        page = connection.call("Scan", request)
        found |= {_place(item): item for item in page["Items"]}
        if "LastEvaluatedKey" not in page:
            return found
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    raise UserError(
        f"{TABLE} on {connection.target.name} holds far more than the workshop writes",
        "Follow the workshop on a table of its own: pannier workshop start",
    )


def listed(items: Iterable[Item]) -> str:
    """Items in a sentence, the first few by name."""
    names = [name_of(item) for item in items]
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _place(item: Item) -> tuple[str, str]:
    return item["PK"].get("S", ""), item["SK"].get("S", "")
