"""The texts that DynamoDB answers about tables, their settings, indexes, tags and backups.

Evidence, by group: "captured" texts are pasted from the service in public issue threads; "known"
ones are what the service is remembered to answer, without a thread at hand; "inferred" ones follow
the form of a twin, and say so on their line.
"""

from typing import Final

from pannier.model.messages import INVALID

# Captured.
KEY_UNDEFINED: Final = "Invalid KeySchema: Some index key attribute have no definition"
ONLINE_INDEX_LIMIT: Final = (
    "Subscriber limit exceeded: "
    "Only 1 online index can be created or deleted simultaneously per table"
)
THROUGHPUT_NOT_FOR_INDEX: Final = (
    INVALID + "ProvisionedThroughput must be specified for index: {index}"
)
ON_DEMAND_RANGE: Final = (
    INVALID + "Requested {member} for OnDemandThroughput for {owner} is outside of valid range"
)
SSE_TYPE: Final = INVALID + "SSEType {kind} is not supported"
SSE_TYPE_MISSING: Final = INVALID + "SSEType KMS is required if KMSMasterKeyId is specified"

# Known.
NOTHING_TO_UPDATE: Final = (
    "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
    "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required"
)
INDEX_UPDATE_EMPTY: Final = (
    INVALID + "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
    "GlobalSecondaryIndexUpdate.Delete must not be null"
)
INDEX_EXISTS: Final = "Attempting to create an index which already exists"
INDEX_TWICE: Final = (
    INVALID + "Only one global secondary index update per index is allowed simultaneously. "
    "Index: {index}"
)
OUT_OF_BOUNDS: Final = "Given value {value} for {member} is out of bounds{tail}"
TAGS_EMPTY: Final = "Atleast one Tag needs to be provided as Input."
TAG_KEYS_EMPTY: Final = "Atleast one Tag Key needs to be provided as Input."
TAGS_TOO_MANY: Final = "Number of Tags exceed the current limit for the provided ResourceArn"
RESOURCE_ARN: Final = "Invalid TableArn: Invalid ResourceArn provided as input {arn}"

# Inferred, each from a twin above or from the rule in the service model.
INDEX_UPDATE_SEVERAL: Final = (
    INVALID + "Only one of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
    "GlobalSecondaryIndexUpdate.Delete may be specified"
)
GLOBAL_KEY_ORDER: Final = (
    "Invalid KeySchema: HASH KeySchemaElements must come before RANGE KeySchemaElements"
)
GLOBAL_KEY_COUNT: Final = (
    "Invalid KeySchema: The number of {role} KeySchemaElements exceeds the limit of 4"
)
PROJECTED_TOO_MANY: Final = (
    INVALID + "Number of NonKeyAttributes over all indexes exceeds the per-table limit of 100"
)
ON_DEMAND_NEEDLESS: Final = (
    INVALID + "OnDemandThroughput cannot be specified when BillingMode is PROVISIONED"
)
WARM_RANGE: Final = (
    INVALID + "Requested {member} for WarmThroughput for {owner} is lower than the current value "
    "{current}"
)
SSE_KEY_NEEDLESS: Final = INVALID + "KMSMasterKeyId is specified, but encryption is not enabled"
INDEX_UPDATE_NOTHING: Final = (
    INVALID + "One of ProvisionedThroughput, OnDemandThroughput, WarmThroughput must be specified "
    "for index: {index}"
)
TAG_DUPLICATE: Final = INVALID + "Duplicate tag key: {key}"
TAG_RESERVED: Final = INVALID + "Tag keys starting with 'aws:' are reserved for system use"
NEXT_TOKEN: Final = INVALID + "NextToken is not valid"
BACKUP_INDEX: Final = INVALID + "Backup has no index {index} with these keys and this projection"
BACKUP_IN_USE: Final = "Backup is being created: {arn}"
POINT_IN_TIME: Final = "Point in time recovery is not enabled for table '{table}'"
# Not AWS's: said to somebody who believes that a restore in time is possible here.
POINT_IN_TIME_ABSENT: Final = (
    "pannier keeps no continuous history, so table '{table}' can't be restored to a point in time; "
    "use CreateBackup and RestoreTableFromBackup"
)
UNSUPPORTED: Final = "pannier does not support the parameter {member}"


def not_changed(owner: str, kind: str, current: tuple[int, int], wanted: tuple[int, int]) -> str:
    """The text for throughput that is what it is already (captured).

    Args:
        owner: `table`, or `index <name>`.
        kind: `table` or `index`.
        current: read and write units as they are.
        wanted: read and write units as they are asked for.
    """
    return (
        f"The provisioned throughput for the {owner} will not change. The requested value equals "
        f"the current value. Current ReadCapacityUnits provisioned for the {kind}: {current[0]}. "
        f"Requested ReadCapacityUnits: {wanted[0]}. "
        f"Current WriteCapacityUnits provisioned for the {kind}: {current[1]}. "
        f"Requested WriteCapacityUnits: {wanted[1]}. Refer to the Amazon DynamoDB Developer Guide "
        "for current limits and how to request higher limits."
    )


def decreases(count: int, last: str, following: str) -> str:
    """The text for too many decreases of throughput on one day (known)."""
    return (
        "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given "
        "UTC day. After the first 4 decreases, each subsequent decrease in the same UTC day can be "
        f"performed at most once every 3600 seconds. Number of decreases today: {count}. "
        f"Last decrease at {last}. Next decrease can be made at {following}"
    )


def table_in_use(doing: str, name: str) -> str:
    """The text for a table that is `created`, `updated` or `deleted` (captured)."""
    return f"Attempt to change a resource which is still in use: Table is being {doing}: {name}"


def index_in_use(doing: str, table: str, index: str) -> str:
    """The text for an index that is `created`, `updated` or `deleted` (captured)."""
    return (
        f"Attempt to change a resource which is still in use: Index is being {doing}.  "
        f"Table: {table} Index: {index}"
    )


def backfilling(index: str) -> str:
    """The text for a read of an index that is not ready (captured, but for the name)."""
    return f"Cannot read from backfilling global secondary index: {index}"


def resource_missing(arn: str) -> str:
    """The text for tags of a table that is not there (captured, misspelt as it is)."""
    return f"Requested resource not found: ResourcArn: {arn} not found"


def index_missing(table: str, index: str) -> str:
    """The text for an update of an index that is not there (inferred from the table's)."""
    return f"Requested resource not found: Index: {index} not found for table: {table}"


def backup_missing(arn: str) -> str:
    """The text for a backup that is not there (captured)."""
    return f"Backup not found: {arn}"


def table_missing(name: str) -> str:
    """The text that backup operations answer for an unknown table (known)."""
    return f"Table not found: {name}"
