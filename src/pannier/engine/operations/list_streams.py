"""ListStreams: the streams that may be read, disabled ones and those of deleted tables included.

Order: by ARN. That an unknown table has no streams rather than being an error is what DynamoDB
Local answers.
"""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints
from pannier.engine.streams.requests import checked_limit
from pannier.limits import LIST_STREAMS_MAX

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """List the streams after `ExclusiveStartStreamArn`, of one table or of all."""
    constraints.check("ListStreams", request)
    limit = checked_limit(request, LIST_STREAMS_MAX)
    table_name = request.get("TableName")
    start = request.get("ExclusiveStartStreamArn", "")
    streams = [
        stream
        for stream in database.catalog.streams.readable()
        if stream.arn > start and table_name in (None, stream.table_name)
    ]
    page = streams[:limit]
    answer: dict[str, Any] = {
        "Streams": [
            {
                "StreamArn": stream.arn,
                "TableName": stream.table_name,
                "StreamLabel": stream.label,
            }
            for stream in page
        ]
    }
    if len(streams) > limit:
        answer["LastEvaluatedStreamArn"] = page[-1].arn
    return answer
