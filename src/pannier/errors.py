"""One root for every error that Pannier raises on purpose.

Two families. A `UserError` is for the person at the keyboard: it says what is wrong and what
to do next. A `ServiceError` is an answer of the DynamoDB API: it carries the AWS type, the
HTTP status and any further fields of the error's shape, and the service layer only has to
write it down. Source of types and statuses: the service model of the API.
"""

from collections.abc import Mapping
from typing import Any


class PannierError(Exception):
    """Root of all errors that Pannier raises on purpose."""


class UserError(PannierError):
    """Something the user can put right: `message` says what is wrong, `advice` what to do."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(f"{message}\n{advice}" if advice else message)
        self.message = message
        self.advice = advice


class StorageError(UserError):
    """A database folder that can't be opened, read or written."""


class ServiceError(PannierError):
    """An error answer of the DynamoDB API.

    Args:
        message: the text the API answers; empty where it answers none.
        **fields: further members of the error's shape, e.g. `Item` or `ThrottlingReasons`.
    """

    type_prefix = "com.amazonaws.dynamodb.v20120810#"
    status = 400
    message_key = "message"

    def __init__(self, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields

    @property
    def code(self) -> str:
        """The error's short name, e.g. `ValidationException`."""
        return type(self).__name__

    def to_body(self) -> Mapping[str, Any]:
        """The JSON body of the answer."""
        text = {self.message_key: self.message} if self.message else {}
        return {"__type": self.type_prefix + self.code, **text, **self.fields}


class ValidationException(ServiceError):
    """The request is not acceptable as it stands."""

    type_prefix = "com.amazon.coral.validate#"


class ParameterException(ValidationException):
    """A parameter that is wrong by itself, whatever the table and its items are.

    On the wire it is a `ValidationException`. PutItem and UpdateItem put its text into an envelope,
    see `engine.item_writes.enveloped`; the other operations answer it bare.
    """

    @property
    def code(self) -> str:
        """The name that the API knows it by."""
        return ValidationException.__name__


class SerializationException(ServiceError):
    """The body is not JSON, or a member has the wrong JSON type."""

    type_prefix = "com.amazon.coral.service#"
    message_key = "Message"


class UnknownOperationException(ServiceError):
    """The target header names no operation of the API."""

    type_prefix = "com.amazon.coral.service#"
    message_key = "Message"


class MissingAuthenticationTokenException(ServiceError):
    """The request carries no signature."""

    type_prefix = "com.amazon.coral.service#"


class IncompleteSignatureException(ServiceError):
    """The signature header lacks one of its parts."""

    type_prefix = "com.amazon.coral.service#"


class UnrecognizedClientException(ServiceError):
    """The access key is not known, or not with this session token."""

    type_prefix = "com.amazon.coral.service#"


class InvalidSignatureException(ServiceError):
    """The signature is not that of this request, at this time, by this key."""

    type_prefix = "com.amazon.coral.service#"


class AccessDeniedException(ServiceError):
    """The signature is good, but whoever made it may not do this."""

    type_prefix = "com.amazon.coral.service#"
    message_key = "Message"


class ResourceNotFoundException(ServiceError):
    """No such table or index, or it is not active yet."""


class ResourceInUseException(ServiceError):
    """The table exists already, or is being changed."""


class LimitExceededException(ServiceError):
    """Too many control operations, tables or indexes at once."""


class ProvisionedThroughputExceededException(ServiceError):
    """A provisioned table or index has no capacity left; `ThrottlingReasons` says which."""


class ThrottlingException(ServiceError):
    """An on-demand table or index has no capacity left; `throttlingReasons` says which."""

    type_prefix = "com.amazon.coral.availability#"


class ConditionalCheckFailedException(ServiceError):
    """The condition of a write was false."""


class DuplicateItemException(ServiceError):
    """An INSERT of an item that is there already."""


class TransactionCanceledException(ServiceError):
    """Nothing of a transaction was done; `CancellationReasons` says why, action by action."""

    message_key = "Message"


class IdempotentParameterMismatchException(ServiceError):
    """A request token came back with another request."""

    message_key = "Message"


class ExpiredIteratorException(ServiceError):
    """A shard iterator is older than 15 minutes."""


class TrimmedDataAccessException(ServiceError):
    """Records of a stream that are older than 24 hours."""


class InternalServerError(ServiceError):
    """The engine itself failed; the request may be sent again."""

    status = 500


class RequestEntityTooLargeException(ServiceError):
    """The body is above 16 MB. The API's own model has no type for it."""

    type_prefix = "com.amazon.coral.service#"
    status = 413


class TableNotFoundException(ServiceError):
    """The table that is to be backed up is not there."""


class TableAlreadyExistsException(ServiceError):
    """The table that is to be restored is there already."""


class BackupNotFoundException(ServiceError):
    """There is no such backup."""


class BackupInUseException(ServiceError):
    """The backup is still being made."""


class PointInTimeRecoveryUnavailableException(ServiceError):
    """The table has no history to be restored from."""
