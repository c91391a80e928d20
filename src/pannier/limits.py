"""Every limit of DynamoDB that Pannier keeps, named once.

Source, unless a line says otherwise: the service model of the DynamoDB API (version
2012-08-10) and the Developer Guide's page on quotas. Sizes are bytes.
"""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

# Batch calls
BATCH_WRITE_OPERATIONS_MAX: Final = 25
BATCH_GET_KEYS_MAX: Final = 100
REQUEST_BYTES_MAX: Final = 16 * MIB
BATCH_GET_PARTITION_BYTES_MAX: Final = MIB
BATCH_GET_RESPONSE_BYTES_MAX: Final = 16 * MIB

# Transactions
TRANSACTION_BYTES_MAX: Final = 4 * MIB
TOKEN_LIFETIME_S: Final = 600

# Items and keys
ITEM_BYTES_MAX: Final = 400 * KIB
PARTITION_KEY_BYTES_MAX: Final = 2048
SORT_KEY_BYTES_MAX: Final = 1024
NESTING_DEPTH_MAX: Final = 32
ATTRIBUTE_NAME_BYTES_MAX: Final = 65535

# Numbers
NUMBER_DIGITS_MAX: Final = 38
NUMBER_EXPONENT_MAX: Final = 125
NUMBER_EXPONENT_MIN: Final = -130

# Capacity: one unit is this many bytes
WRITE_UNIT_BYTES: Final = KIB
READ_UNIT_BYTES: Final = 4 * KIB

# Throughput, in units a second, of a partition; of an on-demand table (the account's quota)
PARTITION_WRITE_UNITS: Final = 1000
PARTITION_READ_UNITS: Final = 3000
PARTITION_BYTES: Final = 10 * 10**9
ON_DEMAND_WRITE_UNITS: Final = 4000  # of a new table
ON_DEMAND_READ_UNITS: Final = 12_000
ON_DEMAND_UNITS_MAX: Final = 40_000

# Pages
PAGE_BYTES_MAX: Final = MIB
SCAN_SEGMENTS_MAX: Final = 1_000_000  # service model, `ScanTotalSegments`

# Tables
TABLE_NAME_LENGTH_MIN: Final = 3
TABLE_NAME_LENGTH_MAX: Final = 255
GLOBAL_INDEXES_MAX: Final = 20
LOCAL_INDEXES_MAX: Final = 5
KEY_ATTRIBUTES_MAX: Final = 2  # of a table or local index
GLOBAL_KEY_ATTRIBUTES_MAX: Final = 4  # of a global index: so many HASH, so many RANGE
PROJECTED_ATTRIBUTES_MAX: Final = 100
LIST_TABLES_MAX: Final = 100

# Streams: an answer's most. Source: the service model's documentation
GET_RECORDS_MAX: Final = 1000
LIST_STREAMS_MAX: Final = 100
DESCRIBE_STREAM_SHARDS_MAX: Final = 100
