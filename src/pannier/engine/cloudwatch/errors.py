"""The errors that CloudWatch answers.

Each has two names: its shape's, in the JSON and CBOR protocols, and the code that SDKs show, which
is what the older query protocol has always called it. Source: the service model.
"""

from pannier.errors import ServiceError


class CloudWatchError(ServiceError):
    """An error answer of the CloudWatch API.

    Attributes:
        shape_name: its name in the service model.
        query_code: what SDKs show as its code.
        fault: `Sender` or `Receiver`, whoever is to blame.
    """

    type_prefix = "com.amazonaws.cloudwatch#"
    shape_name = "InternalServiceFault"
    query_code = "InternalServiceError"
    fault = "Sender"

    @property
    def code(self) -> str:
        """What SDKs show as its code."""
        return self.query_code

    def to_body(self) -> dict[str, str]:
        """The body in the JSON and CBOR protocols."""
        return {"__type": self.type_prefix + self.shape_name, self.message_key: self.message}


class InvalidParameterValueError(CloudWatchError):
    """A parameter's value is out of range."""

    shape_name = "InvalidParameterValueException"
    query_code = "InvalidParameterValue"


class InvalidParameterCombinationError(CloudWatchError):
    """Parameters do not go together."""

    shape_name = "InvalidParameterCombinationException"
    query_code = "InvalidParameterCombination"


class MissingParameterError(CloudWatchError):
    """A parameter is missing."""

    shape_name = "MissingRequiredParameterException"
    query_code = "MissingParameter"


class ValidationError(CloudWatchError):
    """A request is not acceptable as it stands; what most of the newer operations answer."""

    shape_name = "ValidationException"
    query_code = "ValidationError"


class ResourceNotFoundError(CloudWatchError):
    """There is no such alarm."""

    shape_name = "ResourceNotFound"
    query_code = "ResourceNotFound"
    status = 404


class ResourceNotFoundExceptionError(CloudWatchError):
    """There is no such resource, of those that have tags."""

    shape_name = "ResourceNotFoundException"
    query_code = "ResourceNotFoundException"
    status = 404


class InvalidNextTokenError(CloudWatchError):
    """The token is none of ours."""

    shape_name = "InvalidNextToken"
    query_code = "InvalidNextToken"


class InvalidFormatError(CloudWatchError):
    """Data is no JSON where it should be."""

    shape_name = "InvalidFormatFault"
    query_code = "InvalidFormat"


class LimitExceededError(CloudWatchError):
    """There are as many as there may be."""

    shape_name = "LimitExceededFault"
    query_code = "LimitExceeded"


class InternalServiceError(CloudWatchError):
    """The engine itself failed; the request may be sent again."""

    message_key = "Message"
    fault = "Receiver"
    status = 500


class UnknownOperationError(CloudWatchError):
    """The API has no such operation, or this engine has not."""

    type_prefix = "com.amazon.coral.service#"
    shape_name = "UnknownOperationException"
    query_code = "InvalidAction"


class SerializationError(CloudWatchError):
    """The body can't be read, or a member has the wrong type."""

    type_prefix = "com.amazon.coral.service#"
    shape_name = "SerializationException"
    query_code = "MalformedInput"


class RequestTooLargeError(CloudWatchError):
    """The body is above the limit."""

    type_prefix = "com.amazon.coral.service#"
    shape_name = "RequestEntityTooLarge"
    query_code = "RequestEntityTooLarge"
    status = 413


class SignatureError(CloudWatchError):
    """The request carries no signature, or no whole one."""

    type_prefix = "com.amazon.coral.service#"
    status = 403

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.shape_name = name
        self.query_code = name.removesuffix("Exception")
