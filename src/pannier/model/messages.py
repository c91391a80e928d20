"""The texts that DynamoDB answers about values, numbers and keys.

Sources: captured from AWS (`Key` and number texts), and the Developer Guide. Spaces and
spellings are AWS's own, the missing blank in `of2048` included.
"""

from typing import Final

INVALID: Final = "One or more parameter values were invalid: "
NOT_VALID: Final = "One or more parameter values are not valid. "

VALUE_EMPTY: Final = (
    "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
)
VALUE_MULTIPLE: Final = (
    "Supplied AttributeValue has more than one datatypes set, "
    "must contain exactly one of the supported datatypes"
)
NULL_NOT_TRUE: Final = INVALID + "Null attribute value types must have the value of true"
SET_EMPTY: Final = {
    "SS": INVALID + "An string set  may not be empty",
    "NS": INVALID + "An number set  may not be empty",
    "BS": INVALID + "Binary sets should not be empty",
}
NESTING: Final = (
    "Nesting Levels have exceeded supported limits: "
    "Attributes in the item have nested levels beyond supported limit"
)
ITEM_SIZE: Final = "Item size has exceeded the maximum allowed size"

NUMBER_DIGITS: Final = "Attempting to store more than 38 significant digits in a Number"
NUMBER_OVERFLOW: Final = (
    "Number overflow. Attempting to store a number with magnitude larger than supported range"
)
NUMBER_UNDERFLOW: Final = (
    "Number underflow. Attempting to store a number with magnitude smaller than supported range"
)

KEY_MISMATCH: Final = "The provided key element does not match the schema"
PARTITION_KEY_SIZE: Final = (
    INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes"
)
SORT_KEY_SIZE: Final = (
    INVALID + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
)

TYPE_NAMES: Final = {"S": "string", "N": "number", "B": "binary"}


def number_unreadable(text: str) -> str:
    """The text for a number that is no number."""
    tail = f": {text}" if text else ""
    return f"The parameter cannot be converted to a numeric value{tail}"


def set_duplicates(kind: str, members: list[str]) -> str:
    """The text for a set that names a member twice; each kind of set has its own."""
    if kind == "NS":
        return "Input collection contains duplicates"
    of_type = "of type BS " if kind == "BS" else " "  # no blank after the bracket: AWS's own
    return f"{INVALID}Input collection [{', '.join(members)}]{of_type}contains duplicates."


def key_missing(name: str) -> str:
    """The text for an item without one of its key attributes."""
    return f"{INVALID}Missing the key {name} in the item"


def key_type(name: str, expected: str, actual: str) -> str:
    """The text for a key attribute of another type than the schema's."""
    return f"{INVALID}Type mismatch for key {name} expected: {expected} actual: {actual}"


def key_empty(name: str, kind: str) -> str:
    """The text for a key attribute without content."""
    return (
        f"{NOT_VALID}The AttributeValue for a key attribute cannot contain an "
        f"empty {TYPE_NAMES[kind]} value. Key: {name}"
    )


def index_key_type(name: str, expected: str, actual: str, index: str) -> str:
    """The text for an index key attribute of another type than the index's schema."""
    return (
        f"{INVALID}Type mismatch for Index Key {name} "
        f"Expected: {expected} Actual: {actual} IndexName: {index}"
    )


def index_key_empty(name: str, kind: str, index: str) -> str:
    """The text for an index key attribute without content."""
    return (
        f"{NOT_VALID}A value specified for a secondary index key is not supported. "
        f"The AttributeValue for a key attribute cannot contain an empty {TYPE_NAMES[kind]} "
        f"value. IndexName: {index}, IndexKey: {name}"
    )
