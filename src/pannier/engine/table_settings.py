"""Settings of a table that change nothing about its items: billing, encryption, class, protection.

| rule | evidence |
|---|---|
| on demand: no provisioned units for the table, nor for an index | captured |
| provisioned: units for the table and for every index | captured |
| `SSEType` may only be KMS; a key id needs it | captured |
| encryption with AWS's own key is not described | Developer Guide, encryption at rest |
| a class is described once it was named; changes are dated | service model |

Encryption, classes and protection are kept and described. The first two do nothing here: the
database's files are as safe as the disk they lie on.
"""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from pannier.engine import messages, table_messages
from pannier.errors import ValidationException

_KMS_PREFIX: Final = "arn:aws:kms:us-east-1:000000000000:"
# The key that AWS would manage for this account; always the same one.
_MANAGED_KEY: Final = f"key/{uuid.uuid5(uuid.NAMESPACE_DNS, 'alias/aws/dynamodb')}"


def is_on_demand(description: Mapping[str, Any]) -> bool:
    """Whether a described table is billed on demand."""
    summary: Mapping[str, Any] = description.get("BillingModeSummary", {})
    return summary.get("BillingMode") == "PAY_PER_REQUEST"


def check_billing(mode: str | None, given: Mapping[str, int] | None) -> None:
    """Check provisioned units against the billing mode, named or in force; None for neither.

    Raises:
        ValidationException: they do not go together.
    """
    if mode == "PAY_PER_REQUEST" and given is not None:
        raise ValidationException(messages.THROUGHPUT_NEEDLESS)
    if mode == "PROVISIONED" and given is None:
        raise ValidationException(messages.THROUGHPUT_MISSING)


def encryption(specification: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The `SSEDescription` for a specification; None for AWS's own key, which is not described.

    Raises:
        ValidationException: the specification contradicts itself.
    """
    if specification is None:
        return None
    kind, key = specification.get("SSEType"), specification.get("KMSMasterKeyId")
    if kind == "AES256":
        raise ValidationException(table_messages.SSE_TYPE.format(kind=kind))
    if key is not None and kind is None:
        raise ValidationException(table_messages.SSE_TYPE_MISSING)
    if not specification.get("Enabled"):
        if key is not None:
            raise ValidationException(table_messages.SSE_KEY_NEEDLESS)
        return None
    return {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": _key_arn(key)}


def _key_arn(key: str | None) -> str:
    if key is None:
        return _KMS_PREFIX + _MANAGED_KEY
    if key.startswith("arn:"):
        return key
    return _KMS_PREFIX + (key if key.startswith("alias/") else f"key/{key}")


def refuse(request: Mapping[str, Any], *members: str) -> None:
    """Refuse members that this engine does not have, rather than pretend.

    Raises:
        ValidationException: names the first that is there.
    """
    for member in members:
        if member in request:
            raise ValidationException(table_messages.UNSUPPORTED.format(member=member))
