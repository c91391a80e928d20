"""The tables of a target: their names, and the descriptions of those that are looked at."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from pannier.batch.calls import CallError
from pannier.limits import LIST_TABLES_MAX

Call: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]]

_PARALLEL: Final = 8
_GONE: Final = "ResourceNotFoundException"


async def table_names(call: Call) -> AsyncIterator[list[str]]:
    """The names of all tables, up to 100 at a time, in the service's order."""
    request: dict[str, Any] = {"Limit": LIST_TABLES_MAX}
    while True:
        answer = await call("ListTables", request)
        yield answer.get("TableNames") or []
        last = answer.get("LastEvaluatedTableName")
        if last is None:
            return
        request["ExclusiveStartTableName"] = last


async def described(
    call: Call, names: Iterable[str], each: Callable[[str, dict[str, Any] | None], None]
) -> None:
    """Describe tables, a few at a time.

    Args:
        call: asks the target.
        names: the tables.
        each: is told each description as it comes; None of a table that has gone.

    Raises:
        CallError: a table can't be described.
    """
    waiting = iter(list(names))

    async def work() -> None:
        for name in waiting:
            each(name, await description(call, name))

    workers = [asyncio.create_task(work()) for _ in range(_PARALLEL)]
    try:
        await asyncio.gather(*workers)  # the first error as it is, where a group would wrap it
    finally:
        for worker in workers:
            worker.cancel()


async def description(call: Call, name: str) -> dict[str, Any] | None:
    """The `TableDescription` of a table; None if there is none.

    Raises:
        CallError: it can't be described.
    """
    try:
        answer = await call("DescribeTable", {"TableName": name})
    except CallError as error:
        if error.code == _GONE:
            return None
        raise
    found: dict[str, Any] = answer["Table"]
    return found
