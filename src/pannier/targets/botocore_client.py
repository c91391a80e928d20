"""A botocore client that the user hands in: its session, its endpoint, its retries."""

import asyncio
from base64 import b64decode, b64encode
from typing import Any, Final

import orjson

from pannier.batch.target import OutcomeUnknownError, Reply, TargetUnreachableError

_METHODS: Final = {
    "BatchGetItem": "batch_get_item",
    "BatchWriteItem": "batch_write_item",
    "CreateTable": "create_table",
    "DeleteTable": "delete_table",
    "DescribeTable": "describe_table",
    "GetItem": "get_item",
    "ListTables": "list_tables",
    "PutItem": "put_item",
}


class BotocoreTarget:
    """A target reached through `boto3.client("dynamodb")` or a client of botocore.

    Args:
        client: not closed; it stays the user's.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self.name = f"botocore client ({client.meta.endpoint_url})"

    async def send(self, operation: str, body: bytes) -> Reply:
        """Call the client on a thread; botocore's clients are safe to share between threads."""
        return await asyncio.to_thread(self._call, operation, body)

    async def close(self) -> None:
        """Nothing to release."""

    def _call(self, operation: str, body: bytes) -> Reply:
        from botocore.exceptions import (  # slow to import, and rarely needed
            BotoCoreError,
            ClientError,
            EndpointConnectionError,
        )
        from botocore.exceptions import (
            ConnectionError as BotocoreConnectionError,
        )

        method = getattr(self._client, _METHODS[operation])
        try:
            answer = method(**to_client(orjson.loads(body)))
        except ClientError as error:
            details = error.response.get("Error", {})
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
            shown = {"__type": details.get("Code", ""), "message": details.get("Message", "")}
            return Reply(status, orjson.dumps(shown))
        except EndpointConnectionError as error:
            raise TargetUnreachableError(str(error)) from error
        except BotocoreConnectionError as error:
            raise OutcomeUnknownError(str(error)) from error
        except BotoCoreError as error:
            raise TargetUnreachableError(str(error)) from error
        answer.pop("ResponseMetadata", None)
        return Reply(200, orjson.dumps(from_client(answer), default=str))


def to_client(value: Any) -> Any:
    """A request as botocore takes it: binaries as bytes instead of base64."""
    if isinstance(value, dict):
        return {name: _bytes(name, member) for name, member in value.items()}
    if isinstance(value, list):
        return [to_client(member) for member in value]
    return value


def _bytes(name: str, member: Any) -> Any:
    if name == "B" and isinstance(member, str):
        return b64decode(member)
    if name == "BS" and isinstance(member, list) and all(isinstance(m, str) for m in member):
        return [b64decode(text) for text in member]
    return to_client(member)


def from_client(value: Any) -> Any:
    """An answer, or an item given to botocore, in the API's JSON form."""
    if isinstance(value, dict):
        return {name: from_client(member) for name, member in value.items()}
    if isinstance(value, list):
        return [from_client(member) for member in value]
    if isinstance(value, bytes | bytearray):
        return b64encode(value).decode()
    return value
