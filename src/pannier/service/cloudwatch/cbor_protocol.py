"""Smithy RPC v2 CBOR: `POST /service/GraniteServiceVersion20100801/operation/<Operation>`."""

from collections.abc import Mapping
from typing import Any, Final

import cbor2

from pannier.engine.cloudwatch import messages, model
from pannier.engine.cloudwatch.errors import (
    CloudWatchError,
    SerializationError,
    UnknownOperationError,
)
from pannier.service.cloudwatch.protocol import Encoded, query_error
from pannier.service.cloudwatch.typed import request_of
from pannier.service.http.messages import HttpRequest

PATH_PREFIX: Final = b"/service/GraniteServiceVersion20100801/operation/"

_HEADERS: Final = {b"content-type": b"application/cbor", b"smithy-protocol": b"rpc-v2-cbor"}
_TIME_TAG: Final = 1


class CborProtocol:
    """CBOR. Times carry tag 1, doubles take eight bytes."""

    def decode(self, request: HttpRequest, body: bytes) -> tuple[str, dict[str, Any]]:
        """The operation of a request, and its members."""
        path = request.target.partition(b"?")[0]
        operation = path.removeprefix(PATH_PREFIX).decode("latin-1")
        if not path.startswith(PATH_PREFIX) or operation not in model.operations():
            raise UnknownOperationError(messages.NO_OPERATION.format(operation=operation))
        try:
            value = cbor2.loads(body) if body else {}
        except Exception:  # the library has a class for each way in which bytes can be no CBOR
            raise SerializationError("The body is no CBOR") from None
        return operation, request_of(operation, value)

    def encode(self, operation: str, answer: Mapping[str, Any], request_id: str) -> Encoded:  # noqa: ARG002
        """An answer."""
        name = model.output_shape(operation)
        if name is None:
            return Encoded(_HEADERS, b"")
        return Encoded(_HEADERS, cbor2.dumps(_tagged(name, answer)))

    def encode_error(self, error: CloudWatchError, request_id: str) -> Encoded:  # noqa: ARG002
        """An error's answer."""
        headers = {**_HEADERS, b"x-amzn-query-error": query_error(error)}
        return Encoded(headers, cbor2.dumps(error.to_body()))


def _tagged(name: str, value: Any) -> Any:
    """A value of a shape, with its times tagged and its doubles in floating point."""
    shape = model.shape(name)
    match shape["type"]:
        case "structure":
            members = shape["members"]
            return {key: _tagged(members[key]["shape"], each) for key, each in value.items()}
        case "list":
            inner = shape["member"]["shape"]
            return [_tagged(inner, each) for each in value]
        case "map":
            inner = shape["value"]["shape"]
            return {key: _tagged(inner, each) for key, each in value.items()}
        case "timestamp":
            return cbor2.CBORTag(_TIME_TAG, float(value))
        case "double" | "float":
            return float(value)
    return value
