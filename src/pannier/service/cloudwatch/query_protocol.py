"""The query protocol of older SDKs: form fields in, XML out.

`Action=ListMetrics&Version=2010-08-01&Dimensions.member.1.Name=TableName`, in the body of a POST or
in the address of a GET.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from pannier.engine.cloudwatch import messages, model
from pannier.engine.cloudwatch.errors import (
    CloudWatchError,
    SerializationError,
    UnknownOperationError,
)
from pannier.service.cloudwatch.protocol import Encoded
from pannier.service.cloudwatch.typed import timestamp, whole
from pannier.service.http.messages import HttpRequest

_HEADERS: Final = {b"content-type": b"text/xml"}
_NAMESPACE: Final = "http://monitoring.amazonaws.com/doc/2010-08-01/"
_FORM: Final = b"application/x-www-form-urlencoded"
_VERSION: Final = f"Version={model.VERSION}".encode()
_FIELDS_MAX: Final = 200_000
_PARTS_MAX: Final = 16
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_Tree = dict[str, Any]
"""Fields by the parts of their names; texts at the ends."""


def is_query(request: HttpRequest) -> bool:
    """Whether a request is of this protocol, and of this API.

    Its signature must be in a header: one in the address could come from any web page, by a form.
    """
    if b"authorization" not in request.headers:
        return False
    if request.method == b"POST":
        if not request.headers.get(b"content-type", b"").lower().startswith(_FORM):
            return False
        zipped = b"content-encoding" in request.headers  # PutMetricData alone comes like that
        return zipped or _VERSION in request.body or _VERSION in request.target
    return request.method == b"GET" and b"Action=" in request.target and _VERSION in request.target


class QueryProtocol:
    """Form fields in, XML out."""

    def decode(self, request: HttpRequest, body: bytes) -> tuple[str, dict[str, Any]]:
        """The operation of a request, and its members."""
        fields = request.target.partition(b"?")[2] + b"&" + body
        tree: _Tree = {}
        try:
            pairs = parse_qsl(
                fields.decode(), keep_blank_values=True, max_num_fields=_FIELDS_MAX, errors="strict"
            )
            for name, value in pairs:
                _plant(tree, name.split("."), value)
        except ValueError:
            raise SerializationError("The fields of the form can't be read") from None
        operation = tree.get("Action", "")
        if not isinstance(operation, str) or operation not in model.operations():
            raise UnknownOperationError(messages.NO_OPERATION.format(operation=operation))
        shape = model.input_shape(operation)
        return operation, {} if shape is None else _value(shape, tree, "")

    def encode(self, operation: str, answer: Mapping[str, Any], request_id: str) -> Encoded:
        """An answer."""
        name, wrapper = model.output_shape(operation), model.result_wrapper(operation)
        result = ""
        if name is not None and wrapper is not None:
            result = _element(wrapper, _xml(name, answer))
        text = (
            f'<{operation}Response xmlns="{_NAMESPACE}">{result}'
            + _element("ResponseMetadata", _element("RequestId", request_id))
            + f"</{operation}Response>"
        )
        return Encoded(_HEADERS, text.encode())

    def encode_error(self, error: CloudWatchError, request_id: str) -> Encoded:
        """An error's answer."""
        described = (
            _element("Type", error.fault)
            + _element("Code", error.query_code)
            + _element("Message", _text(error.message))
        )
        text = (
            f'<ErrorResponse xmlns="{_NAMESPACE}">{_element("Error", described)}'
            f"{_element('RequestId', request_id)}</ErrorResponse>"
        )
        return Encoded(_HEADERS, text.encode())


def _plant(tree: _Tree, parts: list[str], value: str) -> None:
    """Put a field where its name says.

    Raises:
        ValueError: the name has too many parts, or is a field and a group of fields at once.
    """
    if len(parts) > _PARTS_MAX:
        raise ValueError
    for part in parts[:-1]:
        inner = tree.setdefault(part, {})
        if not isinstance(inner, dict):
            raise ValueError
        tree = inner
    if isinstance(tree.get(parts[-1]), dict):
        raise ValueError
    tree[parts[-1]] = value


def _value(name: str, tree: _Tree | str, path: str) -> Any:
    """A value of a shape, out of the fields that make it up."""
    shape = model.shape(name)
    kind = shape["type"]
    if kind == "structure":
        return {
            member: _value(target["shape"], tree[member], f"{path}{member}.")
            for member, target in shape["members"].items()
            if member in _group(tree, path)
        }
    if kind == "list":
        inner = shape["member"]["shape"]
        return [_value(inner, each, f"{path}member.") for each in _numbered(tree, "member", path)]
    if kind == "map":
        entries = _numbered(tree, "entry", path)
        return {
            str(_group(each, path)["key"]): _value(shape["value"]["shape"], each["value"], path)
            for each in entries
            if {"key", "value"} <= _group(each, path).keys()
        }
    if not isinstance(tree, str):
        raise _malformed(path)
    return _scalar(kind, tree, path)


def _group(tree: _Tree | str, path: str) -> _Tree:
    if isinstance(tree, str):
        raise _malformed(path)
    return tree


def _numbered(tree: _Tree | str, part: str, path: str) -> list[Any]:
    """The members of a list, in the order of their numbers."""
    if tree == "":
        return []  # how SDKs send an empty list
    members = _group(_group(tree, path).get(part, {}), path)
    try:
        return [members[number] for number in sorted(members, key=int)]
    except ValueError:
        raise _malformed(path) from None


def _scalar(kind: str, text: str, path: str) -> Any:
    try:
        match kind:
            case "integer" | "long":
                return whole(int(text), path.rstrip("."))
            case "double" | "float":
                return float(text)
            case "boolean":
                return {"true": True, "false": False}[text.lower()]
            case "timestamp":
                return timestamp(text, path.rstrip("."))
    except (ValueError, KeyError):
        raise _malformed(path) from None
    return text


def _malformed(path: str) -> SerializationError:
    return SerializationError(f"The parameter {path.rstrip('.')} can't be read")


def _xml(name: str, value: Any) -> str:
    """What stands inside the element of a value of a shape."""
    shape = model.shape(name)
    match shape["type"]:
        case "structure":
            members = shape["members"]
            return "".join(
                _element(member, _xml(members[member]["shape"], each))
                for member, each in value.items()
            )
        case "list":
            inner = shape["member"]["shape"]
            return "".join(_element("member", _xml(inner, each)) for each in value)
        case "map":
            inner = shape["value"]["shape"]
            return "".join(
                _element(
                    "entry", _element("key", _text(key)) + _element("value", _xml(inner, each))
                )
                for key, each in value.items()
            )
        case "timestamp":
            moment = datetime.fromtimestamp(value, UTC)
            milliseconds = f".{moment.microsecond // 1000:03d}" if moment.microsecond else ""
            return f"{moment:%Y-%m-%dT%H:%M:%S}{milliseconds}Z"
        case "boolean":
            return "true" if value else "false"
        case "double" | "float":
            return repr(float(value))
    return _text(str(value))


def _element(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


def _text(text: str) -> str:
    """A text as XML has it; what XML can't have is replaced."""
    return escape(_ILLEGAL.sub("\ufffd", text))
