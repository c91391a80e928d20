"""Options of the commands that scan or query: what is read, under which condition."""

import argparse
from collections.abc import Mapping
from typing import Any, Final

from pannier.batch.pages.extent import Extent, extent_of
from pannier.cli import options as shared
from pannier.cli.aws_input import parameter
from pannier.errors import UserError
from pannier.files.json_items import Converter
from pannier.files.json_text import decode
from pannier.files.opening import opened
from pannier.library.page_requests import page_request
from pannier.model.attribute_value import Item

_ADVICE: Final = (
    (
        "reserved keyword",
        'Give it a placeholder: #n in the expression, and --names \'{"#n": "…"}\'.',
    ),
    ("attribute value", "Say what each :placeholder means: --values '{\":v\": 5}'."),
    ("attribute name used", 'Say what each #placeholder means: --names \'{"#n": "name"}\'.'),
    (
        "Syntax error",
        (
            "Values stand in --values, not in the expression: n > :low, --values '{\":low\": 5}'. "
            "A name needs a placeholder and --names if it has other signs than letters, digits and "
            "_, or is AND, OR, NOT, BETWEEN, IN, SET, REMOVE, ADD or DELETE."
        ),
    ),
    ("Filter Expression can only contain non-primary key", "Conditions on the key go into --key."),
    (
        "Query condition missed key",
        "--key needs the partition key with =, and may have the sort key.",
    ),
    ("unused in expressions", "Leave out of --values and --names what no expression uses."),
)


def add_condition(parser: argparse.ArgumentParser, option: str = "--filter") -> None:
    """`--filter`, or what else it is called, with its values and names."""
    if option == "--filter":
        parser.add_argument(
            option,
            metavar="EXPRESSION",
            help="only items that meet it, e.g. 'price > :low AND begins_with(name, :a)'; the "
            "others are read, and cost units, all the same",
        )
    parser.add_argument(
        "--values",
        metavar="JSON",
        help="what :placeholders mean, plain or DynamoDB JSON: '{\":low\": 5}'; or file://FILE",
    )
    parser.add_argument(
        "--names",
        metavar="JSON",
        help='what #placeholders mean: \'{"#n": "name"}\'; reserved words need none',
    )


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Options of scan and query alike."""
    parser.add_argument("--index", metavar="NAME", help="read this index instead of the table")
    add_condition(parser)
    parser.add_argument(
        "--project",
        metavar="ATTRIBUTES",
        help='what to show of each item, e.g. "PK, price, tags[0]"; reserved words as they are',
    )
    parser.add_argument("--consistent", action="store_true", help="consistent reads")
    parser.add_argument("--limit", type=shared.positive, metavar="N", help="N items at most")
    parser.add_argument(
        "--out",
        metavar="FILE",
        help="where items go (default standard output); .gz and .zst compress it",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="read nothing; say what would be read, and what that would cost",
    )


def request_of(options: argparse.Namespace) -> dict[str, Any]:
    """The members that all pages of a scan or query have, from the command line.

    Raises:
        UserError: a parameter can't be used.
    """
    request = page_request(
        options.table,
        index=options.index,
        key=getattr(options, "key", None),
        filter=options.filter,
        names=names_of(options),
        projection=getattr(options, "project", None),
        consistent=options.consistent,
        backward=getattr(options, "backward", False),
    )
    values = values_of(options)
    return request | ({"ExpressionAttributeValues": values} if values else {})


def values_of(options: argparse.Namespace) -> Item:
    """`--values` as the API takes them.

    Raises:
        UserError: they are no JSON object, or a value has no DynamoDB form.
    """
    text = _text(options.values)
    if not text:
        return {}
    try:
        return Converter().item(decode(text), text)
    except (UserError, ValueError, RecursionError) as error:
        raise UserError(
            f"--values: {getattr(error, 'message', error)}",
            'Write an object of values: --values \'{":low": 5, ":name": "text"}\'.',
        ) from None


def names_of(options: argparse.Namespace) -> dict[str, str]:
    """`--names` as the API takes them.

    Raises:
        UserError: they are no JSON object of texts.
    """
    if not options.names:
        return {}
    names = parameter(options.names, "--names")
    if not isinstance(names, dict) or not all(isinstance(each, str) for each in names.values()):
        raise UserError("--names takes names only", 'Write: --names \'{"#n": "name"}\'.')
    return names


def extent(options: argparse.Namespace, description: Mapping[str, Any]) -> Extent:
    """The extent of what is read.

    Raises:
        UserError: there is no such index, or it can't be read like that.
    """
    found = extent_of(description, options.index)
    if found.is_global and options.consistent:
        raise UserError(
            f"{options.index} is a global index, which has no consistent reads",
            "Leave --consistent out, or read the table.",
        )
    return found


def refused(reason: str) -> UserError:
    """What to tell the user about a request that the service refused.

    Args:
        reason: the service's error and its words.
    """
    advice = next(
        (advice for sign, advice in _ADVICE if sign in reason), "See --help for examples."
    )
    return UserError(reason, advice)


def _text(given: str | None) -> bytes:
    if given is None:
        return b""
    if given.startswith(("file://", "fileb://")):
        with opened(given) as file:
            return file.read()
    return given.encode()
