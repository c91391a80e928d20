"""Options about made-up items, which `fill` and `compare` share."""

import argparse
import json
from pathlib import Path
from typing import Any

from pannier.cli import options as shared
from pannier.cost.table_shape import TableShape
from pannier.errors import UserError
from pannier.generating.items import ItemGenerator, Wanted
from pannier.generating.keys import Layout
from pannier.generating.own_code import load_maker
from pannier.generating.size_distribution import SizeDistribution
from pannier.generating.templates import Template


def add_generator(parser: argparse.ArgumentParser) -> None:
    """How items are made."""
    group = parser.add_argument_group("made-up items")
    group.add_argument(
        "--seed", type=shared.whole, default=1, metavar="N",
        help="other seeds make other items (default %(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--template", metavar="FILE", help="JSON with a template for each attribute: docs/fill.md"
    )
    group.add_argument(
        "--generator", metavar="MODULE:FUNCTION",
        help="a Python function(number, random) that returns an item's attributes",
    )  # fmt: skip
    group.add_argument(
        "--size", metavar="BYTES",
        help="fill items up to this size: 500, 200-2000, or lognormal:800,0.7 (default 200-1000, "
        "or with a template as they are)",
    )  # fmt: skip
    group.add_argument(
        "--items-per-partition", type=shared.positive, default=10, metavar="N",
        help="of a table with a sort key (default %(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--skew", metavar="zipf:S", help="some partitions have many more, as zipf:1.1"
    )


def generator_of(options: argparse.Namespace, shape: TableShape, count: int) -> ItemGenerator:
    """What makes the items that the command line asks for.

    Raises:
        UserError: something about it can't be used.
    """
    wanted = Wanted(
        options.seed,
        Layout.of(count, options.items_per_partition, options.skew),
        SizeDistribution.of(options.size) if options.size else None,
        Template(_template(Path(options.template))) if options.template else None,
        load_maker(options.generator) if options.generator else None,
    )
    return ItemGenerator(shape, wanted)


def _template(path: Path) -> dict[str, Any]:
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}") from None
    except ValueError as error:
        raise UserError(f"{path} is not JSON: {error}") from None
    if not isinstance(given, dict):
        raise UserError(f"{path} is no template", 'Write an object: {"name": {"words": 2}, ...}')
    return given
