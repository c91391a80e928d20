"""What a credential may do: everything, only read, or only with some tables.

| request | read-only | limited to tables |
|---|---|---|
| DynamoDB and its streams | what changes nothing | every table that it names must be within |
| lists of tables, streams, backups | yes | shown as far as they are within (`listings`) |
| CloudWatch | what changes nothing | no: metrics are of all tables |
| the admin API | no | no |

An operation that no table here knows is denied. The text is AWS's (captured).
"""

from typing import Final

from pannier.engine.answers import decoded
from pannier.engine.catalog import ARN_PREFIX
from pannier.errors import AccessDeniedException
from pannier.service.access import messages
from pannier.service.access.credentials import Credential
from pannier.service.access.named_tables import CHANGES, READS, STATEMENTS, asked

CLOUDWATCH_READS: Final = frozenset(
    {
        "DescribeAlarmHistory",
        "DescribeAlarms",
        "DescribeAlarmsForMetric",
        "GetMetricData",
        "GetMetricStatistics",
        "ListMetrics",
        "ListTagsForResource",
    }
)
"""CloudWatch's operations that change nothing, of those that are here."""

_EVERYTHING: Final = "*"


def check_rights(credential: Credential, operation: str, body: bytes) -> None:
    """Let a request of DynamoDB's pass, or of its streams'.

    Args:
        credential: by which it is signed.
        operation: one that this engine has.
        body: JSON.

    Raises:
        AccessDeniedException: it asks for more than the credential's rights.
        SerializationException: the body is no JSON object.
    """
    if credential.has_all_rights:
        return
    if operation in READS:
        if not credential.table_prefixes:
            return
    elif operation not in CHANGES and operation not in STATEMENTS:
        raise denied(credential, f"dynamodb:{operation}", _EVERYTHING)
    for action, table, changes in asked(operation, decoded(body)):
        if table is None or not credential.may_name(table) or (credential.read_only and changes):
            resource = _EVERYTHING if table is None else ARN_PREFIX + table
            raise denied(credential, f"dynamodb:{action}", resource)
    if credential.read_only and operation in CHANGES:
        raise denied(credential, f"dynamodb:{operation}", _EVERYTHING)


def check_cloudwatch(credential: Credential, operation: str) -> None:
    """Let a request of CloudWatch's pass.

    Raises:
        AccessDeniedException: the credential does not allow it.
    """
    if credential.has_all_rights:
        return
    if credential.table_prefixes or operation not in CLOUDWATCH_READS:
        raise denied(credential, f"cloudwatch:{operation}", _EVERYTHING)


def denied(credential: Credential, action: str, resource: str) -> AccessDeniedException:
    """The error of an action that is not allowed."""
    return AccessDeniedException(
        messages.DENIED.format(name=credential.name, action=action, resource=resource)
    )
