"""One module per operation of the API.

Each has a `run(database, request)` that answers JSON, decoded or as bytes, or raises a
`ServiceError`. A module keeps its checks in AWS's order and says which order that is.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pannier.engine.operations import (
    batch_get_item,
    batch_write_item,
    create_table,
    delete_item,
    delete_table,
    describe_endpoints,
    describe_limits,
    describe_table,
    get_item,
    list_tables,
    put_item,
    query,
    scan,
    update_item,
)

if TYPE_CHECKING:
    from pannier.engine.database import Database

Run: TypeAlias = Callable[["Database", dict[str, Any]], bytes | dict[str, Any]]

OPERATIONS: Final[Mapping[str, Run]] = {
    "BatchGetItem": batch_get_item.run,
    "BatchWriteItem": batch_write_item.run,
    "CreateTable": create_table.run,
    "DeleteItem": delete_item.run,
    "DeleteTable": delete_table.run,
    "DescribeEndpoints": describe_endpoints.run,
    "DescribeLimits": describe_limits.run,
    "DescribeTable": describe_table.run,
    "GetItem": get_item.run,
    "ListTables": list_tables.run,
    "PutItem": put_item.run,
    "Query": query.run,
    "Scan": scan.run,
    "UpdateItem": update_item.run,
}
