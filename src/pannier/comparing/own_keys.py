"""Where a comparison writes: a table of its own, or keys of its own in a table that is there.

Either way nothing of the user's is touched, and everything that was written is removed at the end,
also after an error or Ctrl-C.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pannier.batch.calls import CallError
from pannier.errors import UserError
from pannier.library.aio import AsyncConnection
from pannier.model.attribute_value import Item
from pannier.model.key_schema import KeySchema
from pannier.model.plain import from_item

_PREFIX: Final = "pannier-compare-"
_PAUSE_S: Final = 0.2
_PAUSES_MAX: Final = 1500
_INDEX_MEMBERS: Final = ("IndexName", "KeySchema", "Projection")


class OwnTable:
    """A table of the same shape as another, on demand, which is deleted at the end.

    Args:
        connection: to the target.
        description: a `TableDescription`, or a `CreateTable` request.
    """

    def __init__(self, connection: AsyncConnection, description: Mapping[str, Any]) -> None:
        self.name = f"{_PREFIX}{secrets.token_hex(4)}"
        self._connection = connection
        self._description = description

    async def __aenter__(self) -> str:
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeySchema": self._description["KeySchema"],
            "AttributeDefinitions": self._description["AttributeDefinitions"],
            "BillingMode": "PAY_PER_REQUEST",
        }
        for member in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
            if self._description.get(member):
                request[member] = [
                    {name: index[name] for name in _INDEX_MEMBERS}
                    for index in self._description[member]
                ]
        making = asyncio.ensure_future(self._connection.call("CreateTable", request))
        try:
            await asyncio.shield(making)
        except asyncio.CancelledError:  # it may be on its way, so it is waited for
            await making
            await self.__aexit__()
            raise
        except CallError as error:
            raise UserError(
                f"the table {self.name} can't be made: {error}",
                "--in-place writes keys of its own into a table that is there, and removes them.",
            ) from None
        try:
            for _ in range(_PAUSES_MAX):
                if await self._status() == "ACTIVE":
                    return self.name
                await asyncio.sleep(_PAUSE_S)
        except BaseException:
            await self.__aexit__()
            raise
        await self.__aexit__()
        raise UserError(f"the table {self.name} did not become active", "Try again later.")

    async def __aexit__(self, *_: object) -> None:
        await self._connection.call("DeleteTable", {"TableName": self.name})

    async def _status(self) -> str:
        answer = await self._connection.call("DescribeTable", {"TableName": self.name})
        status: str = answer["Table"]["TableStatus"]
        return status


class OwnKeys:
    """Keys of one's own in a table that is there: the partition key gets a prefix.

    Args:
        connection: to the target.
        table: the table.
        schema: its key.
        items: what will be written; their partition keys are changed.

    Raises:
        UserError: the partition key is no text.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        table: str,
        schema: KeySchema,
        items: Sequence[Item],
    ) -> None:
        self._connection = connection
        self._table = table
        partition = schema.partition[0]
        if partition.kind != "S":
            raise UserError(
                f"the partition key {partition.name} of {table} is no text, so it can't be told "
                "from the keys that are there",
                "Leave --in-place out: the comparison then makes a table of its own.",
            )
        prefix = f"{_PREFIX}{secrets.token_hex(4)}#"
        self.items: list[Item] = [
            {**item, partition.name: {"S": prefix + item[partition.name]["S"]}} for item in items
        ]
        self._keys = [from_item(schema.key_of(item)) for item in self.items]

    async def __aenter__(self) -> str:
        return self._table

    async def __aexit__(self, *_: object) -> None:
        await self.remove()

    async def remove(self) -> None:
        """Remove what was written.

        Raises:
            UserError: something could not be removed.
        """
        report = await self._connection.delete(self._keys, self._table)
        if not report.ok:
            raise UserError(
                f"{report.failed + report.unresolved:,} keys that begin with {_PREFIX} could not "
                f"be removed from {self._table}",
                "Remove them later; they are items of this comparison only.",
            )


async def remove_all(
    connection: AsyncConnection, table: str, schema: KeySchema, items: Sequence[Item]
) -> None:
    """Remove the items of a pass, so that the next one finds what this one has found.

    Raises:
        UserError: something could not be removed.
    """
    keys = [from_item(schema.key_of(item)) for item in items]
    report = await connection.delete(keys, table)
    if not report.ok:
        reason = next(iter(report.reasons), report.stopped)
        raise UserError(f"the items of a pass could not be removed from {table}: {reason}")
