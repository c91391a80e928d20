"""Items deleted by the batch engine."""

from collections.abc import Sequence

from pannier.batch.operation import Kind, Operation, Origin
from pannier.batch.report import Report
from pannier.library.aio import AsyncConnection
from pannier.library.outcomes import WriteError
from pannier.model.attribute_value import Item


async def removed(connection: AsyncConnection, table: str, keys: Sequence[Item]) -> Report:
    """Delete items by their keys.

    Raises:
        WriteError: some could not be deleted; says how many, and why.
    """
    deletes = (
        Operation(table, Kind.DELETE, key, Origin("selection", position))
        for position, key in enumerate(keys, start=1)
    )
    report = await connection.write(deletes)
    if not report.ok:
        raise WriteError(report)
    return report
