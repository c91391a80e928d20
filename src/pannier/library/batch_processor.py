"""The workshop's `BatchProcessor`: same constructor, methods and return values; nothing lost.

What the workshop's own version loses, and this one does not:

| the workshop's | here |
|---|---|
| more than 25 operations: the service refuses | split into full batches |
| after `max_retries` what was left is forgotten | `report` accounts for it, `unprocessed` is it |
| reads drop `UnprocessedKeys` | they are asked for again |
| a projection can't name reserved words | it can |
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NoReturn, Self

from pannier.batch.calls import CallError
from pannier.batch.operation import Kind, Operation, Origin
from pannier.batch.options import Options
from pannier.batch.reads.projection import projection_of_names
from pannier.batch.reads.read import Key, TableOptions
from pannier.batch.report import Failure, Report
from pannier.errors import UserError
from pannier.library.connecting import connect
from pannier.library.connection import Connection
from pannier.targets.botocore_client import from_client, to_client

_SOURCE: Final = "items"
# The workshop's waits 0.1, 0.2, 0.4 ... seconds between attempts; `max_retries` of them make this
# much patience, and a little more for the calls themselves.
_FIRST_WAIT_S: Final = 0.1
_CALLS_S: Final = 1.0


class BatchProcessor:
    """Batch writes and reads on one table.

    Args:
        table_name: the table.
        target: a target's name, a target, or a connection, which stays open; None for the
            environment's target, else `local`.
        client: a DynamoDB client of boto3 or botocore, instead of a target.

    Attributes:
        report: what became of every operation of the last call.
        unprocessed: the write requests of the last write that were not written.
    """

    def __init__(
        self, table_name: str, target: Any | None = None, *, client: Any | None = None
    ) -> None:
        self.table_name = table_name
        self.report: Report | None = None
        self.unprocessed: list[dict[str, Any]] = []
        self._own_connection = not isinstance(target, Connection)
        self._connection = (
            target
            if isinstance(target, Connection)
            else connect(client if client is not None else target)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the target. A connection or client that was handed in stays open."""
        if self._own_connection:
            self._connection.close()

    def batch_write_with_retry(
        self, items: Iterable[Mapping[str, Any]], max_retries: int = 3
    ) -> bool:
        """Write with retries for what the service leaves unprocessed.

        Args:
            items: write requests as boto3's client takes them,
                `{"PutRequest": {"Item": ...}}` or `{"DeleteRequest": {"Key": ...}}`; any number.
            max_retries: attempts without any progress, with growing waits in between, before the
                rest is given up.

        Returns:
            True if everything was written; False if some is left: see `unprocessed`.

        Raises:
            botocore.exceptions.ClientError: the service refused an operation. Everything that it
                did not refuse was written all the same.
        """
        patience_s = _FIRST_WAIT_S * 2**max_retries + _CALLS_S
        self.unprocessed = []
        refused: list[Failure] = []

        def on_failure(failure: Failure) -> None:
            request = "PutRequest" if failure.kind == Kind.PUT.value else "DeleteRequest"
            member = "Item" if failure.kind == Kind.PUT.value else "Key"
            self.unprocessed.append({request: {member: to_client(failure.attributes)}})
            # The name of an error in front: the service's words, not ours.
            if failure.reason.partition(":")[0].isidentifier():
                refused.append(failure)

        try:
            self.report = self._connection.write(
                (self._operation(item, position) for position, item in enumerate(items, start=1)),
                options=Options(give_up_after_s=patience_s),
                on_failure=on_failure,
            )
        except CallError as error:
            _raise_client_error(str(error), "BatchWriteItem")
        if self.report.failed:
            reason = refused[0].reason if refused else next(iter(self.report.reasons))
            _raise_client_error(reason, "BatchWriteItem")
        return not self.unprocessed

    def batch_get_with_projection(
        self, keys: Iterable[Mapping[str, Any]], projection_expression: str | None = None
    ) -> list[dict[str, Any]]:
        """Read by key, with a projection if given.

        Args:
            keys: as boto3's client takes them; any number.
            projection_expression: attribute names and paths; reserved words may be written as
                they are.

        Returns:
            The items that exist, as boto3's client gives them, in the order of their keys.

        Raises:
            botocore.exceptions.ClientError: the service refused a key.
        """
        options = TableOptions()
        if projection_expression:
            options = TableOptions(projection_of_names(projection_expression))
        wanted = [
            Key(self.table_name, from_client(dict(key)), Origin(_SOURCE, position))
            for position, key in enumerate(keys, start=1)
        ]
        reports: list[Report] = []
        results = self._connection.find(wanted, default=options, report=reports.append)
        try:
            found = [each for each in results if each.item is not None]
        except CallError as error:
            _raise_client_error(str(error), "BatchGetItem")
        self.report = reports[0]
        if not self.report.ok:
            _raise_client_error(next(iter(self.report.reasons), ""), "BatchGetItem")
        found.sort(key=lambda each: each.origin.position)
        return [to_client(each.item) for each in found]

    def _operation(self, item: Mapping[str, Any], position: int) -> Operation:
        origin = Origin(_SOURCE, position)
        match dict(item):
            case {"PutRequest": {"Item": attributes}}:
                return Operation.put(self.table_name, from_client(attributes), origin)
            case {"DeleteRequest": {"Key": attributes}}:
                return Operation.delete(self.table_name, from_client(attributes), origin)
        raise UserError(
            f"{origin} is no write request",
            'Give {"PutRequest": {"Item": ...}} or {"DeleteRequest": {"Key": ...}}.',
        )


def _raise_client_error(reason: str, operation: str) -> NoReturn:
    from botocore.exceptions import ClientError  # slow to import

    # The service's words are "CODE: MESSAGE"; ours may stand before them.
    parts = reason.split(": ")
    start = next((place for place, part in enumerate(parts) if part.isidentifier()), 0)
    error = {"Code": parts[start], "Message": ": ".join(parts[start + 1 :])}
    raise ClientError({"Error": error}, operation)
