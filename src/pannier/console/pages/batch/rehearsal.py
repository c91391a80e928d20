"""What the service would answer if all of it were sent as one call, without sending it.

The call goes to a database in memory that has the same tables, empty. So the words are the
engine's own, and in the order in which DynamoDB checks; only throttling and what the tables hold
can't be known that way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pannier.batch.calls import CallError
from pannier.batch.retrying import Verdict, judge
from pannier.library.connecting import connect_async

WRITE: Final = "BatchWriteItem"
READ: Final = "BatchGetItem"
_MEMBERS: Final = ("TableName", "KeySchema", "AttributeDefinitions")
_INDEX_MEMBERS: Final = ("IndexName", "KeySchema", "Projection")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call would be answered.

    Attributes:
        accepted: whether it would be taken.
        error: the error's name, e.g. `ValidationException`; empty if it is accepted.
        message: the service's words.
    """

    accepted: bool
    error: str = ""
    message: str = ""


def body_of(request: str) -> bytes:
    """The body of a batch call that asks for its units.

    Args:
        request: the `RequestItems` as JSON.
    """
    text = f'{{"RequestItems":{request},"ReturnConsumedCapacity":"INDEXES"}}'
    return text.encode("utf-8", "surrogatepass")


async def rehearse(
    operation: str, body: bytes, descriptions: Iterable[Mapping[str, Any]]
) -> Answer | None:
    """What one call would be answered.

    Args:
        operation: `BatchWriteItem` or `BatchGetItem`.
        body: the request.
        descriptions: of the tables that are there, as `DescribeTable` answers.

    Returns:
        None if the tables can't be made alike.
    """
    connection = connect_async("memory")
    try:
        for description in descriptions:
            await connection.call("CreateTable", _like(description))
        judgement = judge(await connection.target.send(operation, body))
    except CallError:
        return None
    finally:
        await connection.close()
    if judgement.verdict is Verdict.DONE:
        return Answer(accepted=True)
    error, _, message = judgement.reason.partition(": ")
    return Answer(False, error, message)


def _like(description: Mapping[str, Any]) -> dict[str, Any]:
    """The request that makes such a table, on demand."""
    request: dict[str, Any] = {name: description[name] for name in _MEMBERS}
    request["BillingMode"] = "PAY_PER_REQUEST"
    for member in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
        indexes = description.get(member)
        if indexes:
            request[member] = [{name: each[name] for name in _INDEX_MEMBERS} for each in indexes]
    return request
