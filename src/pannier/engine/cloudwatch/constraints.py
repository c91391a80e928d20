"""Holds a request against the service model: what is missing, too long, out of range, unknown.

Two ways of saying so: the operations on metrics name parameters as the query protocol spells them
(`MetricData.member.1.Unit`), each kind of error with a code of its own; GetMetricData and the
alarms gather everything into one `ValidationError`. Evidence: both are captured, see `messages`.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from pannier.engine.cloudwatch import messages, model
from pannier.engine.cloudwatch.errors import (
    CloudWatchError,
    InvalidParameterValueError,
    MissingParameterError,
    ValidationError,
)

_OLD: Final = frozenset({"GetMetricStatistics", "ListMetrics", "PutMetricData"})
_SHOWN_LENGTH_MAX: Final = 200

Problem = tuple[str, tuple[str, ...], Any, Mapping[str, Any]]
"""What is wrong (required, enum, length, range or pattern), where, with which value and shape."""


def check(operation: str, request: Mapping[str, Any]) -> None:
    """Hold a request against the model; its types are right already.

    Raises:
        CloudWatchError: something is wrong; the text names it all.
    """
    name = model.input_shape(operation)
    if name is None:
        return
    problems: list[Problem] = []
    _check(name, request, (), problems)
    if not problems:
        return
    if operation in _OLD:
        raise _old_error(problems)
    raise ValidationError(messages.constraint_errors([_new_text(each) for each in problems]))


def _check(name: str, value: Any, path: tuple[str, ...], problems: list[Problem]) -> None:
    shape = model.shape(name)
    match shape["type"]:
        case "structure":
            for member, target in shape["members"].items():
                content = value.get(member)
                if content is not None:
                    _check(target["shape"], content, (*path, member), problems)
                elif member in shape.get("required", ()):
                    problems.append(("required", (*path, member), None, shape))
        case "list":
            _check_range("length", len(value), value, (path, shape, problems))
            for number, content in enumerate(value, start=1):
                _check(shape["member"]["shape"], content, (*path, "member", str(number)), problems)
        case "map":
            _check_range("length", len(value), value, (path, shape, problems))
        case "string":
            if "enum" in shape and value not in shape["enum"]:
                problems.append(("enum", path, value, shape))
            _check_range("length", len(value), value, (path, shape, problems))
            if "pattern" in shape and not _pattern(shape["pattern"])(value):
                problems.append(("pattern", path, value, shape))
        case "integer" | "long" | "double" | "float":
            _check_range("range", value, value, (path, shape, problems))


def _check_range(
    kind: str, measure: float, value: Any, where: tuple[tuple[str, ...], Any, list[Problem]]
) -> None:
    path, shape, problems = where
    if measure < shape.get("min", measure) or measure > shape.get("max", measure):
        problems.append((kind, path, value, shape))


@cache
def _pattern(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern, re.DOTALL).fullmatch


def _old_error(problems: list[Problem]) -> CloudWatchError:
    missing = [".".join(path) for kind, path, _, _ in problems if kind == "required"]
    if missing:
        texts = [messages.REQUIRED.format(path=path) for path in missing]
        return MissingParameterError(messages.lines(texts))
    texts = []
    for kind, parts, value, shape in problems:
        path = ".".join(parts)
        if kind == "enum":
            texts.append(messages.NOT_IN_SET.format(path=path, values=", ".join(shape["enum"])))
        elif isinstance(value, list):
            texts.append(messages.TOO_MANY.format(path=path, limit=shape.get("max")))
        else:
            texts.append(messages.INVALID_VALUE.format(value=_shown(value), path=path))
    return InvalidParameterValueError(messages.lines(texts))


def _new_text(problem: Problem) -> str:
    kind, path, value, shape = problem
    where = _new_path(path)
    if kind == "required":
        return f"Value null at '{where}' failed to satisfy constraint: Member must not be null"
    if kind == "enum":
        constraint = f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]"
    elif kind == "pattern":
        constraint = f"Member must satisfy regular expression pattern: {shape['pattern']}"
    else:
        what = "length" if kind == "length" else "value"
        measure = len(value) if kind == "length" else value
        low = measure < shape.get("min", measure)
        relation, limit = ("greater", shape["min"]) if low else ("less", shape["max"])
        constraint = f"Member must have {what} {relation} than or equal to {limit}"
    return f"Value '{_shown(value)}' at '{where}' failed to satisfy constraint: {constraint}"


def _new_path(path: tuple[str, ...]) -> str:
    """`metricDataQueries.1.member.id`: the number stands before `member`, names begin small."""
    names = list(path)
    position = 0
    while position < len(names) - 1:
        if names[position] == "member":
            names[position : position + 2] = [names[position + 1], "member"]
            position += 1
        position += 1
    return ".".join(name[:1].lower() + name[1:] for name in names)


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN_LENGTH_MAX else text[:_SHOWN_LENGTH_MAX] + "..."
