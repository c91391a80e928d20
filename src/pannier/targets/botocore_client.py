"""A botocore client that the user hands in: its session, its endpoint, its retries."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, Final

import orjson

from pannier.batch.target import OutcomeUnknownError, Reply, TargetUnreachableError
from pannier.targets.retry_after import retry_after_s

_NOT_OF_THE_ERROR: Final = frozenset({"Error", "ResponseMetadata"})


class BotocoreTarget:
    """A target reached through `boto3.client("dynamodb")` or a client of botocore.

    Args:
        client: not closed; it stays the user's.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._methods = {api: method for method, api in client.meta.method_to_api_mapping.items()}
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
            HTTPClientError,
            IncompleteReadError,
            ParamValidationError,
        )

        if operation not in self._methods:
            return _error_reply("UnknownOperationException", "")
        method = getattr(self._client, self._methods[operation])
        try:
            answer = method(**to_client(orjson.loads(body)))
        except ClientError as error:
            return _reply_of(error.response)
        except ParamValidationError as error:  # the client refuses what the service would
            return _error_reply("ValidationException", str(error))
        except (HTTPClientError, IncompleteReadError) as error:  # it broke after the connection
            raise OutcomeUnknownError(str(error)) from error
        except BotoCoreError as error:  # no connection, no credentials, no region
            raise TargetUnreachableError(str(error)) from error
        answer.pop("ResponseMetadata", None)
        return Reply(200, orjson.dumps(from_client(answer), default=str))


def _reply_of(response: Mapping[str, Any]) -> Reply:
    """The answer that botocore made an exception of."""
    metadata = response.get("ResponseMetadata", {})
    details = {name: value for name, value in response.items() if name not in _NOT_OF_THE_ERROR}
    error = response.get("Error", {})
    details |= {"__type": error.get("Code", ""), "message": error.get("Message", "")}
    headers = {name.lower(): text for name, text in metadata.get("HTTPHeaders", {}).items()}
    status = metadata.get("HTTPStatusCode", 400)
    request_id = metadata.get("RequestId", "")
    return Reply(status, orjson.dumps(details, default=str), retry_after_s(headers), request_id)


def _error_reply(code: str, message: str, status: int = 400) -> Reply:
    return Reply(status, orjson.dumps({"__type": code, "message": message}))


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
    """An answer, or an item given to botocore, in the API's JSON form.

    botocore takes a text for a binary as well, and means its UTF-8 bytes.
    """
    if isinstance(value, dict):
        return {name: _base64(name, member) for name, member in value.items()}
    if isinstance(value, list):
        return [from_client(member) for member in value]
    if isinstance(value, bytes | bytearray):
        return b64encode(value).decode()
    return value


def _base64(name: str, member: Any) -> Any:
    if name == "B" and isinstance(member, str):
        return b64encode(member.encode()).decode()
    if name == "BS" and isinstance(member, list):
        return [
            _base64("B", text) if isinstance(text, str) else from_client(text) for text in member
        ]
    return from_client(member)
