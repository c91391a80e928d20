"""DescribeLimits: the default quotas of an account (Developer Guide, "Quotas")."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Answer the quotas."""
    return {
        "AccountMaxReadCapacityUnits": 80_000,
        "AccountMaxWriteCapacityUnits": 80_000,
        "TableMaxReadCapacityUnits": 40_000,
        "TableMaxWriteCapacityUnits": 40_000,
    }
