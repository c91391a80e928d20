"""Answers and errors in the `aws` command's form."""

import sys
from collections.abc import Container, Mapping
from typing import Any

from pannier.cli.status import SERVICE_REFUSED


def refuse(code: str, message: str, operation: str) -> int:
    """Say a service's error as `aws` does; returns the exit status."""
    sys.stderr.write(
        f"\nAn error occurred ({code}) when calling the {operation} operation: {message}\n"
    )
    return SERVICE_REFUSED


def consumed_capacity(
    units: Mapping[str, float], local_indexes: Container[str], level: str
) -> list[dict[str, Any]]:
    """The `ConsumedCapacity` of a whole job.

    Args:
        units: by table, and by `table/index`.
        local_indexes: which of these places are local indexes.
        level: `TOTAL` or `INDEXES`.
    """
    totals: dict[str, dict[str, Any]] = {}
    for place, spent in units.items():
        table, _, index = place.partition("/")
        entry = totals.setdefault(table, {"TableName": table, "CapacityUnits": 0.0})
        entry["CapacityUnits"] += spent
        if level == "INDEXES":
            if index:
                kind = "Local" if place in local_indexes else "Global"
                indexes = entry.setdefault(f"{kind}SecondaryIndexes", {})
                indexes[index] = {"CapacityUnits": spent}
            else:
                entry["Table"] = {"CapacityUnits": spent}
    return list(totals.values())
