"""DescribeStream: a stream and its shards, at most 100 an answer.

`ShardFilter` asks for the children of a shard: here no shard has any, since a stream keeps the one
it begins with. A filter without its shard's id filters nothing, as in DynamoDB Local.
"""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints
from pannier.engine.streams import messages
from pannier.engine.streams.requests import checked_arn, checked_limit
from pannier.limits import DESCRIBE_STREAM_SHARDS_MAX

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Describe a stream with the shards after `ExclusiveStartShardId`."""
    constraints.check("DescribeStream", request)
    limit = checked_limit(request, DESCRIBE_STREAM_SHARDS_MAX)
    arn = checked_arn(request)
    stream = database.catalog.streams.stream(arn, messages.stream_missing(arn))
    start = request.get("ExclusiveStartShardId", "")
    parent = request.get("ShardFilter", {}).get("ShardId")
    shards = [
        shard
        for shard in stream.shards()
        if shard["ShardId"] > start and parent in (None, shard.get("ParentShardId"))
    ]
    description: dict[str, Any] = {
        "StreamArn": stream.arn,
        "StreamLabel": stream.label,
        "StreamStatus": "ENABLED" if stream.ended_ms is None else "DISABLED",
        "StreamViewType": stream.view_type,
        "CreationRequestDateTime": stream.created_ms / 1000,
        "TableName": stream.table_name,
        "KeySchema": stream.key_schema,
        "Shards": shards[:limit],
    }
    if len(shards) > limit:
        description["LastEvaluatedShardId"] = shards[limit - 1]["ShardId"]
    return {"StreamDescription": description}
