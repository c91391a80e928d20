"""The texts that DynamoDB answers about requests and tables.

Sources: captured answers; where a text is composed from AWS's documentation instead, its line
says so. Texts about values and keys are in `model.messages`, about expressions in
`expressions.messages`.
"""

from typing import Final

from pannier.errors import StorageError
from pannier.model.messages import INVALID

RESOURCE_NOT_FOUND: Final = "Requested resource not found"
DUPLICATE_KEYS: Final = "Provided list of item keys contains duplicates"
BATCH_GET_TOO_MANY: Final = "Too many items requested for the BatchGetItem call"
# Inferred: the write twin of the text above.
BATCH_WRITE_TOO_MANY: Final = "Too many items requested for the BatchWriteItem call"
REQUEST_TOO_LARGE: Final = "Request size exceeded the 16 MB limit"
_DISK_FULL: Final = "No space left on device"
INTERNAL: Final = "The request processing has failed because of an unknown error"
DAMAGED: Final = (
    "The database is damaged: {what} can't be read. End the server, and look at its folder with "
    "`pannier check`"
)
NOT_JSON: Final = "Start of structure or map found where not expected"


# Texts of wrong starting keys, pasted from the service in public issue threads.
STARTING_KEY: Final = "The provided starting key is invalid"
STARTING_KEY_SCAN: Final = f"{STARTING_KEY}: The provided key element does not match the schema"
STARTING_KEY_OUTSIDE: Final = (
    "The provided starting key is outside query boundaries based on provided conditions"
)
STARTING_KEY_PREDICATE: Final = "The provided starting key does not match the range key predicate"
GLOBAL_INDEX_CONSISTENT: Final = "Consistent reads are not supported on global secondary indexes"
SELECT_NEEDS_PROJECTION: Final = (
    "Must specify the AttributesToGet or ProjectionExpression "
    "when choosing to get SPECIFIC_ATTRIBUTES"
)
SELECT_NEEDS_INDEX: Final = (
    "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"
)
SEGMENT_ALONE: Final = (
    "The TotalSegments parameter is required but was not present in the request "
    "when Segment parameter is present"
)
TOTAL_SEGMENTS_ALONE: Final = (
    "The Segment parameter is required but was not present in the request "
    "when parameter TotalSegments is present"
)
QUERY_NO_CONDITION: Final = (
    "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
)
# Throttling: captured, and the service model's description of cancelled transactions.
THROTTLED: Final = (
    "The level of configured provisioned throughput for the table was exceeded. "
    "Consider increasing your provisioning level with the UpdateTable API."
)
THROTTLED_INDEX: Final = (
    "The level of configured provisioned throughput for one or more global secondary indexes of "
    "the table was exceeded. Consider increasing your provisioning level for the "
    "under-provisioned global secondary indexes with the UpdateTable API."
)
THROTTLED_ON_DEMAND: Final = (
    "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically "
    "scaling your table or index so please try again shortly. If exceptions persist, check if you "
    "have a hot key: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
    "bp-partition-key-design.html"
)
THROTTLED_INDEX_ON_DEMAND: Final = (
    "Throughput exceeds the current capacity for one or more global secondary indexes. "
    "DynamoDB is automatically scaling your index so please try again shortly."
)
# Ours: the service has more than one disk.
DISK_BEHIND: Final = (
    "Rate of requests exceeds the allowed throughput: the disk takes writes more slowly than they "
    "come. Please try again shortly."
)
CONDITION_FAILED: Final = "The conditional request failed"
RETURN_VALUES: Final = "ReturnValues can only be ALL_OLD or NONE"
UPDATED_ITEM_SIZE: Final = "Item size to update has exceeded the maximum allowed size"

