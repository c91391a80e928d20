"""Options about files that several commands share: which format, which types, which columns."""

import argparse
import sys
from typing import Final

from pannier.files.column_types import parse_types
from pannier.files.formats import READ
from pannier.files.sink import WRITTEN, WriteOptions
from pannier.files.source import ReadOptions

_DELIMITERS: Final = {"tab": "\t", "\\t": "\t"}


def add_read_options(parser: argparse.ArgumentParser, *, format_option: str = "--format") -> None:
    """Options about the files that a command reads."""
    parser.add_argument(
        format_option,
        dest="read_format",
        choices=READ,
        default="auto",
        metavar="FORMAT",
        help=f"what the files are: {', '.join(READ)} (default: what they look like); plain and "
        "dynamodb are the two forms of items in JSON",
    )
    parser.add_argument(
        "--types",
        metavar="NAME:TYPE,...",
        help="types of CSV columns, e.g. price:N,tags:SS,meta:M (default: those of a header like "
        "price:N, else from the first rows, and shown)",
    )
    parser.add_argument(
        "--empty",
        choices=("absent", "null", "text"),
        default="absent",
        help="what empty cells and nulls become: left out, NULL, or an empty text (default "
        "%(default)s)",
    )
    parser.add_argument(
        "--columns", metavar="NAME,...", help="take these columns only (CSV, Parquet, Arrow)"
    )
    parser.add_argument(
        "--delimiter",
        metavar="SIGN",
        default="",
        help="what stands between cells of CSV, e.g. ';' or tab (default: found in the header)",
    )


def read_options(options: argparse.Namespace) -> ReadOptions:
    """How files are read, from the command line.

    Raises:
        UserError: the types make no sense.
    """
    return ReadOptions(
        table=options.table,
        format=options.read_format,
        types=parse_types(options.types) if options.types else {},
        empty=options.empty,
        columns=tuple(options.columns.split(",")) if options.columns else None,
        delimiter=_DELIMITERS.get(options.delimiter, options.delimiter),
        notice=_notice,
    )


def add_write_options(parser: argparse.ArgumentParser) -> None:
    """Options about the file that a command writes."""
    parser.add_argument(
        "--format",
        choices=WRITTEN,
        default="auto",
        metavar="FORMAT",
        help=f"of what is written: {', '.join(WRITTEN)} (default: what the ending of the name "
        "says, else dynamodb, one item a line)",
    )
    parser.add_argument(
        "--types-header",
        action="store_true",
        help="write the types into a CSV header (price:N), so that everything comes back as it was",
    )
    parser.add_argument(
        "--numbers",
        choices=("exact", "float"),
        default="exact",
        help="columns of Parquet and Arrow: with all digits, or floating-point (default "
        "%(default)s)",
    )


def write_options(options: argparse.Namespace, table: str | None) -> WriteOptions:
    """How a file is written, from the command line."""
    return WriteOptions(options.format, table or "", options.types_header, options.numbers)


def _notice(text: str) -> None:
    sys.stderr.write(f"pannier: {text}\n")
