"""The metrics of DynamoDB: their names, dimensions and units, and what adds to them.

| metric | dimensions | sample |
|---|---|---|
| Consumed{Read,Write}CapacityUnits | TableName; TableName, GlobalSecondaryIndexName | units of a request that consumed any |
| {Read,Write}ThrottleEvents | as above | 1 for each item that the table or index had no capacity for |
| {Read,Write}{limit}ThrottleEvents | as above | 1 for each item that the limit refused |
| ThrottledRequests | TableName, Operation | 1 for each request that failed because it was throttled |
| SuccessfulRequestLatency | TableName, Operation | milliseconds inside the engine |
| SystemErrors | TableName, Operation | 1 for each HTTP 500 |
| ConditionalCheckFailedRequests | TableName | 1 for each condition that was false |
| ReturnedItemCount | TableName, Operation | items that a Query, Scan or statement returned |
| UserErrors | none | 1 for each HTTP 400, but not for throttles and false conditions |

Source: Developer Guide, "DynamoDB metrics and dimensions". A local index's units are its table's.
Metrics have points only for minutes in which something happened. Provisioned units are not
recorded: see `provisioned`.
"""  # noqa: E501  # a table's row can't be wrapped

from typing import Final

from pannier.engine.metrics.series import Dimensions, Metric

NAMESPACE: Final = "AWS/DynamoDB"
COUNT: Final = "Count"
MILLISECONDS: Final = "Milliseconds"

CONSUMED: Final = {"Read": "ConsumedReadCapacityUnits", "Write": "ConsumedWriteCapacityUnits"}
PROVISIONED: Final = {
    "Read": "ProvisionedReadCapacityUnits",
    "Write": "ProvisionedWriteCapacityUnits",
}
THROTTLED_REQUESTS: Final = "ThrottledRequests"
LATENCY: Final = "SuccessfulRequestLatency"
SYSTEM_ERRORS: Final = "SystemErrors"
USER_ERRORS: Final = "UserErrors"
FAILED_CONDITIONS: Final = "ConditionalCheckFailedRequests"
RETURNED_ITEMS: Final = "ReturnedItemCount"


def throttle_events(units_of: str, limit: str = "") -> str:
    """The metric of throttled items; of one limit alone, if it is named."""
    return f"{units_of}{limit}ThrottleEvents"


def of_table(name: str, table: str, index: str | None = None) -> Metric:
    """A table's metric, or that of its global index."""
    dimensions: Dimensions = (("TableName", table),)
    if index is not None:
        dimensions = (("GlobalSecondaryIndexName", index), *dimensions)
    return Metric(NAMESPACE, name, dimensions)


def of_operation(name: str, table: str | None, operation: str) -> Metric:
    """The metric of an operation on a table; of the operation alone, where no table is known."""
    dimensions: Dimensions = (("Operation", operation),)
    if table is not None:
        dimensions = (*dimensions, ("TableName", table))
    return Metric(NAMESPACE, name, dimensions)


def of_account(name: str) -> Metric:
    """A metric without dimensions."""
    return Metric(NAMESPACE, name, ())
