"""`pannier tables`: the tables of a target, one a line; with `--long` what each of them is."""

import argparse
import json
import sys
from typing import Any, Final

from pannier.batch.calls import CallError
from pannier.cli import options as shared
from pannier.cli.status import DONE
from pannier.library.connection import Connection

_EXAMPLES: Final = """  pannier tables
  pannier tables --long
  pannier tables --long --output json
  pannier tables --target aws
"""
_ON_DEMAND: Final = "PAY_PER_REQUEST"
_NO_TABLE: Final = "ResourceNotFoundException"


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument(
        "--long",
        action="store_true",
        help="of each its status, items, bytes and billing, too; takes a call for each table",
    )
    parser.add_argument(
        "--output",
        choices=("text", "json"),
        default="text",
        help="how they are written (default %(default)s)",
    )
    shared.add_target(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List the tables."""
    with shared.open_connection(options) as connection:
        tables: list[dict[str, Any]] = [{"name": name} for name in connection.tables()]
        if options.long:
            found = (_described(connection, table["name"]) for table in tables)
            tables = [table for table in found if table is not None]
    if options.output == "json":
        answer = {"tables": tables}
        sys.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")
    elif options.long and tables:
        _show(tables)
    else:
        sys.stdout.writelines(f"{table['name']}\n" for table in tables)
    if not tables:
        sys.stderr.write("no tables yet; make one: pannier create-table NAME --key PK:S,SK:S\n")
    return DONE


def _described(connection: Connection, name: str) -> dict[str, Any] | None:
    """A table as plain values; None if it has gone since the list was made."""
    try:
        description = connection.table(name).describe()
    except CallError as error:
        if error.code == _NO_TABLE:
            return None
        raise
    billing = (description.get("BillingModeSummary") or {}).get("BillingMode", "PROVISIONED")
    units = description.get("ProvisionedThroughput") or {}
    is_provisioned = billing != _ON_DEMAND
    return {
        "name": name,
        "status": description["TableStatus"],
        "items": description.get("ItemCount", 0),
        "bytes": description.get("TableSizeBytes", 0),
        "billing": billing,
        "read_units": units.get("ReadCapacityUnits") if is_provisioned else None,
        "write_units": units.get("WriteCapacityUnits") if is_provisioned else None,
    }


def _show(tables: list[dict[str, Any]]) -> None:
    rows = [("name", "status", "items", "bytes", "billing")]
    for table in tables:
        billing = "on demand"
        if table["billing"] != _ON_DEMAND:
            billing = f"{table['read_units']} read, {table['write_units']} write units"
        items, size = f"{table['items']:,}", f"{table['bytes']:,}"
        rows.append((table["name"], table["status"], items, size, billing))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, status, items, size, billing in rows:
        sys.stdout.write(
            f"{name:{widths[0]}}  {status:{widths[1]}}  {items:>{widths[2]}}  {size:>{widths[3]}}"
            f"  {billing}\n"
        )
