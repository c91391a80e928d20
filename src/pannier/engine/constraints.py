"""Parameter constraints, compiled from the service model that ships with botocore.

The model names for every member of every request its JSON type, whether it is required, and its
limits of length, range, pattern and values. A request is held against them in AWS's two steps:

1. a member of a wrong JSON type is a `SerializationException`, at once;
2. every violated constraint is gathered: `2 validation errors detected: ...; ...`.

The model is read when an operation is first checked; a shape is compiled once. Attribute values
are only held against their JSON types here: their rules are `model.attribute_value`'s.

Evidence of the texts about JSON types: "cannot be converted to", "Unexpected field type",
"Unexpected token received from parser" and "Start of structure or map found where not expected"
are pasted from the service in public issue threads; the two about collections are inferred.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, TypeAlias

from pannier.engine import fitting, messages, service_model
from pannier.errors import SerializationException, ValidationException
from pannier.limits import TABLE_NAME_LENGTH_MAX

Problems: TypeAlias = list[str]
Check: TypeAlias = Callable[[Any, str, Problems], None]

# The order in which the service prints the values of an enumeration, where it is not the model's
# (known from the service's answers).
_ENUM_ORDERS: Final = {
    frozenset(names): names
    for names in (
        ("ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"),
        ("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
        ("IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE", "LE",
         "BEGINS_WITH", "GE", "CONTAINS"),
        ("B", "N", "S"),
        ("ALL", "INCLUDE", "KEYS_ONLY"),
        ("OR", "AND"),
    )
}  # fmt: skip
_TABLE_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]+")
_SHOWN_DEPTH_MAX: Final = 16  # of values in texts; JSON may nest deeper than Python's stack


def check(operation: str, request: object) -> None:
    """Hold a request against the service model.

    Args:
        operation: the operation's name in the API, e.g. `BatchWriteItem`.
        request: the decoded body.

    Raises:
        SerializationException: a member has the wrong JSON type.
        ValidationException: constraints are violated; the text names them all.
    """
    if _operation_shape(operation).fits(request):
        return
    problems: Problems = []
    _operation_check(operation)(request, "", problems)
    if problems:
        raise ValidationException(messages.constraint_errors(problems))


def check_members(shape: str, value: object, skipped: str) -> None:
    """Hold a structure against the model, all but its one large member.

    For hot paths, which look at that member themselves.

    Args:
        shape: the structure's name in the model.
        value: the decoded structure.
        skipped: the member to leave out.

    Raises:
        ServiceError: something is wrong; paths in the text lack what is around the structure.
    """
    problems: Problems = []
    _members_check(shape, skipped)(value, "", problems)
    if problems:
        raise ValidationException(messages.constraint_errors(problems))


@cache
def _members_check(name: str, skipped: str) -> Check:
    shape = service_model.shape(name)
    members = {member: target for member, target in shape["members"].items() if member != skipped}
    required = [member for member in shape.get("required", ()) if member != skipped]
    return _structure({"members": members, "required": required})


def known(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """A checked request without its nulls and without members that the API does not have."""
    cleaned: dict[str, Any] = _known(service_model.input_shape(operation), request)
    return cleaned


def _known(name: str, value: Any) -> Any:
    shape = service_model.shape(name)
    match shape["type"]:
        case "structure":
            return {
                member: _known(target["shape"], value[member])
                for member, target in shape["members"].items()
                if value.get(member) is not None
            }
        case "list":
            return [_known(shape["member"]["shape"], member) for member in value]
        case "map":
            return {key: _known(shape["value"]["shape"], each) for key, each in value.items()}
    return value


@cache
def _operation_shape(operation: str) -> fitting.Shape:
    return fitting.compile_shape(service_model.input_shape(operation))


@cache
def _operation_check(operation: str) -> Check:
    return _shape_check(service_model.input_shape(operation))


@cache
def _shape_check(name: str) -> Check:
    if name == "AttributeValue":
        return _attribute_value
    shape = service_model.shape(name)
    if name == "TableArn":
        return _table(_string(shape))
    match shape["type"]:
        case "structure":
            return _structure(shape)
        case "list":
            return _list(shape)
        case "map":
            return _map(shape)
        case "string":
            return _string(shape)
        case "boolean":
            return _boolean
        case "blob":
            return _string({})
    return _number(shape)


def _structure(shape: Mapping[str, Any]) -> Check:
    required = frozenset(shape.get("required", ()))
    members: dict[str, Check] | None = None

    def run(value: Any, path: str, problems: Problems) -> None:
        nonlocal members
        if not isinstance(value, dict):
            raise SerializationException(_no_structure(value))
        if members is None:  # compiled late, since only those are needed that requests have
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

    return run


def _attribute_value(value: Any, path: str, problems: Problems) -> None:
    """Types only: limits inside values are checked with the values.

    Walked without recursion, since JSON may nest deeper than Python's stack.
    """
    pending = [value]
    while pending:
        each = pending.pop()
        if not isinstance(each, dict):
            raise SerializationException(_no_structure(each))
        for kind, content in each.items():
            if content is None:
                continue
            if kind == "M":
                if not isinstance(content, dict):
                    raise SerializationException(_no_structure(content))
                pending.extend(member for member in content.values() if member is not None)
            elif kind == "L":
                pending.extend(member for member in _members(content) if member is not None)
            elif kind in ("SS", "NS", "BS"):
                for member in _members(content):
                    if member is not None:
                        _text(member, path, problems)
            elif kind in ("BOOL", "NULL"):
                _boolean(content, path, problems)
            elif kind in ("S", "N", "B"):
                _text(content, path, problems)


def _members(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise SerializationException(
            "Start of structure or map found where not expected"
            if isinstance(value, dict)
            else "Unexpected field type"
        )
    return value


def _list(shape: Mapping[str, Any], *, limited: bool = True) -> Check:
    member = _shape_check(shape["member"]["shape"])
    limits = _length_limits(shape if limited else {})

    def run(value: Any, path: str, problems: Problems) -> None:
        limits(value, len(_members(value)), path, problems)
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
    value_shape = service_model.shape(shape["value"]["shape"])
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
    allowed = _ENUM_ORDERS.get(frozenset(shape.get("enum", ())), shape.get("enum"))

    def run(value: Any, path: str, problems: Problems) -> None:
        _text(value, path, problems)
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


def _table(check_text: Check) -> Check:
    """A table's name or ARN: the model's limits are the ARN's, a name has its own."""

    def run(value: Any, path: str, problems: Problems) -> None:
        check_text(value, path, problems)
        if value.startswith("arn:") or not value:
            return
        if len(value) > TABLE_NAME_LENGTH_MAX:
            problems.append(
                _violation(
                    value,
                    path,
                    f"Member must have length less than or equal to {TABLE_NAME_LENGTH_MAX}",
                )
            )
        if not _TABLE_NAME.fullmatch(value):
            constraint = f"Member must satisfy regular expression pattern: {_TABLE_NAME.pattern}"
            problems.append(_violation(value, path, constraint))

    return run


