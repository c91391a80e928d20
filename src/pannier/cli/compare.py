"""`pannier compare`: single calls beside batches, on the same keys, both measured."""

import argparse
import asyncio
import json
import shlex
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pannier.batch.calls import CallError
from pannier.batch.operation import Kind, Operation
from pannier.batch.report import Failure
from pannier.cli import options as shared
from pannier.cli.async_interrupts import cancelled_by_signals
from pannier.cli.compare_table import show_comparison
from pannier.cli.create_table import short_form
from pannier.cli.format_options import add_read_options, read_options
from pannier.cli.generator_options import add_generator, generator_of
from pannier.cli.missing_table import create_line
from pannier.cli.status import DONE
from pannier.comparing.claims import claims
from pannier.comparing.comparison import Comparison
from pannier.comparing.own_keys import OwnKeys, OwnTable
from pannier.comparing.running import Comparing, Wanted
from pannier.cost.table_shape import TableShape
from pannier.errors import ServiceError, UserError
from pannier.files.reading import read_writes
from pannier.files.source import ReadOptions
from pannier.library.aio import AsyncConnection
from pannier.library.connecting import connect_async
from pannier.model.attribute_value import Item, check_item
from pannier.model.key_schema import KeySchema
from pannier.targets.resolve import resolve

_EXAMPLES: Final = """  pannier compare batch-products.json
  pannier compare large-batch.json --rounds 5 --chart compare.svg
  pannier compare items.jsonl --table shop --project "PK, name" --output json
  pannier compare --table shop --count 500
  pannier compare items.jsonl --table shop --in-place --yes
"""
_NOT_FOUND: Final = "ResourceNotFoundException"
_SHOWN_ATTRIBUTES: Final = 2


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help="items, in any format that `write` reads"
    )
    parser.add_argument(
        "--table", metavar="NAME", help="the table whose keys and indexes are used, and where "
        "items belong that name no table",
    )  # fmt: skip
    parser.add_argument(
        "--count", type=shared.positive, metavar="N", help="make up N items instead of a file"
    )
    parser.add_argument(
        "--limit", type=shared.positive, default=1000, metavar="N",
        help="take the first N items of the file (default %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--rounds", type=shared.positive, default=3, metavar="N",
        help="passes of each way; the ways take turns, and medians are shown (default %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--project", metavar="ATTRIBUTES",
        help="what the projected reads ask for (default: the key and two attributes)",
    )  # fmt: skip
    parser.add_argument("--consistent", action="store_true", help="consistent reads")
    parser.add_argument(
        "--parallel", type=shared.positive, default=32, metavar="N",
        help="calls in flight at most, of batches side by side (default %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--in-place", action="store_true",
        help="write into the table itself, under keys of its own that are removed again (default: "
        "into a table of its own, which is made and deleted)",
    )  # fmt: skip
    parser.add_argument("--yes", action="store_true", help="with --in-place: do not ask")
    parser.add_argument("--chart", metavar="FILE.png|FILE.svg", help="draw the comparison")
    parser.add_argument("--output", choices=("table", "json"), default="table")
    add_read_options(parser)
    add_generator(parser)
    group = parser.add_argument_group("a table that the target does not have")
    group.add_argument("--key", metavar="KEY", help="as create-table has it: PK:S,SK:S")
    group.add_argument("--index", action="append", default=[], metavar="NAME=KEY")
    group.add_argument("--local-index", action="append", default=[], metavar="NAME=SORTKEY")
    shared.add_target(parser)
    parser.set_defaults(run=run, provisioned=None)


def run(options: argparse.Namespace) -> int:
    """Compare."""
    if (options.file is None) == (options.count is None):
        raise UserError("name what to compare with", "Give a file of items, or --count N.")
    if options.chart:
        from pannier.comparing.chart import check_chart

        check_chart(Path(options.chart))
    target = resolve(options.target)
    sys.stderr.write(f"target: {target.name}\n")
    try:
        comparison = asyncio.run(cancelled_by_signals(_compare(connect_async(target), options)))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    found = claims(comparison)
    if options.chart:
        from pannier.comparing.chart import draw

        draw(comparison, Path(options.chart))
        sys.stderr.write(f"pannier: the chart is {options.chart}\n")
    if options.output == "json":
        shown = {**comparison.to_json(), "claims": [each.to_json() for each in found]}
        sys.stdout.write(json.dumps(shown, indent=2) + "\n")
    else:
        show_comparison(comparison, found)
    return DONE


