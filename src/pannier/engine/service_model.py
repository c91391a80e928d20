"""The service models of DynamoDB and of DynamoDB Streams, as they ship with botocore.

Two APIs at one address: each has operations, and shapes whose names the other has too. Here both
are one; shapes of DynamoDB Streams have `streams:` before their names.
"""

import gzip
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

_FILE: Final = ("2012-08-10", "service-2.json.gz")
_STREAMS: Final = "streams:"

STREAMS_OPERATIONS: Final = frozenset(
    {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"}
)


@cache
def operation_names() -> frozenset[str]:
    """Every operation that DynamoDB's own API has, supported here or not."""
    return frozenset(_model("dynamodb")["operations"])


@cache
def error_members() -> dict[str, frozenset[str]]:
    """The members of every error of either API, by the error's name."""
    return {
        name: frozenset(each["members"])
        for service in ("dynamodbstreams", "dynamodb")
        for name, each in _model(service)["shapes"].items()
        if each.get("exception")
    }


@cache
def operations_with_error(name: str) -> frozenset[str]:
    """The operations of DynamoDB's own API that may answer an error."""
    return frozenset(
        operation
        for operation, described in _model("dynamodb")["operations"].items()
        if any(each["shape"] == name for each in described.get("errors", ()))
    )


def input_shape(operation: str) -> str:
    """The name of the shape of an operation's request, in either API."""
    if operation in STREAMS_OPERATIONS:
        operations = _model("dynamodbstreams")["operations"]
        return f"{_STREAMS}{operations[operation]['input']['shape']}"
    name: str = _model("dynamodb")["operations"][operation]["input"]["shape"]
    return name


def shape(name: str) -> dict[str, Any]:
    """A shape by its name; the names in it are good for this function again."""
    found: dict[str, Any]
    if name.startswith(_STREAMS):
        found = _renamed(_model("dynamodbstreams")["shapes"][name.removeprefix(_STREAMS)])
    else:
        found = _model("dynamodb")["shapes"][name]
    return found


def _renamed(part: Any) -> Any:
    """A part of a shape of DynamoDB Streams, whose references say where they lead."""
    if not isinstance(part, dict):
        return part
    return {
        member: f"{_STREAMS}{content}"
        if member == "shape" and isinstance(content, str)
        else _renamed(content)
        for member, content in part.items()
    }


@cache
def _model(service: str) -> dict[str, Any]:
    # The file is read as data: importing botocore would cost far more time than reading it.
    import importlib.util

    spec = importlib.util.find_spec("botocore")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent.joinpath("data", service, *_FILE)
    model: dict[str, Any] = orjson.loads(gzip.decompress(path.read_bytes()))
    return model
