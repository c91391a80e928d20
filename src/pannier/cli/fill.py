"""`pannier fill`: made-up items for a table, any number, the same ones for the same seed."""

import argparse
import sys
from typing import Final

from pannier.cli import options as shared
from pannier.cli.described import described
from pannier.cli.generator_options import add_generator, generator_of
from pannier.cli.job import Job
from pannier.cli.job_journals import add_journal
from pannier.cli.status import DONE
from pannier.cost.table_shape import TableShape
from pannier.files.json_sinks import to_dynamodb_json
from pannier.files.plain_json import to_plain_json
from pannier.generating.items import ItemGenerator

_EXAMPLES: Final = """  pannier fill shop --count 10000
  pannier fill shop --count 5 --dry-run
  pannier fill shop --count 10000 --seed 7 --size lognormal:800,0.7 --items-per-partition 50
  pannier fill shop --count 10000 --skew zipf:1.1 --write-units 1000
  pannier fill shop --count 10000 --template products.json --report report.json
  pannier fill shop --count 10000 --resume
"""
_SHOWN: Final = 5


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument("table", metavar="TABLE", help="the table to fill")
    parser.add_argument(
        "--count", type=shared.positive, required=True, metavar="N", help="how many items"
    )
    add_generator(parser)
    parser.add_argument(
        "--dry-run", action="store_true",
        help=f"print the first {_SHOWN} items, one JSON object a line, and write nothing",
    )  # fmt: skip
    parser.add_argument(
        "--format", choices=("plain", "dynamodb"), default="plain", help="of --dry-run"
    )
    shared.add_target(parser)
    shared.add_job(parser)
    shared.add_budget(parser, "write")
    add_journal(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Fill a table."""
    with shared.open_connection(options) as connection:
        description = described(connection, options.table)
        shape = TableShape.of({**description, "TableName": options.table})
        generator = generator_of(options, shape, options.count)
        if options.dry_run:
            return _show(generator, options)
        if options.skew and not shape.schema.sort:
            sys.stderr.write(
                f"pannier: {options.table} has no sort key, so skewed keys repeat: items overwrite "
                "each other\n"
            )
        # The template decides what is made; a job that goes on must have the same one.
        sources = [options.template] if options.template else []
        job = Job(
            options,
            sources,
            connection.target,
            "filling",
            lambda report: report.read / options.count,
        )
        status = job.complete_before()
        if status is not None:
            return status
        with job:
            connection.write(
                generator.operations(job.pass_by()),
                options=shared.job_options(options),
                on_failure=job.failures.add,
                journal=job.journal,
                report=job.follow,
            )
    return job.end()


def _show(generator: ItemGenerator, options: argparse.Namespace) -> int:
    encode = to_plain_json if options.format == "plain" else to_dynamodb_json
    for number in range(min(_SHOWN, options.count)):
        sys.stdout.write(encode(generator.item(number)).decode() + "\n")
    return DONE