# Transactions. The first text and the one of cancellations are pasted from the service in public
# issue threads; the texts about members and sizes are DynamoDB Local's. It answers an empty text
# for a token that comes back with another request; ours is the service model's description.
TRANSACTION_DUPLICATE: Final = "Transaction request cannot include multiple operations on one item"
TRANSACTION_MEMBER_MISSING: Final = (
    "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"
)
TRANSACTION_MEMBERS: Final = "TransactItems can only contain one of Check, Put, Update or Delete"
REPEATED_DIFFERENTLY: Final = (
    "DynamoDB rejected the request because you retried a request with a different payload "
    "but with an idempotent token that was already used."
)

KEY_SCHEMA_FIRST: Final = "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"
KEY_SCHEMA_SECOND: Final = "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"
# DynamoDB Local's text; not seen from the service since it takes indexes of more attributes.
KEY_SCHEMA_TOO_LONG: Final = (
    "Key Schema too big.  Key Schema must at most consist of the hash and range key of a table"
)
KEY_SCHEMA_SAME_NAME: Final = (
    "Both the Hash Key and the Range Key element in the KeySchema have the same name"
)
KEY_SCHEMA_UNUSED: Final = (
    INVALID + "Number of attributes in KeySchema does not exactly match number of attributes "
    "defined in AttributeDefinitions"
)
DEFINITIONS_UNUSED: Final = (
    INVALID + "Some AttributeDefinitions are not used. AttributeDefinitions: [{defined}], "
    "keys used: [{used}]"
)
DEFINITIONS_MISSING: Final = (
    INVALID + "Some index key attributes are not defined in AttributeDefinitions. "
    "Keys: [{missing}], AttributeDefinitions: [{defined}]"
)
DEFINITIONS_DUPLICATE: Final = INVALID + "Duplicate AttributeName in AttributeDefinitions: {name}"
THROUGHPUT_MISSING: Final = (
    INVALID + "ReadCapacityUnits and WriteCapacityUnits must both be specified "
    "when BillingMode is PROVISIONED"
)
THROUGHPUT_NEEDLESS: Final = (
    INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified "
    "when BillingMode is PAY_PER_REQUEST"
)
INDEX_THROUGHPUT_NEEDLESS: Final = (
    INVALID + "ProvisionedThroughput should not be specified for index: {index} "
    "when BillingMode is PAY_PER_REQUEST"
)
INDEX_THROUGHPUT_MISSING: Final = (
    INVALID + "ProvisionedThroughput is not specified for index: {index}"
)
INDEX_LIST_EMPTY: Final = INVALID + "List of {member} is empty"
INDEX_DUPLICATE: Final = INVALID + "Duplicate index name: {index}"
LOCAL_INDEX_NO_SORT: Final = (
    INVALID + "Table KeySchema does not have a range key, "
    "which is required when specifying a LocalSecondaryIndex"
)
LOCAL_INDEX_PARTITION: Final = (
    INVALID + "Index KeySchema does not have the same leading hash key as table KeySchema "
    "for index: {index}. index hash key: {actual}, table hash key: {expected}"
)
LOCAL_INDEX_SORT: Final = INVALID + "Index KeySchema does not have a range key for index: {index}"
PROJECTION_TYPE_MISSING: Final = INVALID + "Unknown ProjectionType: null"
PROJECTION_NEEDS_NAMES: Final = (
    INVALID + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"
)
PROJECTION_TAKES_NO_NAMES: Final = (
    INVALID + "ProjectionType is {kind}, but NonKeyAttributes is specified"
)
INDEX_COUNT_GLOBAL: Final = INVALID + "GlobalSecondaryIndex count exceeds the per-table limit of 20"
INDEX_COUNT_LOCAL: Final = INVALID + "Number of LocalSecondaryIndexes exceeds per-table limit of 5"
DELETION_PROTECTED: Final = (
    "Resource cannot be deleted as it is currently protected against deletion. "
    "Disable deletion protection first."
)

TTL_DISABLED: Final = "TimeToLive is already disabled"
TTL_OTHER_ATTRIBUTE: Final = "TimeToLive is active on a different AttributeName"
TTL_ENABLED: Final = "TimeToLive is already enabled"  # DynamoDB Local's; the twin is captured