async def _compare(connection: AsyncConnection, options: argparse.Namespace) -> Comparison:
    async with connection:
        if options.file is not None:
            table, items = _items_of_file(options.file, read_options(options), options.limit)
        else:
            table, items = options.table or "", []
        description, is_there = await _description(connection, options, table, items)
        shape = TableShape.of({**description, "TableName": table})
        if options.count:
            generator = generator_of(options, shape, options.count)
            items = [generator.item(number) for number in range(options.count)]
        items = _distinct(items, shape.schema)
        wanted = Wanted(
            options.rounds,
            options.project or _projection(items, shape.schema),
            options.consistent,
            options.parallel,
        )
        comparison = Comparison(
            connection.target.name, table, len(items), options.rounds, wanted.projection
        )
        place: OwnTable | OwnKeys
        if options.in_place:
            _ask(options, table, is_there=is_there)
            place = OwnKeys(connection, table, shape.schema, items)
            items = place.items
        else:
            place = OwnTable(connection, description)
        async with place as name:
            comparing = Comparing(connection, name, shape.schema, wanted)
            try:
                await comparing.writes(items, comparison)
                keys = [shape.schema.key_of(item) for item in items]
                await comparing.reads(keys, comparison)
            except CallError as error:
                raise UserError(f"{error.operation} was refused: {error}") from None
        return comparison


def _items_of_file(name: str, wanted: ReadOptions, limit: int) -> tuple[str, list[Item]]:
    """The table and the items of a file; deletes are passed over.

    Raises:
        UserError: it can't be read, holds no items, or items of several tables.
    """
    operations = list(islice(_puts(name, wanted), limit))
    tables = {each.table for each in operations}
    if not operations:
        raise UserError(f"{name} holds no items to write")
    if len(tables) > 1:
        raise UserError(
            f"{name} holds items of {len(tables)} tables: {', '.join(sorted(tables))}",
            "Compare with the items of one.",
        )
    return tables.pop(), [each.attributes for each in operations]


def _puts(name: str, wanted: ReadOptions) -> Iterator[Operation]:
    for element in read_writes(name, wanted):
        if isinstance(element, Failure):
            raise UserError(f"{element.origin}: {element.reason}", "Put it right, or leave it out.")
        if element.kind is Kind.PUT:
            yield element


async def _description(
    connection: AsyncConnection, options: argparse.Namespace, table: str, items: list[Item]
) -> tuple[dict[str, Any], bool]:
    """What the table looks like, and whether it is there."""
    if table:
        try:
            answer = await connection.call("DescribeTable", {"TableName": table})
        except CallError as error:
            if error.code != _NOT_FOUND:
                raise UserError(str(error)) from None
        else:
            description: dict[str, Any] = answer["Table"]
            return description, True
    if options.key:
        return short_form(options), False
    if not items:
        raise UserError(
            f"there is no table {table} here" if table else "nobody knows what table to use",
            "Name one that is there with --table, or say what it looks like: --key PK:S,SK:S",
        )
    line = shlex.split(create_line(table, items[0], is_key=False))
    guessed = argparse.Namespace(key=None, index=[], local_index=[], provisioned=None)
    for option, value in zip(line[3::2], line[4::2], strict=True):
        if option == "--key":
            guessed.key = value
        else:
            guessed.index.append(value)
    sys.stderr.write(f"pannier: there is no table {table}; taken as {shlex.join(line[3:])}\n")
    return short_form(guessed), False


def _distinct(items: list[Item], schema: KeySchema) -> list[Item]:
    """One item for each key, the last; checked as the service will.

    Raises:
        UserError: the service would refuse one.
    """
    by_key: dict[bytes, Item] = {}
    for position, item in enumerate(items, start=1):
        try:
            check_item(item)
            by_key[b"".join(schema.item_key(item))] = item
        except ServiceError as error:
            raise UserError(f"item {position}: {error.message}", "Put it right.") from None
    return list(by_key.values())


def _projection(items: list[Item], schema: KeySchema) -> str:
    others = [name for name in items[0] if name not in schema.names]
    shown = min(_SHOWN_ATTRIBUTES, max(1, len(others) // 2))
    return ", ".join([*schema.names, *others[:shown]])


def _ask(options: argparse.Namespace, table: str, *, is_there: bool) -> None:
    """Ask before anything is written into a table that is there.

    Raises:
        UserError: the answer is no, or nobody can answer.
    """
    if not is_there:
        raise UserError(f"there is no table {table} here", "Leave --in-place out.")
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise UserError(
            f"this writes into {table}, under keys that begin with pannier-compare-",
            "Say --yes to let it, or leave --in-place out to use a table of its own.",
        )
    sys.stderr.write(
        f"This writes items into {table}, under keys that begin with pannier-compare-, and removes "
        "them again. Go on? [y/N] "
    )
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UserError("nothing was written")
