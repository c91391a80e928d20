"""Parameter constraints, compiled from the service model that ships with botocore.

The model names for every member of every request its JSON type, whether it is required, and its
limits of length, range, pattern and values. A request is held against them in AWS's two steps:

1. a member of a wrong JSON type is a `SerializationException`, at once;
2. every violated constraint is gathered: `2 validation errors detected: ...; ...`.

The model is read when an operation is first checked; a shape is compiled once. Attribute values
are only held against their JSON types here: their rules are `model.attribute_value`'s.
"""

import gzip
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import orjson

from pannier.engine import messages
from pannier.errors import SerializationException, ValidationException

Problems: TypeAlias = list[str]
Check: TypeAlias = Callable[[Any, str, Problems], None]

_JSON_NAMES: Final = {bool: "BOOLEAN_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE"}
_DATA_PACKAGE: Final = ("data", "dynamodb", "2012-08-10", "service-2.json.gz")


def check(operation: str, request: object) -> None:
    """Hold a request against the service model.

    Args:
        operation: the operation's name in the API, e.g. `BatchWriteItem`.
        request: the decoded body.

    Raises:
        SerializationException: a member has the wrong JSON type.
        ValidationException: constraints are violated; the text names them all.
    """
    problems: Problems = []
    _operation_check(operation)(request, "", problems)
    if problems:
        raise ValidationException(messages.constraint_errors(problems))


@cache
def operation_names() -> frozenset[str]:
    """Every operation that the API has, supported here or not."""
    return frozenset(_model()["operations"])


@cache
def _model() -> dict[str, Any]:
    # The file is read as data: importing botocore would cost far more time than reading it.
    import importlib.util

    spec = importlib.util.find_spec("botocore")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent.joinpath(*_DATA_PACKAGE)
    model: dict[str, Any] = orjson.loads(gzip.decompress(path.read_bytes()))
    return model


@cache
def _operation_check(operation: str) -> Check:
    return _shape_check(_model()["operations"][operation]["input"]["shape"])


@cache
def _shape_check(name: str) -> Check:
    shape = _model()["shapes"][name]
    match shape["type"]:
        case "structure":
            return _structure(name, shape)
        case "list":
            return _list(shape)
        case "map":
            return _map(shape)
        case "string":
            return _string(shape)
        case "boolean":
            return _boolean
        case "integer" | "long":
            return _number(shape, whole=True)
        case "blob":
            return _string({})
    return _number(shape, whole=False)


def _structure(name: str, shape: Mapping[str, Any]) -> Check:
    required = frozenset(shape.get("required", ()))
    members: dict[str, Check] | None = None

    def run(value: Any, path: str, problems: Problems) -> None:
        nonlocal members
        if not isinstance(value, dict):
            raise SerializationException(_no_structure(value))
        if members is None:  # compiled late, since attribute values contain themselves
            members = {
                member: _shape_check(target["shape"]) for member, target in shape["members"].items()
            }
        for member, member_check in members.items():
            content = value.get(member)
            member_path = _join(path, member[:1].lower() + member[1:])
            if content is not None:
                member_check(content, member_path, problems)
            elif member in required:
                problems.append(
                    f"Value null at '{member_path}' failed to satisfy constraint: "
                    "Member must not be null"
                )

    return _attribute_value(run) if name == "AttributeValue" else run


def _attribute_value(run: Check) -> Check:
    """Types only: limits inside values are checked with the values."""

    def types(value: Any, path: str, problems: Problems) -> None:  # noqa: ARG001
        run(value, path, [])

    return types


def _list(shape: Mapping[str, Any], *, limited: bool = True) -> Check:
    member = _shape_check(shape["member"]["shape"])
    limits = _length_limits(shape if limited else {})

    def run(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, list):
            raise SerializationException(
                "Start of structure or map found where not expected"
                if isinstance(value, dict)
                else "Unexpected field type"
            )
        limits(value, len(value), path, problems)
        for position, content in enumerate(value, start=1):
            if content is None:
                problems.append(
                    f"Value null at '{path}.{position}.member' failed to satisfy constraint: "
                    "Member must not be null"
                )
            else:
                member(content, f"{path}.{position}.member", problems)

    return run


