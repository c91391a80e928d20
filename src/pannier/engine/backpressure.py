"""Writes that come faster than the disk takes them are refused, before they have any effect.

What was written and not yet synced is bounded, in bytes, with the answers that wait for it. And no
write is begun that RocksDB would hold back because its buffers are full: it would hold back the
whole process, reads included, for as long as the disk takes.

What is answered is what DynamoDB answers where requests come too fast, `ThrottlingException`: every
SDK sends such a request again, later and later, and a batch job sends fewer at a time (Developer
Guide, "Error handling with DynamoDB": "Rate of requests exceeds the allowed throughput", to be
retried). There is no table and no limit to name, so there are no reasons in it.
"""

from collections.abc import Mapping
from typing import Any, Final

from pannier.limits import MIB
from pannier.storage.group_commit import GroupCommit
from pannier.storage.store import Store

UNSYNCED_BYTES_MAX: Final = 64 * MIB
"""Written, not yet synced. One request, with what it adds to indexes, may come on top."""

_WRITES: Final = frozenset(
    {"BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"}
)
_STATEMENTS: Final = frozenset({"BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction"})
_READING: Final = "SELECT"


class Backpressure:
    """Knows whether the disk keeps up.

    Args:
        store: where groups are written.
        commits: makes them durable; None where nothing waits for that.
        unsynced_bytes_max: the bound, in bytes.
    """

    def __init__(
        self,
        store: Store,
        commits: GroupCommit | None,
        unsynced_bytes_max: int = UNSYNCED_BYTES_MAX,
    ) -> None:
        self._store = store
        self._commits = commits
        self.unsynced_bytes_max = unsynced_bytes_max

    @property
    def is_behind(self) -> bool:
        """Whether no more may be written for now."""
        commits = self._commits
        if commits is not None:
            if commits.failure is not None:
                return False  # it will not catch up: writes have that error to answer
            if commits.unsynced_bytes > self.unsynced_bytes_max:
                return True
        return self._store.is_behind()

    def refuses(self, operation: str, request: Mapping[str, Any]) -> bool:
        """Whether a request has to come again later.

        Args:
            operation: its name in the API.
            request: its members, of whatever form.
        """
        if operation in _WRITES:
            return self.is_behind
        return operation in _STATEMENTS and self.is_behind and not _only_reads(request)


def _only_reads(request: Mapping[str, Any]) -> bool:
    """Whether all statements are SELECTs. What is no text is looked at by nobody here."""
    several = request.get("Statements") or request.get("TransactStatements")
    each = several if isinstance(several, list) else [request]
    texts = [one.get("Statement") for one in each if isinstance(one, dict)]
    return all(
        isinstance(text, str) and text.lstrip()[: len(_READING)].upper() == _READING
        for text in texts
    )