def required(member: str, operation: str) -> str:
    """The text for an empty map of requests."""
    return f"The {member} parameter is required for {operation}"


def table_missing(name: str) -> str:
    """The text that table operations answer for an unknown table."""
    return f"Requested resource not found: Table: {name} not found"


def table_exists(name: str) -> str:
    """The text for a table that is to be created twice."""
    return f"Table already exists: {name}"


def index_missing(name: str) -> str:
    """The text for an index that the table does not have."""
    return f"The table does not have the specified index: {name}"


def constraint_errors(problems: list[str]) -> str:
    """The text that gathers all violated constraints of a request."""
    noun = "error" if len(problems) == 1 else "errors"
    return f"{len(problems)} validation {noun} detected: " + "; ".join(problems)


def transaction_cancelled(codes: list[str]) -> str:
    """The text for a transaction of which nothing was done."""
    return (
        "Transaction cancelled, please refer cancellation reasons for specific reasons "
        f"[{', '.join(codes)}]"
    )


def transaction_size(size_bytes: int) -> str:
    """The text for a transaction that would write too much."""
    return f"Transaction payload size cannot exceed 4MB. Payload Size: {size_bytes}"


def transaction_read_size(size_bytes: int) -> str:
    """The text for a transaction that would read too much."""
    return f"Payload in response is too large.{size_bytes}"


def segment_too_high(segment: int, total: int) -> str:
    """The text for a scan segment beyond the number of segments."""
    return (
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
        f"Segment: {segment} is not less than TotalSegments: {total}"
    )


def starting_key_segment(segment: int, total: int) -> str:
    """The text for a starting key from another segment of a scan."""
    return (
        f"{STARTING_KEY}: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct "
        f"Segment. TotalSegments: {total} Segment: {segment}"
    )


def filter_not_projected(index: str, names: list[str]) -> str:
    """The text for a query's filter on attributes that an index does not carry."""
    return (
        f"{INVALID}Secondary index {index} does not project one or more filter attributes: "
        f"[{', '.join(names)}]"
    )


def batch_get_length(table: str) -> str:
    """The text for a table's list of keys above 100."""
    return (
        f"1 validation error detected: Value at 'RequestItems.{table}.member.Keys' "
        "failed to satisfy constraint: Member must have length less than or equal to 100"
    )


def name_short(name: str) -> str:
    """The text for the name of a new table that has less than three characters."""
    return constraint_errors(
        [
            (
                f"Value '{name}' at 'tableName' failed to satisfy constraint: "
                "Member must have length greater than or equal to 3"
            )
        ]
    )


def name_pattern(name: str) -> str:
    """The text for a table name with a character that names do not have."""
    return constraint_errors(
        [
            (
                f"Value '{name}' at 'tableName' failed to satisfy constraint: "
                "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
            )
        ]
    )


def select_with_projection(member: str, select: str) -> str:
    """The text for a projection beside a `Select` that leaves no room for it."""
    chosen = "only the Count" if select == "COUNT" else select
    return f"Cannot specify the {member} when choosing to get {chosen}"


def select_all_of_global(index: str) -> str:
    """The text for all attributes of a global index that does not project them."""
    return (
        f"{INVALID}Select type ALL_ATTRIBUTES is not supported for global secondary index "
        f"{index} because its projection type is not ALL"
    )


def not_projected(index: str, names: list[str]) -> str:
    """The text for attributes that a global index does not carry."""
    return f"{INVALID}Global secondary index {index} does not project [{', '.join(names)}]"


def disk_refused(error: Exception) -> str:
    """A write that the store refused. RocksDB goes on by itself where there is room again."""
    why = error.message if isinstance(error, StorageError) else error
    if _DISK_FULL in str(why):
        return f"The disk refused a write: {why}. Make room; seconds later writes go on"
    return (
        f"The disk refused a write: {why}. Repair what is wrong with it, "
        "then open the database again"
    )
