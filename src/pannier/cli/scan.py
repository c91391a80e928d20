"""`pannier scan`: all items of a table or index, into any format."""

import argparse
import random
from typing import Final

from pannier.batch.pages.extent import Extent
from pannier.batch.pages.sampling import sample_of
from pannier.cli import options as shared
from pannier.cli.format_options import add_write_options
from pannier.cli.job_journals import add_journal
from pannier.cli.page_options import add_reading
from pannier.cli.page_reading import Cut, read_items
from pannier.cli.spark_options import add_spark, check_spark
from pannier.errors import UserError

_EXAMPLES: Final = """  pannier scan shop
  pannier scan shop --out shop.jsonl --resume
  pannier scan shop --out shop.parquet --project "PK, SK, price"
  pannier scan shop --filter "price > :low AND contains(name, :a)" --values '{":low": 5, ":a": "e"}'
  pannier scan shop --index GSI1 --segments 8 --read-units 500
  pannier scan shop --sample 100 --format plain
  pannier scan shop --dry-run
  pannier scan shop --out shop-lines --target aws --spark 'local[4]'
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument("table", metavar="TABLE", help="the table's name")
    add_reading(parser)
    parser.add_argument(
        "--segments",
        type=shared.positive,
        metavar="N",
        help="in how many segments it is read, side by side (default: by the table's size; 1 with "
        "--limit)",
    )
    parser.add_argument(
        "--sample",
        type=shared.positive,
        metavar="N",
        help="about N items from all over the table: of many small segments some are drawn at "
        "random, and a few items of each are read",
    )
    add_write_options(parser)
    shared.add_target(parser)
    shared.add_run(parser)
    shared.add_budget(parser, "read")
    add_journal(parser)
    add_spark(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Scan the table."""
    check_spark(options)
    if options.spark and not options.dry_run:
        from pannier.cli.scan_on_spark import scan_on_spark  # PySpark is an extra

        return scan_on_spark(options)
    if options.sample:
        for name in ("limit", "segments", "journal", "resume"):
            if getattr(options, name):
                raise UserError(f"--sample and --{name} don't go together", "Leave one out.")

    def cut(found: Extent) -> Cut:
        if not options.sample:
            return Cut(1 if options.limit and not options.segments else options.segments)
        return Cut(sample=sample_of(found.items, options.sample, random.Random()))

    return read_items(options, "Scan", cut)