def _text(value: Any, path: str, problems: Problems) -> None:  # noqa: ARG001
    if not isinstance(value, str):
        raise SerializationException(_not_a(value, "String"))


def _boolean(value: Any, path: str, problems: Problems) -> None:  # noqa: ARG001
    if not isinstance(value, bool):
        if isinstance(value, dict | list):
            raise SerializationException(_not_a(value, "Boolean"))
        raise SerializationException("Unexpected token received from parser")


def _number(shape: Mapping[str, Any]) -> Check:
    low, high = shape.get("min"), shape.get("max")
    kind = shape["type"]
    # Inferred: a fraction where a whole number is wanted is refused rather than rounded.
    allowed = int if kind in ("integer", "long") else int | float

    def run(value: Any, path: str, problems: Problems) -> None:
        if isinstance(value, bool) or not isinstance(value, allowed):
            raise SerializationException(_not_a(value, kind.capitalize()))
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


def _shown(value: Any, depth: int = 0) -> str:
    """A value as AWS prints it: lists and maps in brackets, without quotes."""
    if depth > _SHOWN_DEPTH_MAX:
        return "..."
    if isinstance(value, list):
        return "[" + ", ".join(_shown(member, depth + 1) for member in value) + "]"
    if isinstance(value, dict):
        shown = (f"{key}={_shown(member, depth + 1)}" for key, member in value.items())
        return "{" + ", ".join(shown) + "}"
    return str(value)


def _join(path: str, member: str) -> str:
    return f"{path}.{member}" if path else member


def _no_structure(value: Any) -> str:
    if isinstance(value, list):
        return "Unrecognized collection type class com.amazonaws.dynamodb.v20120810"
    return "Unexpected field type"


def _not_a(value: Any, target: str) -> str:
    """The text for a value that is no `target`: a String, Integer, Long, Double or Boolean."""
    if isinstance(value, list):
        return f"Unrecognized collection type class java.lang.{target}"
    if isinstance(value, dict):
        return "Start of structure or map found where not expected"
    if isinstance(value, bool):
        return f"{str(value).upper()}_VALUE cannot be converted to {target}"
    source = "STRING" if isinstance(value, str) else "NUMBER"
    return f"{source}_VALUE cannot be converted to {target}"
