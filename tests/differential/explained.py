"""Kinds of differences that were looked at: a pattern, and the line of `docs/differences.md`.

A pattern is held against `ours / theirs` as `comparing.difference` writes it. Where both refuse a
request for different reasons it is mostly wrong in two ways, and only the order of checks differs;
these are counted apart. What neither explains is printed with its request, and is work.
"""

import re
from typing import Final

_ENVELOPE: Final = "1 validation error detected: "
_TEXTS: Final = {
    "no such table": r"Requested resource not found\S* / .*Cannot do operations on a non-existent",
    "key not of the schema": r"(element does not match the schema|Missing the key|Type mismatch for"
    r" key).* / .*(number of conditions on the keys is invalid|Invalid attribute value type|"
    r"Type mismatch for key|One of the required keys was not given a value)",
    "index key": r"Type mismatch for Index Key \w+ .* / .*Type mismatch for Index Key$",
    "return values": r"ReturnValues can only be ALL_OLD or NONE / .*Return values set to invalid",
    "limit": r"at 'limit' failed .* / .*Limit must be greater",
    "consistent index": r"Consistent reads are not supported on global secondary indexes / "
    r".*Consistent read cannot be true when (scanning|querying) a GSI",
    "number": r"cannot be converted to a numeric value.* / .*cannot be converted into a number",
    "set texts": r"contains duplicates.* / .*contains duplicates",
    "second path": r"Two document paths overlap .* / .*Two document paths overlap",
    "capacity unasked": r"^ConsumedCapacity: null / ",
    "minimum units": r'^ConsumedCapacity: .* / .*"CapacityUnits": 0\.0',
    "local index fetches": r"^ConsumedCapacity: .*LocalSecondaryIndexes.* / ",
    "units of a transaction's read": r"^ConsumedCapacity: .*ReadCapacityUnits.* / ",
    "server error": r"/ InternalFailure",
    "limit reached": r"^LastEvaluatedKey: \{.* / null",
    "transaction's placeholders": r"^status 200 / 400: ok / .*can only be specified when using",
    "transaction's update": r"TransactionCanceled\w+: .*\"ValidationError\".* / ",
}


def reason(difference: str) -> str | None:
    """The kind of a difference that was looked at, or None."""
    bare = difference.replace(_ENVELOPE, "", 1)
    if bare != difference:
        ours, _, theirs = bare.removeprefix("error: ").partition(" / ")
        if ours == theirs:
            return "envelope"
    named = (name for name, pattern in _TEXTS.items() if re.search(pattern, bare))
    found = next(named, None)
    if found is not None:
        return found
    if difference.startswith("error: "):
        return "refused by both, for different reasons"
    return None
