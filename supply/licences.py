"""Whether the licence of every pinned package is one that is accepted."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from license_expression import ExpressionError, LicenseExpression, get_spdx_licensing
from packaging.utils import canonicalize_name

from supply.policy import Policy

_SPDX: Final = get_spdx_licensing()


def written(names: Iterable[str]) -> dict[str, str]:
    """What installed packages say of their licence, by name.

    Args:
        names: of the packages that count; others that happen to be installed do not.
    """
    wanted = set(names)
    listing = subprocess.run(  # a tool of this environment
        [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed", "--with-system"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    said = {canonicalize_name(each["Name"]): each["License"] for each in json.loads(listing)}
    return {name: words for name, words in said.items() if name in wanted}


def refused(said: Mapping[str, str], policy: Policy) -> Iterator[str]:
    """A line for each package that can't be accepted.

    Args:
        said: what packages say of their licence.
        policy: what is accepted.
    """
    for name, words in sorted(said.items()):
        if name in policy.read:
            if policy.read[name] not in policy.accepted:
                yield f"{name}: {policy.read[name]} is not accepted"
        elif not _is_accepted(words, policy):
            yield f"{name}: the licence {' '.join(words.split())[:80]!r} is not accepted"


def _is_accepted(words: str, policy: Policy) -> bool:
    parts = [policy.words.get(part.strip(), part.strip()) for part in words.split(";")]
    return all(_holds(part, policy.accepted) for part in parts)


def _holds(text: str, accepted: frozenset[str]) -> bool:
    try:
        parsed = _SPDX.parse(text, validate=True)
    except ExpressionError:
        return False
    return parsed is not None and _evaluates(parsed, accepted)


def _evaluates(expression: LicenseExpression, accepted: frozenset[str]) -> bool:
    if isinstance(expression, _SPDX.OR):
        return any(_evaluates(each, accepted) for each in expression.args)
    if isinstance(expression, _SPDX.AND):
        return all(_evaluates(each, accepted) for each in expression.args)
    return str(expression) in accepted
