"""What a page does, as the command lines that do the same."""

import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

import orjson

Option: TypeAlias = tuple[str, str | None]

_BREAK: Final = " \\\n    "
_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")


def pannier_line(words: Iterable[str], options: Iterable[Option], address: str) -> str:
    """A `pannier` command.

    Args:
        words: the command and what stands behind it without an option.
        options: each with its value, or None where it has none.
        address: the target: `aws`, or a URL.
    """
    return _line(["pannier", *words], [*options, ("--target", address)])


def aws_line(operation: str, request: Mapping[str, Any], address: str) -> str:
    """The `aws` command of a request of the API.

    Args:
        operation: its name in the API: `CreateTable`.
        request: in the API's JSON form.
        address: `aws`, or a URL.
    """
    options = [_option(member, value) for member, value in request.items()]
    if address != "aws":
        options.append(("--endpoint-url", address))
    return _line(["aws", "dynamodb", _spelled(operation)], options)


def json_text(value: Any) -> str:
    """A value of the API as an option takes it."""
    return orjson.dumps(value).decode()


def _option(member: str, value: Any) -> Option:
    if value is True:
        return f"--{_spelled(member)}", None
    if value is False:
        return f"--no-{_spelled(member)}", None
    text = json_text(value) if isinstance(value, dict | list) else str(value)
    return f"--{_spelled(member)}", text


def _spelled(name: str) -> str:
    return _CAPITAL.sub("-", name).lower()


def _line(words: Iterable[str], options: Iterable[Option]) -> str:
    parts = [shlex.join(words)]
    for name, value in options:
        # Joined by a sign, so that a value that begins with a dash is not taken for an option.
        joined = value is not None and value.startswith("-")
        quoted = "" if value is None else ("=" if joined else " ") + shlex.quote(value)
        parts.append(name + quoted)
    return _BREAK.join(parts)
