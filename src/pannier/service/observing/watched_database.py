"""A database that remembers what it did for the last request, for who logs requests.

A server has it in place of the usual one where requests are logged or traced; so that where they
are not, nothing looks.
"""

from dataclasses import dataclass
from typing import Any

from pannier.engine.answers import Answer
from pannier.engine.database import Database
from pannier.engine.metrics.recorder import named_tables
from pannier.engine.operations import Run
from pannier.engine.usage import Usage
from pannier.storage.store import Group

_TABLES_MAX = 100


@dataclass(slots=True)
class Applied:
    """What the engine did for one request. Times in seconds.

    It holds nothing of the request: while an answer waits for the disk, thousands of attributes
    would be looked through by the garbage collector, again and again.

    Attributes:
        operation: its name in the API.
        tables: those that it touched, or named if it came to none.
        items: how many a batch names, or a query, scan or statement returned, else None.
        usage: what it used.
        answer: what it was answered.
        queued_s: until it was applied: its JSON was read, a background step let go of the tables.
        applied_s: from then until there was an answer.
        written_s: of that, what the store took.
    """

    operation: str
    tables: list[str]
    items: int | None
    usage: Usage
    answer: Answer
    queued_s: float
    applied_s: float
    written_s: float

    def units(self, units_of: str) -> float:
        """The units that it consumed of one kind, indexes included."""
        return sum([each.total for each in self.usage.consumed if each.units_of == units_of])


class WatchedDatabase(Database):
    """A `Database` whose last request can be looked at, by the one thread that submits."""

    _applied: Applied | None = None
    _submitted_s = 0.0
    _written_s = 0.0

    def take(self) -> Applied | None:
        """What was done for the request that was submitted last; None if it did not come that far.

        A second call has nothing.
        """
        applied, self._applied = self._applied, None
        return applied

    def submit(self, operation: str, body: bytes) -> Answer:
        """Apply a request."""
        self._applied = None
        self._submitted_s = self.timer()
        return super().submit(operation, body)

    def write(self, group: Group) -> None:
        """Write an operation's group."""
        begun_s = self.timer()
        try:
            super().write(group)
        finally:
            self._written_s += self.timer() - begun_s

    def _apply(self, operation: str, run: Run, request: dict[str, Any]) -> Answer:
        self._written_s = 0.0
        begun_s = self.timer()
        answer = super()._apply(operation, run, request)
        applied_s = self.timer() - begun_s
        self._applied = Applied(
            operation,
            _tables(request, self.usage),
            _items(request, self.usage),
            self.usage,
            answer,
            begun_s - self._submitted_s,
            applied_s,
            self._written_s,
        )
        return answer


def _tables(request: dict[str, Any], usage: Usage) -> list[str]:
    names = {consumed.table.name for consumed in usage.consumed}
    return sorted(names or named_tables(request))[:_TABLES_MAX]


def _items(request: dict[str, Any], usage: Usage) -> int | None:
    batch, actions = request.get("RequestItems"), request.get("TransactItems")
    if isinstance(batch, dict):
        return sum([_size(each) for each in batch.values()])
    return len(actions) if isinstance(actions, list) else usage.returned


def _size(part: object) -> int:
    """The number of writes or keys of one table in a batch."""
    keys = part.get("Keys") if isinstance(part, dict) else part
    return len(keys) if isinstance(keys, list) else 0
