"""The texts that DynamoDB Streams answers.

Each with its evidence: *captured* on AWS and pasted in public; *Local*: what Amazon's own DynamoDB
Local answers to the same request; *inferred* from a captured text of its kind.
"""

from typing import Final

from pannier.model.messages import INVALID

# Captured.
SHARD_MISSING: Final = "Requested resource not found: Shard does not exist"
ITERATOR_EXPIRED: Final = "Shard iterator has expired"
TRIMMED: Final = "The data you are trying to access has been trimmed"
CREATED_DISABLED: Final = (
    INVALID
    + "Table is being created with a stream disabled, UpdateViewType should not be specified"
)
BEING_DISABLED: Final = (
    INVALID + "If stream is being disabled, then UpdateViewType must not be specified"
)
# Inferred, each from its twin above.
CREATED_ENABLED: Final = (
    INVALID + "Table is being created with a stream enabled, UpdateViewType should be specified"
)
BEING_ENABLED: Final = INVALID + "If stream is being enabled, then UpdateViewType must be specified"
# Local answers "Stream does not exist", and "Shard does not exist" for the first text here.
STREAM_MISSING: Final = "Requested resource not found: Stream does not exist"
# Captured, where a shard of an iterator is not there; the service's own wording.
ITERATOR_SHARD: Final = "Invalid ShardId in ShardIterator"
# Local.
ITERATOR_INVALID: Final = "Invalid ShardIterator"
SEQUENCE_INVALID: Final = INVALID + "Invalid SequenceNumber"
SEQUENCE_NEEDLESS: Final = INVALID + "SequenceNumber should not be passed for this iterator type"
# Inferred: timestamps came after Local's version that was asked.
TIMESTAMP_INVALID: Final = INVALID + "Invalid Timestamp"
TIMESTAMP_NEEDLESS: Final = INVALID + "Timestamp should not be passed for this iterator type"
ARN_INVALID: Final = "Invalid StreamArn"


def stream_missing(arn: str) -> str:
    """DescribeStream's text for an unknown stream: captured."""
    return f"Requested resource not found: Stream: {arn} not found"


def already_enabled(table: str) -> str:
    """UpdateTable's text for a second stream: captured."""
    return f"Table already has an enabled stream: TableName: {table}"


def none_to_disable(table: str) -> str:
    """UpdateTable's text for a stream that is not there: captured."""
    return f"Table has no stream to disable: TableName: {table}"


def limit_too_high(limit: int, maximum: int) -> str:
    """The text for a page above its maximum: inferred, in the form of all constraints.

    The maxima are documented, but not in the service model. Local answers a sentence of its own
    for each operation.
    """
    return (
        f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
        f"Member must have value less than or equal to {maximum}"
    )
