"""The two places of `copy` and `diff`: where is read, and the other."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pannier.batch.calls import CallError
from pannier.cli import options as shared
from pannier.errors import UserError
from pannier.library.two_targets import TwoTargets
from pannier.targets.resolve import DEFAULT_FOLDER, resolve, target_name

NOT_FOUND: Final = "ResourceNotFoundException"


def add_targets(parser: argparse.ArgumentParser, other: str) -> None:
    """`--target` and `--to-target`."""
    shared.add_target(parser)
    parser.add_argument(
        "--to-target",
        metavar="TARGET",
        help=f"the target of {other}, as for --target (default: the same)",
    )


def open_two(options: argparse.Namespace) -> TwoTargets:
    """Connect to both targets, and say which they are.

    The option gets a name that means the same place wherever the command is given again.
    """
    target = resolve(options.target)
    if options.to_target is None or _place(options.to_target) == _place(options.target):
        sys.stderr.write(f"target: {target.name}\n")
        return TwoTargets(target, target)
    other = resolve(options.to_target)
    options.to_target = other.name if options.to_target == "aws" else _place(options.to_target)
    sys.stderr.write(f"target: {target.name}\nto: {other.name}\n")
    return TwoTargets(target, other)


def described_there(connection: TwoTargets, table: str) -> dict[str, Any] | None:
    """The `TableDescription` of a table of the other target; None if it is not there.

    Raises:
        UserError: it can't be described.
    """
    try:
        answer = connection.call_other("DescribeTable", {"TableName": table})
    except CallError as error:
        if error.code == NOT_FOUND:
            return None
        raise UserError(str(error), f"The table is {table}.") from None
    described: dict[str, Any] = answer["Table"]
    return described


def is_same_table(connection: TwoTargets, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two descriptions are of one table, as far as can be told.

    The same name on the same target; or the same identifier, where the service gives one, on
    targets that have two names.
    """
    if one.get("TableName") != other.get("TableName"):
        return False
    if connection.other is connection.target:
        return True
    url, other_url = (getattr(each, "url", None) for each in (connection.target, connection.other))
    known = one.get("TableId")
    return (url is not None and url == other_url) or (
        known is not None and known == other.get("TableId")
    )


def _place(given: str | None) -> str:
    """The name of a target, with the folder in full; and with its options."""
    name = target_name(given)
    place, question, query = name.partition("?")
    if place == "local" or place.startswith("local:"):
        place = f"local:{Path(place.partition(':')[2] or DEFAULT_FOLDER).absolute()}"
    return place.rstrip("/") + question + query
