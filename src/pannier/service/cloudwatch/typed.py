"""Values from the wire, made what the service model says that they are.

JSON and CBOR come here decoded. What the model does not have is passed over, null is absent, and a
value of another type is refused.
"""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeAlias

from pannier.engine.cloudwatch import model
from pannier.engine.cloudwatch.errors import SerializationError

Reader: TypeAlias = Callable[[Any, str], Any]

_WHOLE_MAX: Final = 2**63
_TIME_MAX_S: Final = 253_402_300_799  # the end of the year 9999


def request_of(operation: str, value: Any) -> dict[str, Any]:
    """A decoded request, with all types as the model has them.

    Raises:
        SerializationError: a value has another type; the text says where.
    """
    name = model.input_shape(operation)
    request: dict[str, Any] = {} if name is None else typed(name, value, "the request")
    return request


def typed(name: str, value: Any, path: str) -> Any:
    """A value of a shape."""
    shape = model.shape(name)
    kind: str = shape["type"]
    if kind == "structure":
        members = shape["members"]
        return {
            member: typed(members[member]["shape"], content, f"{path}.{member}")
            for member, content in _a(dict, value, path).items()
            if member in members and content is not None
        }
    if kind == "list":
        inner = shape["member"]["shape"]
        return [
            typed(inner, each, f"{path}[{position}]")
            for position, each in enumerate(_a(list, value, path))
        ]
    if kind == "map":
        inner = shape["value"]["shape"]
        return {
            _a(str, key, path): typed(inner, each, f"{path}[{key!r}]")
            for key, each in _a(dict, value, path).items()
        }
    return _READERS[kind](value, path)


def _a(wanted: type, value: Any, path: str) -> Any:
    if not isinstance(value, wanted):
        raise _wrong(path, wanted.__name__, value)
    return value


def _boolean(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(path, "boolean", value)
    return value


def _integer(value: Any, path: str) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(path, "integer", value)
    return whole(value, path)


def whole(value: int, path: str) -> int:
    """A whole number of at most 64 bits. CBOR and forms can carry a million digits.

    Raises:
        SerializationError: it is beyond.
    """
    if not -_WHOLE_MAX <= value < _WHOLE_MAX:
        raise SerializationError(f"{path} is out of the range of a 64-bit integer")
    return value


def _double(value: Any, path: str) -> float:
    if isinstance(value, str) and value in ("NaN", "Infinity", "-Infinity"):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(path, "number", value)
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def timestamp(value: Any, path: str) -> float:
    """Seconds since 1970, from a number, a text in ISO 8601, or a decoded time.

    Raises:
        SerializationError: it is none, or beyond the year 9999.
    """
    seconds = math.nan
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
            if value.tzinfo is None:
                value = value.replace(tzinfo=UTC)
        if isinstance(value, datetime):
            seconds = value.timestamp()
        elif isinstance(value, int | float) and not isinstance(value, bool):
            seconds = float(value)
    except (ValueError, OverflowError):
        pass
    if not -_TIME_MAX_S <= seconds <= _TIME_MAX_S:
        raise _wrong(path, "timestamp", value)
    return seconds


_READERS: Final[dict[str, Reader]] = {
    "string": partial(_a, str),
    "boolean": _boolean,
    "integer": _integer,
    "long": _integer,
    "double": _double,
    "float": _double,
    "timestamp": timestamp,
    "blob": lambda value, _: value,
}


def _wrong(path: str, wanted: str, value: Any) -> SerializationError:
    return SerializationError(f"{path} must be a {wanted}, not a {type(value).__name__}")
