"""What belongs to a table but is not in its description: expiry, recovery and tags."""

import asyncio
from collections.abc import Mapping
from typing import Any

from pannier.batch.calls import CallError
from pannier.console.table_listing import Call


async def settings(call: Call, description: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values; what the target has no answer to is said as such."""
    name = {"TableName": description["TableName"]}
    answers = await asyncio.gather(
        _asked(call, "DescribeTimeToLive", name),
        _asked(call, "DescribeContinuousBackups", name),
        _asked(call, "ListTagsOfResource", {"ResourceArn": description.get("TableArn", "")}),
    )
    return list(
        zip(("Expiry (TTL)", "Point-in-time recovery", "Tags"), _texts(*answers), strict=True)
    )


async def _asked(call: Call, operation: str, request: Mapping[str, Any]) -> dict[str, Any] | str:
    """The answer, or why there is none: other engines don't have all operations."""
    try:
        return await call(operation, request)
    except CallError as error:
        return error.code


def _texts(
    expiry: dict[str, Any] | str, backups: dict[str, Any] | str, tags: dict[str, Any] | str
) -> tuple[str, str, str]:
    def unknown(code: str) -> str:
        return f"not known ({code})"

    if isinstance(expiry, str):
        expiry_text = unknown(expiry)
    else:
        found = expiry.get("TimeToLiveDescription") or {}
        state = str(found.get("TimeToLiveStatus", "DISABLED"))
        attribute = found.get("AttributeName")
        expiry_text = f"{state.lower()}, attribute {attribute}" if attribute else "off"
    if isinstance(backups, str):
        backups_text = unknown(backups)
    else:
        both = backups.get("ContinuousBackupsDescription") or {}
        recovery = both.get("PointInTimeRecoveryDescription") or {}
        is_on = recovery.get("PointInTimeRecoveryStatus") == "ENABLED"
        backups_text = "on" if is_on else "off"
    if isinstance(tags, str):
        return expiry_text, backups_text, unknown(tags)
    pairs = [f"{each.get('Key')}={each.get('Value')}" for each in tags.get("Tags") or ()]
    return expiry_text, backups_text, ", ".join(pairs) or "none"
