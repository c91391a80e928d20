"""`pannier plan`: what a job will take, before it is begun."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Final

from pannier.cli import options as shared
from pannier.cli.format_options import add_read_options, read_options
from pannier.cli.plan_inputs import plan_read, plan_scan, plan_write
from pannier.cli.plan_table import show_plan
from pannier.cli.status import DONE
from pannier.cost.prices import US_EAST_1, Prices
from pannier.cost.prices_file import prices_of_file
from pannier.errors import UserError
from pannier.planning.against import differences, read_report

_EXAMPLES: Final = """  pannier plan batch-products.json
  pannier plan items.jsonl --table shop --key PK:S,SK:S --index GSI1=GSI1PK:S,GSI1SK:S
  pannier plan items.jsonl --table shop --write-units 500 --output json
  pannier plan items.jsonl --table shop --against-table all
  pannier plan keys.jsonl --table shop --get --consistent
  pannier plan keys.jsonl --table shop --delete
  pannier plan --scan shop
  pannier write items.jsonl --table shop --report report.json
  pannier plan items.jsonl --table shop --against report.json
"""
_LOOKED_UP: Final = 1000
_LOOKED_UP_MAX: Final = 100_000
_KIB: Final = 1024


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="what `write` would write, or with --get read"
    )
    parser.add_argument("--table", metavar="NAME", help="where items go that name no table")
    parser.add_argument("--get", action="store_true", help="the files hold keys that are read")
    parser.add_argument(
        "--delete",
        action="store_true",
        help="the files hold keys that are deleted, or items whose keys are taken",
    )
    parser.add_argument("--scan", metavar="TABLE", help="plan a scan of this table instead")
    add_read_options(parser)
    shared.add_target(parser)
    _add_table(parser)
    _add_contents(parser)
    parser.add_argument(
        "--every-write", action="store_true", help="as `write` has it: send every write of a key"
    )
    parser.add_argument("--consistent", action="store_true", help="consistent reads")
    parser.add_argument(
        "--segments", type=shared.positive, default=1, metavar="N", help="segments of a scan"
    )
    parser.add_argument(
        "--sample",
        type=shared.positive,
        metavar="N",
        help="with --scan: read N items for their sizes; this costs read units",
    )
    shared.add_budget(parser, "write")
    shared.add_budget(parser, "read")
    parser.add_argument(
        "--prices",
        metavar="FILE|aws",
        help="a price table in TOML or JSON; aws asks the AWS price list, with your credentials "
        f"(default: {US_EAST_1.region}, read {US_EAST_1.read_on})",
    )
    parser.add_argument("--against", metavar="REPORT", help="the JSON that --report FILE wrote")
    parser.add_argument("--output", choices=("table", "json"), default="table")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Plan a job."""
    if bool(options.files) == bool(options.scan):
        raise UserError("name what to plan", "Give files, or --scan TABLE.")
    if options.get + options.delete + bool(options.scan) > 1:
        raise UserError("--get, --delete and --scan are different jobs", "Plan one at a time.")
    shared.only_one_pipe(options.files)
    report = read_report(Path(options.against)) if options.against else None
    prices = _prices(options.prices)
    with shared.open_connection(options) as connection:
        if options.scan:
            plan = plan_scan(connection, options, prices)
        elif options.get:
            plan = plan_read(connection, options, prices, read_options(options))
        else:
            plan = plan_write(connection, options, prices, read_options(options))
        plan.target = connection.target.name
    beside = differences(plan, report) if report is not None else None
    if options.output == "json":
        shown = plan.to_json()
        if beside is not None:
            shown["against"] = [each.to_json() for each in beside]
        sys.stdout.write(json.dumps(shown, indent=2) + "\n")
    else:
        show_plan(plan, beside)
    return DONE


def _add_table(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("a table that the target does not have")
    group.add_argument("--key", metavar="KEY", help="as create-table has it: PK:S,SK:S")
    group.add_argument("--index", action="append", default=[], metavar="NAME=KEY")
    group.add_argument("--local-index", action="append", default=[], metavar="NAME=SORTKEY")
    group.add_argument("--provisioned", metavar="READ,WRITE")
    group.add_argument(
        "--description", metavar="FILE", help="the answer of describe-table, or its request"
    )


def _add_contents(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what the table has before the job")
    group.add_argument(
        "--overwrites", type=_share, metavar="N%",
        help="so many of the keys are there (default: none of those put, all of those deleted)",
    )  # fmt: skip
    group.add_argument(
        "--index-moves", type=_share, default=0.0, metavar="N%",
        help="of items overwritten: so many have other index keys (default 0%%)",
    )  # fmt: skip
    group.add_argument(
        "--item-size", type=_bytes, metavar="BYTES",
        help="the size of an item that is overwritten, deleted or read, e.g. 900 or 4KB",
    )  # fmt: skip
    group.add_argument(
        "--missing", type=_share, default=0.0, metavar="N%",
        help="so many of the keys read are not there (default 0%%)",
    )  # fmt: skip
    group.add_argument(
        "--against-table", nargs="?", type=_lookups, const=_LOOKED_UP, metavar="N|all",
        help=f"look up N of the keys in the table (default {_LOOKED_UP:,}; all: up to "
        f"{_LOOKED_UP_MAX:,}); this costs read units",
    )  # fmt: skip


def _prices(given: str | None) -> Prices:
    if given is None:
        return US_EAST_1
    if given != "aws":
        return prices_of_file(Path(given))
    from pannier.cli.aws_prices import prices_of_aws

    return prices_of_aws(time.strftime("%Y-%m"))


def _share(text: str) -> float:
    try:
        number = float(text.removesuffix("%")) / 100
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share from 0% to 100%")
    return number


def _bytes(text: str) -> int:
    number = text.upper().removesuffix("B")
    factor = _KIB if number.endswith("K") else 1
    number = number.removesuffix("K").strip()
    if not number.isdigit() or int(number) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: 900, 4KB")
    return int(number) * factor


def _lookups(text: str) -> int:
    return _LOOKED_UP_MAX if text == "all" else min(shared.positive(text), _LOOKED_UP_MAX)
