"""One module per operation of the API.

Each has a `run(database, request)` that answers JSON, decoded or as bytes, or raises a
`ServiceError`. A module keeps its checks in AWS's order and says which order that is.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pannier.engine.operations import (
    batch_execute_statement,
    batch_get_item,
    batch_write_item,
    create_backup,
    create_table,
    delete_backup,
    delete_item,
    delete_table,
    describe_backup,
    describe_continuous_backups,
    describe_endpoints,
    describe_limits,
    describe_stream,
    describe_table,
    describe_time_to_live,
    execute_statement,
    execute_transaction,
    get_item,
    get_records,
    get_shard_iterator,
    list_backups,
    list_streams,
    list_tables,
    list_tags_of_resource,
    put_item,
    query,
    restore_table_from_backup,
    restore_table_to_point_in_time,
    scan,
    tag_resource,
    transact_get_items,
    transact_write_items,
    untag_resource,
    update_continuous_backups,
    update_item,
    update_table,
    update_time_to_live,
)

if TYPE_CHECKING:
    from pannier.engine.database import Database

Run: TypeAlias = Callable[["Database", dict[str, Any]], bytes | dict[str, Any]]

OPERATIONS: Final[Mapping[str, Run]] = {
    "BatchExecuteStatement": batch_execute_statement.run,
    "BatchGetItem": batch_get_item.run,
    "BatchWriteItem": batch_write_item.run,
    "CreateBackup": create_backup.run,
    "CreateTable": create_table.run,
    "DeleteBackup": delete_backup.run,
    "DeleteItem": delete_item.run,
    "DeleteTable": delete_table.run,
    "DescribeBackup": describe_backup.run,
    "DescribeContinuousBackups": describe_continuous_backups.run,
    "DescribeEndpoints": describe_endpoints.run,
    "DescribeLimits": describe_limits.run,
    "DescribeStream": describe_stream.run,
    "DescribeTable": describe_table.run,
    "DescribeTimeToLive": describe_time_to_live.run,
    "ExecuteStatement": execute_statement.run,
    "ExecuteTransaction": execute_transaction.run,
    "GetItem": get_item.run,
    "GetRecords": get_records.run,
    "GetShardIterator": get_shard_iterator.run,
    "ListBackups": list_backups.run,
    "ListStreams": list_streams.run,
    "ListTables": list_tables.run,
    "ListTagsOfResource": list_tags_of_resource.run,
    "PutItem": put_item.run,
    "Query": query.run,
    "RestoreTableFromBackup": restore_table_from_backup.run,
    "RestoreTableToPointInTime": restore_table_to_point_in_time.run,
    "Scan": scan.run,
    "TagResource": tag_resource.run,
    "TransactGetItems": transact_get_items.run,
    "TransactWriteItems": transact_write_items.run,
    "UntagResource": untag_resource.run,
    "UpdateContinuousBackups": update_continuous_backups.run,
    "UpdateItem": update_item.run,
    "UpdateTable": update_table.run,
    "UpdateTimeToLive": update_time_to_live.run,
}
