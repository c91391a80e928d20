"""`pannier diff`: in which items two tables differ, as JSON lines.

The exit status is that of `diff`: 0 if they are equal, 1 if they are not, 2 for trouble.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import orjson

from pannier.batch.options import Options
from pannier.batch.reads.projection import Projection, projection_of_names
from pannier.batch.tables.differences import Difference, Extract, Summary
from pannier.cli import options as shared
from pannier.cli.described import described
from pannier.cli.status import DONE, USAGE
from pannier.cli.two_targets import add_targets, described_there, is_same_table, open_two
from pannier.errors import PannierError, UserError

_EXAMPLES: Final = """  pannier diff shop shop-2
  pannier diff shop shop --to-target local:backup --out differences.jsonl
  pannier diff shop shop-2 --keys-only
  pannier diff shop shop-2 --project "price, name" --read-units 500
  pannier diff shop shop-2 --sample 100
"""
_DEFAULTS: Final = Options()
_DIFFERENT: Final = 1
_TROUBLE: Final = USAGE  # as `diff` has it


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument("table", metavar="TABLE_A", help="one table")
    parser.add_argument("other", metavar="TABLE_B", help="the other")
    add_targets(parser, "TABLE_B")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--keys-only", action="store_true", help="compare only which keys there are")
    what.add_argument(
        "--project", metavar="ATTRIBUTES", help='compare only these, e.g. "price, tags[0]"'
    )
    parser.add_argument(
        "--sample",
        type=shared.positive,
        metavar="N",
        help="about N items of each table, drawn at random, are looked up in both; says nothing of "
        "the others",
    )
    parser.add_argument(
        "--out", metavar="FILE", help="where differences go (default standard output)"
    )
    parser.add_argument(
        "--parallel", type=shared.positive, default=_DEFAULTS.parallel, metavar="N",
        help="calls in flight at most, on each table (default %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--give-up-after", type=shared.seconds, default=_DEFAULTS.give_up_after_s,
        metavar="SECONDS",
        help="give up after this long without any progress (default %(default)g)",
    )  # fmt: skip
    shared.add_budget(parser, "read")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare two tables."""
    try:
        summary = _compare(options)
    except PannierError as error:
        words, advice = (getattr(error, name, "") for name in ("message", "advice"))
        sys.stderr.write("\n".join(filter(None, [f"pannier: {words or error}", advice])) + "\n")
        return _TROUBLE
    _tell(options, summary)
    return DONE if summary.is_equal else _DIFFERENT


def _compare(options: argparse.Namespace) -> Summary:
    projection = projection_of_names(options.project) if options.project else Projection()
    extract = Extract(projection, options.keys_only, options.sample)
    with open_two(options) as connection:
        one, other = (
            described(connection, options.table),
            described_there(connection, options.other),
        )
        if other is None:
            raise UserError(
                f"there is no table {options.other} at {connection.other.name}",
                "--to-target names another place.",
            )
        if is_same_table(connection, one, other):
            raise UserError(
                f"{options.table} would be compared with itself",
                "Name another table, or another target with --to-target.",
            )
        with _output(options.out) as file:
            return connection.diff(
                options.table,
                options.other,
                options=shared.job_options(options),
                extract=extract,
                on_difference=lambda each: _write(file, each),
            )


def _write(file: IO[bytes], difference: Difference) -> None:
    file.write(orjson.dumps(difference.to_json()) + b"\n")


@contextmanager
def _output(name: str | None) -> Iterator[Any]:
    if name is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with Path(name).open("wb") as file:
            yield file
    except OSError as error:
        raise UserError(
            f"{name} can't be written: {error.strerror}", "Name another file with --out."
        ) from None


def _tell(options: argparse.Namespace, summary: Summary) -> None:
    """The summary, on standard error."""
    only_a, only_b = summary.only_in["a"], summary.only_in["b"]
    items = summary.items
    if options.sample:
        said = (
            f"sampled {items['a']:,} items of A and {items['b']:,} of B, and looked them up in "
            "both; nothing is known of the others"
        )
    else:
        said = f"compared {items['a']:,} items of A and {items['b']:,} of B"
        if summary.resolved:
            said += f"; {summary.resolved:,} that seemed to differ were equal at a second look"
    sys.stderr.write(
        f"pannier: {said}\n"
        f"pannier: {only_a:,} only in A, {only_b:,} only in B, {summary.different:,} differ; "
        f"{summary.read_units:,g} read units\n"
    )
