"""The library's front door: `connect` and `connect_async`."""

from typing import Any

from pannier.batch.target import Target
from pannier.errors import UserError
from pannier.library.aio import AsyncConnection
from pannier.library.connection import Connection
from pannier.targets.botocore_client import BotocoreTarget
from pannier.targets.resolve import resolve, session_target


def connect(target: str | Target | Any | None = None) -> Connection:
    """Connect to a target.

    Args:
        target: a name (`local`, `local:PATH`, `memory`, `aws`, a URL); a session of boto3 or
            botocore, whose credentials, region and endpoint are used; a DynamoDB client of
            either, which sends everything itself; or a target. None for the environment's target,
            else `local`.

    Raises:
        UserError: the target can't be had; the text says what to do.
    """
    return Connection(to_target(target))


def connect_async(target: str | Target | Any | None = None) -> AsyncConnection:
    """Connect to a target, for use with `await`. Arguments as for `connect`."""
    return AsyncConnection(to_target(target))


def to_target(given: str | Target | Any | None) -> Target:
    """The target that an argument means."""
    if given is None or isinstance(given, str):
        return resolve(given)
    if hasattr(given, "meta") and hasattr(given, "batch_write_item"):
        return BotocoreTarget(given)
    if hasattr(given, "get_credentials"):
        return session_target(given)
    if not hasattr(given, "send"):
        raise UserError(
            f"a {type(given).__name__} is no target",
            'Give a name, a target, a session or a client of boto3: boto3.client("dynamodb").',
        )
    target: Target = given
    return target