def _map(shape: Mapping[str, Any]) -> Check:
    key = _shape_check(shape["key"]["shape"])
    value_shape = _model()["shapes"][shape["value"]["shape"]]
    # Lists in a map are limited by the map, which has a text of its own for it.
    listed = value_shape["type"] == "list"
    member = _list(value_shape, limited=False) if listed else _shape_check(shape["value"]["shape"])
    limits = _length_limits(shape)

    def run(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            raise SerializationException(_no_structure(value))
        limits(value, len(value), path, problems)
        for name, content in value.items():
            key(name, path, problems)
            if content is None:
                problems.append(
                    f"Value null at '{path}.{name}.member' failed to satisfy constraint: "
                    "Member must not be null"
                )
            else:
                member(content, f"{path}.{name}.member", problems)
                if listed and not _within(value_shape, len(content)):
                    problems.append(_violation(value, path, _map_value_constraint(value_shape)))

    return run


def _within(shape: Mapping[str, Any], length: int) -> bool:
    low, high = shape.get("min"), shape.get("max")
    return (low is None or low <= length) and (high is None or length <= high)


def _map_value_constraint(shape: Mapping[str, Any]) -> str:
    limits = [
        f"Member must have length {relation} than or equal to {shape[limit]}"
        for limit, relation in (("max", "less"), ("min", "greater"))
        if limit in shape
    ]
    return f"Map value must satisfy constraint: [{', '.join(limits)}]"


def _string(shape: Mapping[str, Any]) -> Check:
    limits = _length_limits(shape)
    pattern = shape.get("pattern")
    matches = re.compile(pattern).fullmatch if pattern else None
    allowed = shape.get("enum")

    def run(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, str):
            raise SerializationException(_no_text(value))
        if allowed and value not in allowed:
            problems.append(
                _violation(
                    value, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]"
                )
            )
        limits(value, len(value), path, problems)
        if matches and not matches(value):
            problems.append(
                _violation(
                    value, path, f"Member must satisfy regular expression pattern: {pattern}"
                )
            )

    return run


def _boolean(value: Any, path: str, problems: Problems) -> None:  # noqa: ARG001
    if not isinstance(value, bool):
        if isinstance(value, dict | list):
            raise SerializationException(_no_text(value))
        raise SerializationException("Unexpected token received from parser")


def _number(shape: Mapping[str, Any], *, whole: bool) -> Check:
    low, high = shape.get("min"), shape.get("max")

    def run(value: Any, path: str, problems: Problems) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise SerializationException(_no_number(value, "Long" if whole else "Double"))
        if low is not None and value < low:
            problems.append(
                _violation(value, path, f"Member must have value greater than or equal to {low}")
            )
        if high is not None and value > high:
            problems.append(
                _violation(value, path, f"Member must have value less than or equal to {high}")
            )

    return run


def _length_limits(shape: Mapping[str, Any]) -> Callable[[Any, int, str, Problems], None]:
    low, high = shape.get("min"), shape.get("max")

    def run(value: Any, length: int, path: str, problems: Problems) -> None:
        if low is not None and length < low:
            problems.append(
                _violation(value, path, f"Member must have length greater than or equal to {low}")
            )
        if high is not None and length > high:
            problems.append(
                _violation(value, path, f"Member must have length less than or equal to {high}")
            )

    return run


def _violation(value: Any, path: str, constraint: str) -> str:
    return f"Value '{_shown(value)}' at '{path}' failed to satisfy constraint: {constraint}"


def _shown(value: Any) -> str:
    """A value as AWS prints it: lists and maps in brackets, without quotes."""
    if isinstance(value, list):
        return "[" + ", ".join(_shown(member) for member in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_shown(member)}" for key, member in value.items()) + "}"
    return str(value)


def _join(path: str, member: str) -> str:
    return f"{path}.{member}" if path else member


def _no_structure(value: Any) -> str:
    if isinstance(value, list):
        return "Unrecognized collection type class com.amazonaws.dynamodb.v20120810"
    return "Unexpected field type"


def _no_text(value: Any) -> str:
    if isinstance(value, bool):
        return f"{str(value).upper()}_VALUE can not be converted to a String"
    if isinstance(value, list):
        return "Unrecognized collection type class java.lang.String"
    if isinstance(value, dict):
        return "Start of structure or map found where not expected"
    return f"{_JSON_NAMES[type(value)]} can not be converted to a String"


def _no_number(value: Any, target: str) -> str:
    if isinstance(value, bool):
        return f"{str(value).upper()}_VALUE can not be converted to {target}"
    if isinstance(value, str):
        return f"STRING_VALUE can not be converted to {target}"
    return _no_text(value).replace("java.lang.String", f"java.lang.{target}")
