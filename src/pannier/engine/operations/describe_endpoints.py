"""DescribeEndpoints: where requests should go. One endpoint, the one that was asked."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Name the endpoint that real DynamoDB names in this engine's region."""
    endpoint = {"Address": "dynamodb.us-east-1.amazonaws.com", "CachePeriodInMinutes": 1440}
    return {"Endpoints": [endpoint]}
